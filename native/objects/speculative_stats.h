// SpeculativeStats -> a plain JS object. JS thread only.
#pragma once

#include "../napi/setup.h"
#include "../oga/speculative_stats.h"

namespace addon {

// By the names of the library, and accepted_lengths: number[].
Napi::Object SpeculativeStatsToJs(Napi::Env env, const oga::SpeculativeStats& stats);

}  // namespace addon
