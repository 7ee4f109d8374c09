// Generator: one step forward, or back.
#include "generator.h"

#include <algorithm>

namespace oga {

// After RewindTo(n > 0) the library still holds the logits of the longer sequence, and its next step would repeat a
// token of it (seen on 0.15.2 and 0.18.0). Running the last kept token again puts the right ones in their place.
void Generator::RestoreLogits() {
  if (!kept_.empty()) AppendTokens({});
  if (stale_logits_) RunLastTokenAgain();
}

void Generator::RunLastTokenAgain() {
  DemandRunning();  // or the token would be taken off and could not be put back
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

void Generator::SnapshotState() {
  const auto snapshot = OGA_OPTIONAL(api(), OgaGenerator_SnapshotState);
  RestoreLogits();  // a state that is kept as tokens only is run first
  if (!beams_) RunGeneratedToken();
  Check(api(), snapshot(handle_.get()), Code::kInvalidArgument);
}

}  // namespace oga
