#include "generator_run.h"

#include "../napi/arguments.h"
#include "named_tensors.h"
#include "runtime.h"
#include "values.h"

namespace addon {

namespace {

const char* ReasonName(oga::FinishReason reason) {
  switch (reason) {
    case oga::FinishReason::kLength:
      return "length";
    case oga::FinishReason::kAbort:
      return "abort";
    case oga::FinishReason::kStop:
      break;
  }
  return "stop";
}

}  // namespace

oga::DecodeRequest DecodeRequestArgument(const Napi::Value& value) {
  if (!value.IsObject()) Refuse("request", "an object");
  const auto object = value.As<Napi::Object>();
  oga::DecodeRequest request;
  request.prompt = TokensArgument(object.Get("prompt"), "prompt");
  if (const Napi::Value inputs = object.Get("inputs"); !inputs.IsNull() && !inputs.IsUndefined()) {
    const auto& set = NamedTensors::From(inputs, "inputs").handle();
    request.inputs = oga::ViewNamedTensors(RuntimeOf(value.Env()), set.get());
  }
  request.max_new_tokens = CountArgument(object.Get("maxNewTokens"), "maxNewTokens");
  request.stop = StringsArgument(object.Get("stop"), "stop");
  for (const std::string& stop : request.stop) {
    if (stop.empty()) Refuse("stop", "without empty strings");
  }
  request.beams = BooleanArgument(object.Get("beams"), "beams");
  request.guided = BooleanArgument(object.Get("guided"), "guided");
  request.bursts = BooleanArgument(object.Get("bursts"), "bursts");
  request.queued_at = std::chrono::steady_clock::now();
  return request;
}

void DeliverPieces(Napi::Env env, const Napi::FunctionReference& callback, const std::vector<text::Piece>& pieces) {
  auto tokens = Napi::Int32Array::New(env, pieces.size());
  auto texts = Napi::Array::New(env, pieces.size());
  for (uint32_t i = 0; i < pieces.size(); ++i) {
    tokens[i] = pieces[i].token;
    texts.Set(i, Napi::String::New(env, pieces[i].text));
  }
  callback.Call({tokens, texts});
}

Napi::Value DecodeResultToJs(Napi::Env env, oga::DecodeResult& result) {
  auto object = Napi::Object::New(env);
  object.Set("tokens", ToJs(env, result.tokens));
  object.Set("text", result.text);
  object.Set("reason", ReasonName(result.reason));
  object.Set("matchedStop", result.matched_stop);
  object.Set("queuedMs", result.queued_ms);
  object.Set("ttftMs", result.ttft_ms);
  object.Set("decodeMs", result.decode_ms);
  object.Set("totalMs", result.total_ms);
  return object;
}

}  // namespace addon
