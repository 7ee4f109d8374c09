#include "generator.h"

#include <utility>

namespace oga {

namespace {

size_t SearchCount(const Api& api, const OgaGeneratorParams* params, const char* name) {
  double value = 1;
  Check(api, api.OgaGeneratorParamsGetSearchNumber(params, name, &value));
  return static_cast<size_t>(value);
}

bool SearchFlag(const Api& api, const OgaGeneratorParams* params, const char* name) {
  bool value = false;
  Check(api, api.OgaGeneratorParamsGetSearchBool(params, name, &value));
  return value;
}

}  // namespace

Generator::Generator(const RuntimePtr& runtime, const Handle<OgaModel>& model, const Handle<OgaGeneratorParams>& params)
    : runtime_(runtime),
      model_(model),
      handle_(Make<OgaGenerator>(
          runtime, &Api::OgaDestroyGenerator,
          [&](OgaGenerator** out) { return runtime->api().OgaCreateGenerator(model.get(), params.get(), out); },
          Code::kInvalidArgument)),
      rows_(SearchCount(runtime->api(), params.get(), "batch_size") *
            SearchCount(runtime->api(), params.get(), "num_return_sequences")),
      max_length_(SearchCount(runtime->api(), params.get(), "max_length")),
      beams_(SearchCount(runtime->api(), params.get(), "num_beams") > 1),
      grows_(rows_ == 1 && !beams_ && !SearchFlag(runtime->api(), params.get(), "past_present_share_buffer")) {}

Generator::~Generator() { adapters_.End(std::move(handle_)); }

void Generator::DemandNotTerminated() const {
  if (!api().OgaGenerator_IsSessionTerminated(handle_.get())) return;
  throw Error(Code::kNative, "The session is terminated; set the runtime option terminate_session to \"0\".");
}

void Generator::DemandRunning() const {
  const std::lock_guard<std::mutex> lock(control_);
  DemandNotTerminated();
}

bool Generator::IsDone() const {
  const std::lock_guard<std::mutex> lock(control_);
  DemandNotTerminated();
  return kept_.empty() && api().OgaGenerator_IsDone(handle_.get());
}

size_t Generator::TokenCount() const {
  return kept_.empty() ? api().OgaGenerator_TokenCount(handle_.get()) : kept_.size();
}

std::vector<int32_t> Generator::NextTokens() const {
  const int32_t* tokens = nullptr;
  size_t count = 0;
  Check(api(), api().OgaGenerator_GetNextTokens(handle_.get(), &tokens, &count));
  return {tokens, tokens + count};
}

int32_t Generator::NextToken() const {
  const int32_t* tokens = nullptr;
  size_t count = 0;
  Check(api(), api().OgaGenerator_GetNextTokens(handle_.get(), &tokens, &count));
  if (count == 0) throw Error(Code::kNative, "The step gave no token.");
  return *tokens;
}

std::vector<int32_t> Generator::Sequence(size_t row) const {
  if (row >= rows_) {
    throw Error(Code::kInvalidArgument, "index must be below the number of sequences, " + std::to_string(rows_) +
                                            ", but is " + std::to_string(row) + ".");
  }
  if (!kept_.empty()) return kept_;
  const size_t count = api().OgaGenerator_GetSequenceCount(handle_.get(), row);
  const int32_t* tokens = api().OgaGenerator_GetSequenceData(handle_.get(), row);
  return {tokens, tokens + count};
}

void Generator::SetRuntimeOption(const std::string& key, const std::string& value) {
  const std::lock_guard<std::mutex> lock(control_);
  Check(api(), api().OgaGenerator_SetRuntimeOption(handle_.get(), key.c_str(), value.c_str()), Code::kInvalidArgument);
}

bool Generator::IsSessionTerminated() const {
  const std::lock_guard<std::mutex> lock(control_);
  return api().OgaGenerator_IsSessionTerminated(handle_.get());
}

void Generator::SetActiveAdapter(const std::shared_ptr<Adapters>& adapters, const std::string& name) {
  adapters_.Activate(adapters, handle_.get(), name);
}

SpeculativeStats Generator::GetSpeculativeStats() const {
  OgaSpeculativeStats* stats = nullptr;
  Check(api(), OGA_OPTIONAL(api(), OgaGenerator_GetSpeculativeStats)(handle_.get(), &stats));
  return ReadSpeculativeStats(runtime_, stats);
}

void Generator::SetTerminated(bool terminated) {
  // Takes only these two values, and must not throw: it is called from destructors and exit handlers.
  api().OgaDestroyResult(
      api().OgaGenerator_SetRuntimeOption(handle_.get(), "terminate_session", terminated ? "1" : "0"));
  terminated_by_us_ = terminated;
}

void Generator::RequestCancel() {
  const std::lock_guard<std::mutex> lock(control_);
  cancel_requested_.store(true, std::memory_order_relaxed);
  if (prefilling_ && !terminated_by_us_) SetTerminated(true);
}

void Generator::ClearCancel() {
  const std::lock_guard<std::mutex> lock(control_);
  cancel_requested_.store(false, std::memory_order_relaxed);
}

}  // namespace oga
