// What a turn has brought forth: its tokens, their text where it is asked for, and stop strings where the library does
// not look for them. Plain C++, no Node-API. On the engine's thread.
//
// Text that could be the beginning of a stop string is held back, with its token. Without text nothing is held back.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../text/stop_matcher.h"
#include "engine_backend.h"
#include "tokenizer.h"

namespace oga {

class TurnOutput {
 public:
  // `finds_stops`: the library looks for stop strings itself.
  TurnOutput(const std::shared_ptr<const Tokenizer>& tokenizer, const TurnSettings& settings, bool finds_stops);

  // The next token. False when it has completed a stop string that the library does not look for: then the turn is to
  // be ended, and what still comes of it is none of its output.
  bool Take(int32_t token);

  // No token comes any more: nothing is held back from here on.
  void Finish();

  // The pieces that are certain since the last call; with empty texts where no text is asked for.
  std::vector<text::Piece> TakePieces();

  const std::vector<int32_t>& tokens() const { return tokens_; }
  const std::string& text() const { return text_; }   // without the matched stop string; of the pieces taken so far
  int matched_stop() const { return matched_stop_; }  // found here; else -1

 private:
  void Decode(int32_t token);

  bool wants_text_;
  bool finds_stops_;
  bool text_is_over_ = false;  // a stop string was seen
  int matched_stop_ = -1;
  std::vector<int32_t> tokens_;  // with those of a matched stop string
  std::string text_;
  std::unique_ptr<TokenizerStream> stream_;  // null where nothing is to be decoded
  text::StopMatcher stops_;
  std::vector<text::Piece> waiting_;
};

}  // namespace oga
