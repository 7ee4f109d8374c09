#include "engine.h"

#include "../napi/thread_job.h"
#include "engine_request.h"
#include "model.h"
#include "runtime.h"
#include "speculative_stats.h"
#include "tokenizer.h"

namespace addon {

namespace {

Napi::Value CountToJs(Napi::Env env, uint64_t count) { return Napi::Number::New(env, static_cast<double>(count)); }

}  // namespace

std::vector<Engine::PropertyDescriptor> Engine::Properties() {
  return {Bind<&Engine::CreateRequest>("createRequest"),
          Bind<&Engine::Capabilities>("capabilities"),
          Bind<&Engine::GetSpeculativeStats>("getSpeculativeStats"),
          Bind<&Engine::MaxDraftTokens>("maxDraftTokens"),
          Bind<&Engine::MaxRequestLength>("maxRequestLength"),
          Bind<&Engine::IsDead>("isDead"),
          Bind<&Engine::IsBlocked>("isBlocked"),
          Bind<&Engine::Dispose>("dispose")};
}

Engine::Engine(const Napi::CallbackInfo& info) : Object(info), payload_(TakePayload(info)) {
  memory_.Report(info.Env(), payload_.bytes);
}

Napi::Value Engine::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const auto runtime = RuntimeOf(env);
    const auto model = Model::From(info[0], "model").handle();
    const auto tokenizer = Tokenizer::From(info[1], "tokenizer").tokenizer();
    const bool dynamic = BooleanArgument(info[2], "dynamic");
    const auto bytes = static_cast<int64_t>(CountArgument(info[3], "bytes"));
    const auto thread = std::make_shared<EngineThread>();
    const auto facts = std::make_shared<EnginePayload>();
    const auto make = [runtime, model, tokenizer, dynamic, facts] {
      auto backend = oga::CreateEngineBackend(runtime, model, dynamic);
      facts->max_draft_tokens = backend->MaxDraftTokens();
      const bool tells = runtime->api().OgaEngineGetCapabilities != nullptr;
      facts->max_request_length = tells ? backend->Capabilities().max_request_length : 0;
      return std::make_unique<oga::EnginePump>(std::move(backend), tokenizer);
    };
    return RunOn(thread->thread(), env, Job{Napi::Promise::Deferred::New(env), {}, {}, {}}, thread->Creation(make),
                 [thread, facts, bytes](Napi::Env js, bool&) -> Napi::Value {
                   return Create(js, {thread, facts->max_draft_tokens, facts->max_request_length, bytes});
                 });
  });
}

template <typename Work, typename Convert>
Napi::Value Engine::Run(const Napi::CallbackInfo& info, Work work, Convert convert) {
  EngineThread& thread = *payload_.thread;
  if (thread.is_closed()) throw oga::Error(oga::Code::kDisposed, "The Engine was disposed.");
  return RunOn(thread.thread(), info.Env(), JobOf(info), thread.Command(std::move(work)), std::move(convert));
}

// createRequest(maxSessionTokens: number, 0 = default): Promise<EngineRequest>
Napi::Value Engine::CreateRequest(const Napi::CallbackInfo& info) {
  return Run(
      info,
      [max_session_tokens = CountArgument(info[0], "maxSessionTokens")](oga::EnginePump& pump) {
        return pump.Open(max_session_tokens);
      },
      [thread = payload_.thread](Napi::Env env, oga::SessionPtr& session) -> Napi::Value {
        return EngineRequest::Create(env, {thread, session});
      });
}

// capabilities(): Promise<{ maxBatchSize, maxScheduledTokens, maxRequestLength }>
Napi::Value Engine::Capabilities(const Napi::CallbackInfo& info) {
  return Run(
      info, [](oga::EnginePump& pump) { return pump.backend().Capabilities(); },
      [](Napi::Env env, oga::EngineCapabilities& capabilities) -> Napi::Value {
        auto result = Napi::Object::New(env);
        result.Set("maxBatchSize", CountToJs(env, capabilities.max_batch_size));
        result.Set("maxScheduledTokens", CountToJs(env, capabilities.max_scheduled_tokens));
        result.Set("maxRequestLength", CountToJs(env, capabilities.max_request_length));
        return result;
      });
}

Napi::Value Engine::GetSpeculativeStats(const Napi::CallbackInfo& info) {
  return Run(info, [](oga::EnginePump& pump) { return pump.backend().GetSpeculativeStats(); }, SpeculativeStatsToJs);
}

Napi::Value Engine::MaxDraftTokens(const Napi::CallbackInfo& info) {
  return CountToJs(info.Env(), payload_.max_draft_tokens);
}

Napi::Value Engine::MaxRequestLength(const Napi::CallbackInfo& info) {
  return CountToJs(info.Env(), payload_.max_request_length);
}

Napi::Value Engine::IsDead(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), payload_.thread->is_dead());
}

Napi::Value Engine::IsBlocked(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), payload_.thread->is_blocked());
}

// dispose(): Promise<void>, settled when the native engine is gone; its thread ends, too. Not to be called twice.
Napi::Value Engine::Dispose(const Napi::CallbackInfo& info) {
  EngineThread& thread = *payload_.thread;
  if (thread.is_closed()) throw oga::Error(oga::Code::kDisposed, "The Engine was disposed.");
  const Napi::Promise gone = RunOn(thread.thread(), info.Env(), JobOf(info), thread.Shutdown(),
                                   [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
  thread.Close();
  memory_.Release(info.Env());
  return gone;
}

}  // namespace addon
