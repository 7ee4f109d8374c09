#include "mtp_generator.h"

#include "../napi/promise_worker.h"
#include "../napi/thread_job.h"
#include "generator_params.h"
#include "model.h"
#include "runtime.h"
#include "speculative_stats.h"
#include "values.h"

namespace addon {

std::vector<MtpGenerator::PropertyDescriptor> MtpGenerator::Properties() {
  return {Bind<&MtpGenerator::AppendTokens>("appendTokens"),
          Bind<&MtpGenerator::GenerateNextToken>("generateNextToken"),
          Bind<&MtpGenerator::Reset>("reset"),
          Bind<&MtpGenerator::IsDone>("isDone"),
          Bind<&MtpGenerator::GetSequence>("getSequence"),
          Bind<&MtpGenerator::GetCounts>("getCounts"),
          Bind<&MtpGenerator::GetSpeculativeStats>("getSpeculativeStats"),
          Bind<&MtpGenerator::Dispose>("dispose")};
}

// The library has no way to interrupt a step.
MtpGenerator::MtpGenerator(const Napi::CallbackInfo& info)
    : Object(info), generator_(TakePayload(info)), thread_([] {}) {}

MtpGenerator::~MtpGenerator() {
  if (generator_) Reap(std::move(generator_));
}

Napi::Value MtpGenerator::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    const auto main_model = Model::From(info[0], "mainModel").handle();
    const auto mtp_model = Model::From(info[1], "mtpModel").handle();
    const auto params = GeneratorParams::From(info[2], "params").handle();
    return RunOnPool(
        info.Env(),
        [runtime, main_model, mtp_model, params] {
          return std::make_shared<oga::MtpGenerator>(runtime, main_model, mtp_model, params);
        },
        [](Napi::Env env, std::shared_ptr<oga::MtpGenerator>& made) -> Napi::Value { return Create(env, made); });
  });
}

const std::shared_ptr<oga::MtpGenerator>& MtpGenerator::idle() const {
  if (!generator_) throw oga::Error(oga::Code::kDisposed, "The MtpGenerator was disposed.");
  if (busy_) {
    throw oga::Error(oga::Code::kBusy, "The MtpGenerator is running another call; await that one first.");
  }
  return generator_;
}

template <typename Task>
Napi::Value MtpGenerator::RunTask(const Napi::CallbackInfo& info, Task task) {
  const auto& generator = idle();
  Job job = JobOf(info);
  job.on_settled = [this] { busy_ = false; };
  busy_ = true;
  return RunOn(
      thread_, info.Env(), std::move(job),
      [generator, task = std::move(task)] {
        task(*generator);
        return true;
      },
      [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
}

Napi::Value MtpGenerator::AppendTokens(const Napi::CallbackInfo& info) {
  return RunTask(info, [tokens = TokensArgument(info[0], "tokens")](oga::MtpGenerator& generator) {
    generator.AppendTokens(tokens);
  });
}

Napi::Value MtpGenerator::GenerateNextToken(const Napi::CallbackInfo& info) {
  return RunTask(info, [](oga::MtpGenerator& generator) { generator.GenerateNextToken(); });
}

Napi::Value MtpGenerator::Reset(const Napi::CallbackInfo& info) {
  return RunTask(info, [](oga::MtpGenerator& generator) { generator.Reset(); });
}

Napi::Value MtpGenerator::IsDone(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), idle()->IsDone());
}

Napi::Value MtpGenerator::GetSequence(const Napi::CallbackInfo& info) { return ToJs(info.Env(), idle()->Sequence()); }

// { forwards, accepted, trials }
Napi::Value MtpGenerator::GetCounts(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const oga::MtpCounts counts = idle()->Counts();
  auto result = Napi::Object::New(env);
  result.Set("forwards", Napi::Number::New(env, static_cast<double>(counts.forwards)));
  result.Set("accepted", Napi::Number::New(env, static_cast<double>(counts.accepted)));
  result.Set("trials", Napi::Number::New(env, static_cast<double>(counts.trials)));
  return result;
}

Napi::Value MtpGenerator::GetSpeculativeStats(const Napi::CallbackInfo& info) {
  return SpeculativeStatsToJs(info.Env(), idle()->GetSpeculativeStats());
}

// dispose(): Promise<void>, settled when the running call has ended and the native object is gone. Not to be called
// twice.
Napi::Value MtpGenerator::Dispose(const Napi::CallbackInfo& info) {
  if (!generator_) throw oga::Error(oga::Code::kDisposed, "The MtpGenerator was disposed.");
  const Napi::Promise gone = RunOn(
      thread_, info.Env(), JobOf(info),
      [last = std::move(generator_)]() mutable {
        last.reset();
        return true;
      },
      [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
  thread_.Close();
  return gone;
}

}  // namespace addon
