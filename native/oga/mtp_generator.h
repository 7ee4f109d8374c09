// OgaMtpGenerator: a model whose own head drafts several tokens ahead. Plain C++, no Node-API.
//
// One thread at a time may call any method (the owner thread, or the JS thread while that is idle).
#pragma once

#include <vector>

#include "model.h"
#include "speculative_stats.h"

namespace oga {

struct MtpCounts {
  size_t forwards = 0;  // passes of the main model
  size_t accepted = 0;  // drafts that were taken
  size_t trials = 0;    // drafts
};

class MtpGenerator {
 public:
  // Throws kInvalidArgument: models that do not go together, a batch, beams.
  MtpGenerator(const RuntimePtr& runtime, const Handle<OgaModel>& main_model, const Handle<OgaModel>& mtp_model,
               const Handle<OgaGeneratorParams>& params);

  void AppendTokens(const std::vector<int32_t>& tokens);  // runs the prefill
  void GenerateNextToken();                               // nothing when IsDone
  void Reset();
  bool IsDone() const;
  std::vector<int32_t> Sequence() const;
  MtpCounts Counts() const;
  SpeculativeStats GetSpeculativeStats() const;

 private:
  const Api& api() const { return runtime_->api(); }

  RuntimePtr runtime_;
  Handle<OgaModel> main_model_;
  Handle<OgaModel> mtp_model_;
  Handle<OgaMtpGenerator> handle_;
};

}  // namespace oga
