// A turn of an EngineRequest on its way to and from JS. The sink is called on the engine's thread; the rest is for the
// JS thread only.
//
//   turn      { tokens: Int32Array, maxNewTokens, stop: string[], text: boolean,
//             and these, undefined where the model decides:
//             minNewTokens, doSample, temperature, topP, topK, repetitionPenalty, noRepeatNgramSize, seed,
//             minP, presencePenalty, frequencyPenalty (our own scheduler only),
//             guidance: { type, data }, delimitedGuidance: { openingToken, closingToken, grammar } }
//   onEvents  (tokens: Int32Array, texts: string[] with as many or none, blocked: boolean)
//   result    { turnId, tokens: Int32Array, text, reason: "stop" | "length" | "abort" | "failed",
//             matchedStop: index or -1, errorCode, message, inputTokens, outputTokens, cachedInputTokens,
//             queuedMs, ttftMs, totalMs (our own scheduler only; else 0) }
#pragma once

#include <vector>

#include "../napi/setup.h"
#include "../napi/token_stream.h"
#include "../oga/engine_pump.h"

namespace addon {

oga::TurnSettings TurnSettingsArgument(const Napi::Value& value);

// Delivers to the callback of a job and settles it.
class JsTurnSink : public oga::TurnSink {
 public:
  JsTurnSink(const std::shared_ptr<Dispatcher>& dispatcher, uint64_t job);

  void Pieces(std::vector<text::Piece> pieces) override;
  void Blocked() override;
  void End(oga::TurnEnd end) override;
  void Fail(std::exception_ptr error) override;

 private:
  using Events = TokenStream<text::Piece>;  // with kBlocked among the tokens

  const std::shared_ptr<Dispatcher> dispatcher_;
  const uint64_t job_;
  const std::shared_ptr<Events> events_;
};

}  // namespace addon
