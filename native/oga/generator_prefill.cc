// Generator: appending tokens, and undoing what was cut off.
#include "generator.h"

#include <utility>

namespace oga {

template <typename Append>
void Generator::Prefill(Append append, Code code) {
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
  Check(api(), result, code);
}

// The library has counted the tokens although it has not run them all. With beams, and in multimodal models, it cannot
// rewind.
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
              "A prefill of this Generator was cut off and cannot be undone (beams, images, audio); create another.");
}

// The library (0.14.1 to 0.18.0) never runs the last generated token when other tokens are appended behind it: a shared
// KV buffer then has a hole in that place (logits off by more than 1), a growing one fails for its shape.
void Generator::RunGeneratedToken() {
  if (last_token_has_run_) return;
  if (beams_) {
    throw Error(Code::kInvalidArgument,
                "With beams no tokens can be appended behind generated ones; rewindTo(0) first.");
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

void Generator::SetInputs(const NamedViews& inputs) {
  const auto set_inputs = OGA_OPTIONAL(api(), OgaGenerator_SetInputs);
  DemandRunning();
  RunGeneratedToken();
  if (!kept_.empty()) AppendTokens({});
  const auto copy = CopyNamedTensors(runtime_, inputs);
  Prefill([&] { return set_inputs(handle_.get(), copy.get()); }, Code::kInvalidArgument);
}

}  // namespace oga
