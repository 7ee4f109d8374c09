#include "engine_request.h"

#include "../napi/thread_job.h"
#include "engine_turn.h"

namespace addon {

std::vector<EngineRequest::PropertyDescriptor> EngineRequest::Properties() {
  return {Bind<&EngineRequest::BeginTurn>("beginTurn"), Bind<&EngineRequest::CancelTurn>("cancelTurn"),
          Bind<&EngineRequest::RewindToStartOfTurn>("rewindToStartOfTurn"),
          Bind<&EngineRequest::SetDraftTokens>("setDraftTokens"), Bind<&EngineRequest::Close>("close")};
}

EngineRequest::~EngineRequest() {
  auto& [thread, session] = payload_;
  if (!thread || thread->is_closed()) return;
  try {
    thread->thread().Post(
        thread->Command([session = std::move(session)](oga::EnginePump& pump) { pump.Close(session); }));
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory; the engine's end frees it
  }
}

EngineThread& EngineRequest::thread() const {
  if (payload_.thread->is_closed()) throw oga::Error(oga::Code::kDisposed, "The Engine was disposed.");
  return *payload_.thread;
}

template <typename Work>
Napi::Value EngineRequest::RunTask(const Napi::CallbackInfo& info, Work work) {
  EngineThread& owner = thread();
  return RunOn(owner.thread(), info.Env(), JobOf(info),
               owner.Command([session = payload_.session, work = std::move(work)](oga::EnginePump& pump) {
                 work(pump, session);
                 return true;
               }),
               [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
}

// beginTurn(turn, onEvents): Promise<result>, see engine_turn.h; settles when the turn has ended
Napi::Value EngineRequest::BeginTurn(const Napi::CallbackInfo& info) {
  EngineThread& owner = thread();
  const oga::TurnSettings settings = TurnSettingsArgument(info[0]);
  if (!info[1].IsFunction()) Refuse("onEvents", "a function");
  Job job = JobOf(info);
  job.callback = Napi::Persistent(info[1].As<Napi::Function>());
  const Napi::Promise promise = job.deferred.Promise();
  EnvData& data = EnvData::Of(info.Env());
  const uint64_t id = data.AddJob(std::move(job));
  const auto sink = std::make_shared<JsTurnSink>(data.dispatcher(), id);
  try {
    owner.thread().Post(owner.Command(
        [session = payload_.session, settings, sink](oga::EnginePump& pump) { pump.Begin(session, settings, sink); }));
  } catch (...) {
    sink->Fail(std::current_exception());
  }
  return promise;
}

// cancelTurn(): Promise<void>; the turn ends soon after. Nothing when none runs.
Napi::Value EngineRequest::CancelTurn(const Napi::CallbackInfo& info) {
  return RunTask(info, [](oga::EnginePump& pump, const oga::SessionPtr& session) { pump.Cancel(session); });
}

Napi::Value EngineRequest::RewindToStartOfTurn(const Napi::CallbackInfo& info) {
  return RunTask(info, [id = CountArgument(info[0], "turnId")](oga::EnginePump& pump, const oga::SessionPtr& session) {
    pump.RewindToStartOfTurn(session, id);
  });
}

Napi::Value EngineRequest::SetDraftTokens(const Napi::CallbackInfo& info) {
  return RunTask(info,
                 [tokens = TokensArgument(info[0], "tokens")](oga::EnginePump& pump, const oga::SessionPtr& session) {
                   pump.SetDraftTokens(session, tokens);
                 });
}

// close(): Promise<void>; a running turn fails with kDisposed.
Napi::Value EngineRequest::Close(const Napi::CallbackInfo& info) {
  return RunTask(info, [](oga::EnginePump& pump, const oga::SessionPtr& session) { pump.Close(session); });
}

}  // namespace addon
