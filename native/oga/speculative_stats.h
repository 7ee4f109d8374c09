// OgaSpeculativeStats as plain numbers. Plain C++, no Node-API.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "handle.h"

namespace oga {

struct SpeculativeStats {
  std::vector<std::pair<const char*, double>> numbers;  // counts and others by the library's names
  bool formula_supported = false;
  std::vector<double> accepted_lengths;  // how many rounds accepted 0, 1, 2, ... drafts
};

// Takes over `stats`. A name that this version lacks is 0.
SpeculativeStats ReadSpeculativeStats(const RuntimePtr& runtime, OgaSpeculativeStats* stats);

}  // namespace oga
