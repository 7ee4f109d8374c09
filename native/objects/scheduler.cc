#include "scheduler.h"

#include "../napi/thread_job.h"
#include "engine_turn.h"
#include "runtime.h"
#include "tokenizer.h"
#include "values.h"

namespace addon {

namespace {

struct SchedulerArguments {
  batching::DecoderSpec spec;
  batching::DecoderLimits limits;
  std::vector<int32_t> end_tokens;
  int64_t bytes = 0;
};

SchedulerArguments ReadArguments(const Napi::Value& value) {
  if (!value.IsObject()) Refuse("spec", "an object");
  const auto object = value.As<Napi::Object>();
  const auto text = [&](const char* name) { return StringArgument(object.Get(name), name); };
  const auto count = [&](const char* name) { return CountArgument(object.Get(name), name); };
  SchedulerArguments result;
  result.spec = {text("path"),        static_cast<int>(count("threads")),
                 count("layers"),     count("kvHeads"),
                 count("headSize"),   count("vocabSize"),
                 text("inputIds"),    text("attentionMask"),
                 text("pastKey"),     text("pastValue"),
                 text("logits"),      text("presentKey"),
                 text("presentValue")};
  result.limits = {count("rows"), count("capacity"), count("chunk")};
  if (result.limits.rows == 0 || result.limits.capacity == 0 || result.limits.chunk == 0) {
    Refuse("spec", "rows, capacity and chunk of at least 1");
  }
  result.end_tokens = TokensArgument(object.Get("endTokens"), "endTokens");
  result.bytes = static_cast<int64_t>(count("bytes"));
  return result;
}

// Forgets the request when it has ended.
class RequestSink : public JsTurnSink {
 public:
  RequestSink(const std::shared_ptr<Dispatcher>& dispatcher, uint64_t job,
              const std::shared_ptr<RunningRequests>& running, uint64_t id)
      : JsTurnSink(dispatcher, job), running_(running), id_(id) {}
  void End(oga::TurnEnd end) override {
    running_->erase(id_);
    JsTurnSink::End(std::move(end));
  }
  void Fail(std::exception_ptr error) override {
    running_->erase(id_);
    JsTurnSink::Fail(std::move(error));
  }

 private:
  std::shared_ptr<RunningRequests> running_;
  uint64_t id_;
};

Napi::Value StatsToJs(Napi::Env env, const batching::SchedulerStats& stats) {
  auto result = Napi::Object::New(env);
  const auto set = [&](const char* name, auto value) {
    result.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  set("running", stats.running);
  set("waiting", stats.waiting);
  set("kvBytes", stats.kv_bytes);
  set("steps", stats.steps);
  set("stepRows", stats.step_rows);
  set("prefills", stats.prefills);
  set("promptTokens", stats.prompt_tokens);
  set("generatedTokens", stats.generated_tokens);
  set("decodeMs", stats.decode_ms);
  set("prefillMs", stats.prefill_ms);
  return result;
}

}  // namespace

std::vector<Scheduler::PropertyDescriptor> Scheduler::Properties() {
  return {Bind<&Scheduler::Run>("run"), Bind<&Scheduler::Cancel>("cancel"), Bind<&Scheduler::Stats>("stats"),
          Bind<&Scheduler::Dispose>("dispose")};
}

Scheduler::Scheduler(const Napi::CallbackInfo& info) : Object(info), payload_(TakePayload(info)) {
  memory_.Report(info.Env(), payload_.bytes);
}

Napi::Value Scheduler::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const auto runtime = RuntimeOf(env);
    const SchedulerArguments arguments = ReadArguments(info[0]);
    const auto tokenizer = Tokenizer::From(info[1], "tokenizer").tokenizer();
    const auto interrupt = std::make_shared<oga::RunInterrupt>();
    const auto thread = std::make_shared<EngineThread>([interrupt] { interrupt->Interrupt(); });
    const auto make = [runtime, arguments, tokenizer, interrupt] {
      auto backend = std::make_unique<oga::BatchEngine>(runtime, arguments.spec, arguments.limits, arguments.end_tokens,
                                                        interrupt);
      return std::make_unique<oga::EnginePump>(std::move(backend), tokenizer, "Scheduler");
    };
    return RunOn(thread->thread(), env, Job{Napi::Promise::Deferred::New(env), {}, {}, {}}, thread->Creation(make),
                 [thread, bytes = arguments.bytes](Napi::Env js, bool&) -> Napi::Value {
                   return Create(js, {thread, std::make_shared<RunningRequests>(), bytes});
                 });
  });
}

EngineThread& Scheduler::thread() const {
  if (payload_.thread->is_closed()) throw oga::Error(oga::Code::kDisposed, "The Scheduler was disposed.");
  return *payload_.thread;
}

// run(id: number, request, onTokens): Promise<result>, see engine_turn.h; settles when the request has ended. No two
// that run have the same id.
Napi::Value Scheduler::Run(const Napi::CallbackInfo& info) {
  EngineThread& owner = thread();
  const uint64_t id = CountArgument(info[0], "id");
  const oga::TurnSettings settings = TurnSettingsArgument(info[1]);
  if (!info[2].IsFunction()) Refuse("onTokens", "a function");
  Job job = JobOf(info);
  job.callback = Napi::Persistent(info[2].As<Napi::Function>());
  const Napi::Promise promise = job.deferred.Promise();
  EnvData& data = EnvData::Of(info.Env());
  const uint64_t job_id = data.AddJob(std::move(job));
  const auto sink = std::make_shared<RequestSink>(data.dispatcher(), job_id, payload_.running, id);
  try {
    owner.thread().Post(owner.Command([id, settings, sink, running = payload_.running](oga::EnginePump& pump) {
      oga::SessionPtr session;
      try {
        session = pump.Open(0);
      } catch (...) {
        sink->Fail(std::current_exception());
        return;
      }
      running->emplace(id, session);
      pump.Begin(session, settings, sink);
    }));
  } catch (...) {
    sink->JsTurnSink::Fail(std::current_exception());  // it was never among those that run
  }
  return promise;
}

// cancel(id: number): void; the request ends soon after. Nothing when it has ended.
Napi::Value Scheduler::Cancel(const Napi::CallbackInfo& info) {
  EngineThread& owner = thread();
  owner.thread().Post(
      owner.Command([id = CountArgument(info[0], "id"), running = payload_.running](oga::EnginePump& pump) {
        const auto found = running->find(id);
        if (found != running->end()) pump.Cancel(found->second);
      }));
  return info.Env().Undefined();
}

Napi::Value Scheduler::Stats(const Napi::CallbackInfo& info) {
  EngineThread& owner = thread();
  return RunOn(owner.thread(), info.Env(), JobOf(info), owner.Command([](oga::EnginePump& pump) {
    return static_cast<oga::BatchEngine&>(pump.backend()).stats();  // made so above
  }),
               [](Napi::Env env, batching::SchedulerStats& stats) -> Napi::Value { return StatsToJs(env, stats); });
}

// dispose(): Promise<void>, settled when the model is gone; its thread ends, too. Not to be called twice.
Napi::Value Scheduler::Dispose(const Napi::CallbackInfo& info) {
  EngineThread& owner = thread();
  const Napi::Promise gone = RunOn(owner.thread(), info.Env(), JobOf(info), owner.Shutdown(),
                                   [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
  owner.Close();
  memory_.Release(info.Env());
  return gone;
}

}  // namespace addon
