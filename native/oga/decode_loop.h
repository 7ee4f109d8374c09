// Prompt in, tokens and text out: the loop that a whole generation runs on its owner thread, so that no step costs a
// hop to JS. Plain C++, no Node-API.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../text/stop_matcher.h"
#include "generator.h"
#include "tokenizer.h"

namespace oga {

// A step of a small model takes less than a millisecond. Waking the consumer for every one of them takes the cores from
// the model (a sixth of the tokens per second with 2 threads on 2 cores); a model that takes longer than this for a
// step delivers every token at once, and the first token never waits.
constexpr auto kDeliveryInterval = std::chrono::milliseconds(10);

enum class FinishReason { kStop, kLength, kAbort };

struct DecodeRequest {
  std::vector<int32_t> prompt;       // appended before the first step; may be empty to go on
  std::optional<NamedViews> inputs;  // of a multimodal model, set in the place of the prompt, whose tokens they hold
  size_t max_new_tokens = 0;         // > 0
  std::vector<std::string> stop;     // no empty strings
  bool beams = false;                // tokens are known only at the end
  bool guided = false;               // text is what the grammar allows, to the letter
  bool bursts = false;               // a step may give several tokens (forced by a grammar, or drafted)
  std::chrono::steady_clock::time_point queued_at;
};

struct DecodeResult {
  std::vector<int32_t> tokens;  // without the end-of-sequence token, with the tokens of a matched stop string
  std::string text;             // without the stop string; an unfinished character at the end is left out
  FinishReason reason = FinishReason::kStop;
  int matched_stop = -1;  // index into DecodeRequest::stop
  double queued_ms = 0;   // waiting for the thread
  double ttft_ms = 0;     // from queued_at to the first token; 0 without one
  double decode_ms = 0;   // from the first to the last token
  double total_ms = 0;
};

using PieceSink = std::function<void(std::vector<text::Piece>&)>;

// Runs until an end-of-sequence token, a stop string, max_new_tokens or RequestCancel. `sink` (may be empty) takes the
// pieces of text in order when they are certain, a few at once where steps are quicker than 10 ms; their texts join to
// `text`, their tokens to `tokens`.
DecodeResult Decode(Generator& generator, const std::shared_ptr<const Tokenizer>& tokenizer,
                    const DecodeRequest& request, const PieceSink& sink);

}  // namespace oga
