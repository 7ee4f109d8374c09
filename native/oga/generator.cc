#include "generator.h"

#include <algorithm>
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

template <typename Append>
void Generator::Prefill(Append append) {
  DemandUsable();
  const size_t length_before = TokenCount();
  {
    const std::lock_guard<std::mutex> lock(control_);
    if (cancel_requested()) throw Cancelled();
    prefilling_ = true;
  }
  OgaResult* result = append();
  bool terminated = false;
  {
    const std::lock_guard<std::mutex> lock(control_);
    prefilling_ = false;
    terminated = terminated_by_us_;
    if (terminated) SetTerminated(false);
  }
  if (result == nullptr && !terminated) {
    kept_.clear();
    stale_logits_ = false;
    has_logits_ = true;
    return;
  }
  Undo(length_before);
  if (terminated) {
    if (result != nullptr) api().OgaDestroyResult(result);
    throw Cancelled();
  }
  Check(api(), result);
}

// The library has counted the tokens although it has not run them all. With beams it cannot rewind.
void Generator::Undo(size_t length) {
  if (api().OgaGenerator_TokenCount(handle_.get()) <= (kept_.empty() ? length : 0)) return;
  try {
    if (grows_) {
      Keep(length);
    } else {
      Check(api(), api().OgaGenerator_RewindTo(handle_.get(), length));
      stale_logits_ = length > 0;
    }
  } catch (const Error&) {
    unusable_ = true;
  }
}

// A KV cache that grows cannot be shortened: the library (0.18.0) takes the kept part from the wrong places when it
// rewinds twice, or after a run that was cut off. So it is emptied, and the kept tokens run again with what comes next.
void Generator::Keep(size_t length) {
  std::vector<int32_t> tokens = Sequence(0);
  tokens.resize(length);
  Check(api(), api().OgaGenerator_RewindTo(handle_.get(), 0));
  kept_ = std::move(tokens);
  stale_logits_ = false;
  has_logits_ = false;
}

void Generator::DemandUsable() const {
  if (!unusable_) return;
  throw Error(Code::kNative,
              "A prefill of this Generator was cut off and cannot be undone with beams; create another.");
}

// The library (0.14.1 to 0.18.0) never runs the last generated token when other tokens are appended behind it: a shared
// KV buffer then has a hole in that place (logits off by more than 1), a growing one fails for its shape.
void Generator::RunGeneratedToken() {
  if (last_token_has_run_) return;
  if (beams_) {
    throw Error(Code::kInvalidArgument, "With beams no tokens can be appended behind generated ones; rewindTo(0) first.");
  }
  Make<OgaTensor>(runtime_, &Api::OgaDestroyTensor,
                  [&](OgaTensor** out) { return api().OgaGenerator_GetLogits(handle_.get(), out); });
  last_token_has_run_ = true;
}

void Generator::AppendTokens(const std::vector<int32_t>& tokens) {
  RunGeneratedToken();
  std::vector<int32_t> all = kept_;
  all.insert(all.end(), tokens.begin(), tokens.end());
  Prefill([&] { return api().OgaGenerator_AppendTokens(handle_.get(), all.data(), all.size()); });
}

void Generator::AppendTokenSequences(const std::vector<std::vector<int32_t>>& rows) {
  RunGeneratedToken();
  if (!kept_.empty()) AppendTokens({});
  const auto sequences = Make<OgaSequences>(runtime_, &Api::OgaDestroySequences,
                                            [&](OgaSequences** out) { return api().OgaCreateSequences(out); });
  for (const auto& row : rows) {
    Check(api(), api().OgaAppendTokenSequence(row.data(), row.size(), sequences.get()));
  }
  Prefill([&] { return api().OgaGenerator_AppendTokenSequences(handle_.get(), sequences.get()); });
}

// After RewindTo(n > 0) the library still holds the logits of the longer sequence, and its next step would repeat a
// token of it (seen on 0.15.2 and 0.18.0). Running the last kept token again puts the right ones in their place.
void Generator::RestoreLogits() {
  if (!kept_.empty()) AppendTokens({});
  if (stale_logits_) RunLastTokenAgain();
}

void Generator::RunLastTokenAgain() {
  {
    const std::lock_guard<std::mutex> lock(control_);
    DemandNotTerminated();  // or the token would be taken off and could not be put back
  }
  const std::vector<int32_t> sequence = Sequence(0);
  Check(api(), api().OgaGenerator_RewindTo(handle_.get(), sequence.size() - 1));
  Check(api(), api().OgaGenerator_AppendTokens(handle_.get(), &sequence.back(), 1));
  stale_logits_ = false;
  has_logits_ = true;
}

void Generator::GenerateNextToken() {
  DemandUsable();
  RestoreLogits();
  if (IsDone()) return;
  const size_t length = TokenCount();
  Check(api(), api().OgaGenerator_GenerateNextToken(handle_.get()));
  has_logits_ = false;
  // An end-of-sequence token of the one row is not appended. To go on with several rows the library itself refuses.
  last_token_has_run_ = rows_ > 1 || TokenCount() == length;
}

void Generator::RewindTo(size_t length) {
  const size_t count = TokenCount();
  if (length < count) last_token_has_run_ = true;
  if (!kept_.empty()) {
    kept_.resize(std::min(length, count));
    return;
  }
  if (length == count) {
    // At max_length it is done without an end-of-sequence token.
    if (length == 0 || length == max_length_ || rows_ > 1 || beams_ || stale_logits_ || !IsDone()) return;
    grows_ ? Keep(length) : RunLastTokenAgain();
  } else if (grows_ && length > 0 && length < count) {
    Keep(length);
  } else {
    Check(api(), api().OgaGenerator_RewindTo(handle_.get(), length), Code::kInvalidArgument);
    stale_logits_ = length > 0;
    has_logits_ = false;
  }
}

void Generator::DemandNotTerminated() const {
  if (!api().OgaGenerator_IsSessionTerminated(handle_.get())) return;
  throw Error(Code::kNative, "The session is terminated; set the runtime option terminate_session to \"0\".");
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

Logits Generator::GetLogits() {
  RestoreLogits();
  const auto tensor = Make<OgaTensor>(runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) {
    return api().OgaGenerator_GetLogits(handle_.get(), out);
  });
  size_t rank = 0;
  Check(api(), api().OgaTensorGetShapeRank(tensor.get(), &rank));
  Logits logits;
  logits.shape.resize(rank);
  Check(api(), api().OgaTensorGetShape(tensor.get(), logits.shape.data(), rank));
  size_t count = 1;
  for (const int64_t dimension : logits.shape) count *= static_cast<size_t>(dimension);
  void* data = nullptr;
  Check(api(), api().OgaTensorGetData(tensor.get(), &data));
  const auto* values = static_cast<const float*>(data);
  logits.values.assign(values, values + count);
  has_logits_ = true;
  last_token_has_run_ = true;
  return logits;
}

void Generator::SetLogits(std::vector<float> values) {
  if (!has_logits_ || stale_logits_ || !kept_.empty()) GetLogits();  // the library replaces only what it has computed
  const int64_t shape[1] = {static_cast<int64_t>(values.size())};
  const auto tensor = Make<OgaTensor>(runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) {
    return api().OgaCreateTensorFromBuffer(values.data(), shape, 1, kOgaFloat32, out);
  });
  Check(api(), api().OgaGenerator_SetLogits(handle_.get(), tensor.get()), Code::kInvalidArgument);
}

void Generator::SetRuntimeOption(const std::string& key, const std::string& value) {
  const std::lock_guard<std::mutex> lock(control_);
  Check(api(), api().OgaGenerator_SetRuntimeOption(handle_.get(), key.c_str(), value.c_str()), Code::kInvalidArgument);
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
