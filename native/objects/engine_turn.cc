#include "engine_turn.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "../napi/arguments.h"
#include "../napi/thread_job.h"
#include "values.h"

namespace addon {

namespace {

constexpr int32_t kBlocked = -1;  // no token

void DeliverEvents(Napi::Env env, const Napi::FunctionReference& callback, const std::vector<text::Piece>& events) {
  std::vector<int32_t> tokens;
  std::vector<std::string> texts;
  tokens.reserve(events.size());
  for (const auto& [token, text] : events) {
    if (token == kBlocked) continue;
    tokens.push_back(token);
    if (text.empty()) continue;
    texts.resize(tokens.size() - 1);
    texts.push_back(text);
  }
  if (!texts.empty()) texts.resize(tokens.size());
  callback.Call({ToJs(env, tokens), ToJs(env, texts), Napi::Boolean::New(env, tokens.size() < events.size())});
}

bool IsGiven(const Napi::Value& value) { return !value.IsUndefined() && !value.IsNull(); }

Napi::Object ObjectArgument(const Napi::Value& value, const char* name) {
  if (!value.IsObject()) Refuse(name, "an object");
  return value.As<Napi::Object>();
}

int32_t Int32Argument(const Napi::Value& value, const char* name) {
  const double number = NumberArgument(value, name);
  if (!(number >= -2147483648.0 && number <= 2147483647.0)) Refuse(name, "a 32-bit integer");
  return static_cast<int32_t>(number);
}

float FloatArgument(const Napi::Value& value, const char* name) {
  const double number = NumberArgument(value, name);
  if (!(std::abs(number) <= std::numeric_limits<float>::max())) Refuse(name, "a 32-bit floating point number");
  return static_cast<float>(number);
}

const char* ReasonName(oga::TurnFinish finish) {
  switch (finish) {
    case oga::TurnFinish::kMaxGeneratedTokens:
    case oga::TurnFinish::kMaxSessionTokens:
      return "length";
    case oga::TurnFinish::kCancelled:
      return "abort";
    case oga::TurnFinish::kEos:
    case oga::TurnFinish::kStopString:
      return "stop";
    case oga::TurnFinish::kNone:
    case oga::TurnFinish::kFailed:
      break;
  }
  return "failed";
}

// Milliseconds from the beginning of the turn.
void SetTimes(Napi::Env env, Napi::Object result, const oga::TurnTimes& times) {
  const auto until = [&](std::chrono::steady_clock::time_point point) {
    const auto ended = point == std::chrono::steady_clock::time_point{} ? times.ended : point;
    return std::chrono::duration<double, std::milli>(ended - times.begun).count();
  };
  result.Set("queuedMs", Napi::Number::New(env, until(times.started)));
  result.Set("ttftMs", Napi::Number::New(env, until(times.first_token)));
  result.Set("totalMs", Napi::Number::New(env, until(times.ended)));
}

Napi::Object TurnEndToJs(Napi::Env env, const oga::TurnEnd& end) {
  const auto count = [&](uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); };
  auto result = Napi::Object::New(env);
  result.Set("turnId", count(end.turn_id));
  result.Set("tokens", ToJs(env, end.tokens));
  result.Set("text", end.text);
  result.Set("reason", ReasonName(end.finish));
  result.Set("matchedStop", end.matched_stop);
  result.Set("errorCode", count(static_cast<uint64_t>(end.error)));
  result.Set("inputTokens", count(end.usage.prompt_tokens));
  result.Set("outputTokens", count(end.usage.generated_tokens));
  result.Set("cachedInputTokens", count(end.usage.cached_prompt_tokens));
  result.Set("message", end.message);
  SetTimes(env, result, end.times);
  return result;
}

}  // namespace

oga::TurnSettings TurnSettingsArgument(const Napi::Value& value) {
  const Napi::Object object = ObjectArgument(value, "turn");
  oga::TurnSettings settings;
  const auto read = [&](const char* name, auto& target, auto convert) {
    const Napi::Value given = object.Get(name);
    if (IsGiven(given)) target = convert(given, name);
  };
  settings.tokens = TokensArgument(object.Get("tokens"), "tokens");
  if (settings.tokens.empty()) Refuse("tokens", "at least one token");
  settings.max_generated_tokens = CountArgument(object.Get("maxNewTokens"), "maxNewTokens");
  if (settings.max_generated_tokens == 0) Refuse("maxNewTokens", "at least 1");
  settings.stop = StringsArgument(object.Get("stop"), "stop");
  for (const std::string& stop : settings.stop) {
    if (stop.empty()) Refuse("stop", "without empty strings");
  }
  settings.text = BooleanArgument(object.Get("text"), "text");
  read("minNewTokens", settings.min_generated_tokens, CountArgument);
  read("doSample", settings.do_sample, BooleanArgument);
  read("temperature", settings.temperature, FloatArgument);
  read("topP", settings.top_p, FloatArgument);
  read("topK", settings.top_k, Int32Argument);
  read("repetitionPenalty", settings.repetition_penalty, FloatArgument);
  read("noRepeatNgramSize", settings.no_repeat_ngram_size, Int32Argument);
  read("minP", settings.min_p, FloatArgument);
  read("presencePenalty", settings.presence_penalty, FloatArgument);
  read("frequencyPenalty", settings.frequency_penalty, FloatArgument);
  read("seed", settings.seed, CountArgument);
  read("guidance", settings.guidance, [](const Napi::Value& given, const char* name) {
    const Napi::Object guidance = ObjectArgument(given, name);
    return oga::Guidance{StringArgument(guidance.Get("type"), "guidance.type"),
                         StringArgument(guidance.Get("data"), "guidance.data")};
  });
  read("delimitedGuidance", settings.delimited, [](const Napi::Value& given, const char* name) {
    const Napi::Object guidance = ObjectArgument(given, name);
    return oga::DelimitedGuidance{Int32Argument(guidance.Get("openingToken"), "openingToken"),
                                  Int32Argument(guidance.Get("closingToken"), "closingToken"),
                                  StringArgument(guidance.Get("grammar"), "grammar")};
  });
  return settings;
}

JsTurnSink::JsTurnSink(const std::shared_ptr<Dispatcher>& dispatcher, uint64_t job)
    : dispatcher_(dispatcher), job_(job), events_(std::make_shared<Events>(dispatcher, &DeliverEvents)) {
  events_->set_job(job);
}

void JsTurnSink::Pieces(std::vector<text::Piece> pieces) { events_->Push(pieces); }

void JsTurnSink::Blocked() {
  std::vector<text::Piece> events = {{kBlocked, ""}};
  events_->Push(events);
}

void JsTurnSink::End(oga::TurnEnd end) {
  dispatcher_->Post([job = job_, end = std::move(end)](Napi::Env env) {
    SettleJob(env, job, nullptr, [&]() -> Napi::Value { return TurnEndToJs(env, end); });
  });
}

void JsTurnSink::Fail(std::exception_ptr error) {
  dispatcher_->Post([job = job_, error = std::move(error)](Napi::Env env) {
    SettleJob(env, job, error, [&]() -> Napi::Value { return env.Undefined(); });
  });
}

}  // namespace addon
