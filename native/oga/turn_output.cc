#include "turn_output.h"

#include <utility>

namespace oga {

TurnOutput::TurnOutput(const std::shared_ptr<const Tokenizer>& tokenizer, const TurnSettings& settings,
                       bool finds_stops)
    : wants_text_(settings.text), finds_stops_(finds_stops), stops_(settings.stop) {
  if (!settings.text && (finds_stops || settings.stop.empty())) return;
  stream_ = std::make_unique<TokenizerStream>(tokenizer);
  stream_->Decode(settings.tokens.back());  // as in decode_loop.cc
}

bool TurnOutput::Take(int32_t token) {
  if (matched_stop_ >= 0) return true;  // on its way to its end
  tokens_.push_back(token);
  if (stream_ && !text_is_over_) {
    Decode(token);
  } else {
    waiting_.push_back({token, ""});
  }
  return matched_stop_ < 0;
}

void TurnOutput::Decode(int32_t token) {
  std::vector<text::Piece> released;
  const int stop = stops_.Feed({token, stream_->Decode(token)}, &released);
  text_is_over_ = stop >= 0;
  if (!finds_stops_) matched_stop_ = stop;
  if (!wants_text_) released = {{token, ""}};
  for (text::Piece& piece : released) waiting_.push_back(std::move(piece));
}

void TurnOutput::Finish() {
  if (wants_text_ && !text_is_over_) stops_.Flush(&waiting_);
}

std::vector<text::Piece> TurnOutput::TakePieces() {
  for (const text::Piece& piece : waiting_) text_ += piece.text;
  return std::exchange(waiting_, {});
}

}  // namespace oga
