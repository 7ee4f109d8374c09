#include "generator.h"

#include "../napi/promise_worker.h"
#include "generator_params.h"
#include "generator_run.h"
#include "generator_task.h"
#include "model.h"
#include "runtime.h"
#include "speculative_stats.h"
#include "tokenizer.h"
#include "values.h"

namespace addon {

std::vector<Generator::PropertyDescriptor> Generator::Properties() {
  return {Bind<&Generator::AppendTokens>("appendTokens"),
          Bind<&Generator::AppendTokenSequences>("appendTokenSequences"),
          Bind<&Generator::GenerateNextToken>("generateNextToken"),
          Bind<&Generator::Run>("run"),
          Bind<&Generator::RewindTo>("rewindTo"),
          Bind<&Generator::GetLogits>("getLogits"),
          Bind<&Generator::SetLogits>("setLogits"),
          Bind<&Generator::SetModelInput>("setModelInput"),
          Bind<&Generator::SetInputs>("setInputs"),
          Bind<&Generator::GetInput>("getInput"),
          Bind<&Generator::GetOutput>("getOutput"),
          Bind<&Generator::SetHiddenStates>("setHiddenStates"),
          Bind<&Generator::SnapshotState>("snapshotState"),
          Bind<&Generator::SetActiveAdapter>("setActiveAdapter"),
          Bind<&Generator::IsSessionTerminated>("isSessionTerminated"),
          Bind<&Generator::GetSpeculativeStats>("getSpeculativeStats"),
          Bind<&Generator::IsDone>("isDone"),
          Bind<&Generator::TokenCount>("tokenCount"),
          Bind<&Generator::GetNextTokens>("getNextTokens"),
          Bind<&Generator::GetSequence>("getSequence"),
          Bind<&Generator::SetRuntimeOption>("setRuntimeOption"),
          Bind<&Generator::Cancel>("cancel"),
          Bind<&Generator::Dispose>("dispose")};
}

Generator::Generator(const Napi::CallbackInfo& info) : Generator(info, TakePayload(info)) {}

Generator::Generator(const Napi::CallbackInfo& info, const GeneratorPayload& payload)
    : Object(info), generator_(payload.generator), thread_([weak = std::weak_ptr<oga::Generator>(payload.generator)] {
        if (const auto generator = weak.lock()) generator->RequestCancel();
      }) {
  memory_.Report(info.Env(), payload.bytes);
}

Generator::~Generator() {
  if (generator_) Reap(std::move(generator_));
}

Napi::Value Generator::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    const auto model = Model::From(info[0], "model").handle();
    const auto params = GeneratorParams::From(info[1], "params").handle();
    const auto bytes = static_cast<int64_t>(CountArgument(info[2], "bytes"));
    return RunOnPool(
        info.Env(), [runtime, model, params] { return std::make_shared<oga::Generator>(runtime, model, params); },
        [bytes](Napi::Env env, std::shared_ptr<oga::Generator>& made) -> Napi::Value {
          return Create(env, {made, bytes});
        });
  });
}

const std::shared_ptr<oga::Generator>& Generator::alive() const {
  if (!generator_) throw oga::Error(oga::Code::kDisposed, "The Generator was disposed.");
  return generator_;
}

const std::shared_ptr<oga::Generator>& Generator::idle() const {
  const auto& generator = alive();
  if (busy_) {
    throw oga::Error(oga::Code::kBusy, "The Generator is running another call; await that one first.");
  }
  return generator;
}

Job Generator::StartJob(const Napi::CallbackInfo& info) {
  idle()->ClearCancel();
  Job job = JobOf(info);
  job.on_settled = [this] { busy_ = false; };
  busy_ = true;
  return job;
}

Napi::Value Generator::AppendTokens(const Napi::CallbackInfo& info) {
  return RunTask(info, [tokens = TokensArgument(info[0], "tokens")](oga::Generator& generator) {
    generator.AppendTokens(tokens);
  });
}

Napi::Value Generator::AppendTokenSequences(const Napi::CallbackInfo& info) {
  return RunTask(info, [rows = TokenRowsArgument(info[0], "sequences")](oga::Generator& generator) {
    generator.AppendTokenSequences(rows);
  });
}

Napi::Value Generator::GenerateNextToken(const Napi::CallbackInfo& info) {
  return RunTask(info, [](oga::Generator& generator) { generator.GenerateNextToken(); });
}

Napi::Value Generator::RewindTo(const Napi::CallbackInfo& info) {
  return RunTask(
      info, [length = CountArgument(info[0], "length")](oga::Generator& generator) { generator.RewindTo(length); });
}

// run(request, tokenizer, onPieces | null): Promise<result>, see generator_run.h
Napi::Value Generator::Run(const Napi::CallbackInfo& info) {
  const oga::DecodeRequest request = DecodeRequestArgument(info[0]);
  const auto tokenizer = Tokenizer::From(info[1], "tokenizer").tokenizer();
  Job job = StartJob(info);
  std::shared_ptr<PieceStream> stream;
  if (info[2].IsFunction()) {
    job.callback = Napi::Persistent(info[2].As<Napi::Function>());
    stream = std::make_shared<PieceStream>(EnvData::Of(info.Env()).dispatcher(), &DeliverPieces);
  }
  return RunOn(
      thread_, info.Env(), std::move(job),
      [generator = generator_, tokenizer, request, stream] {
        const oga::PieceSink sink =
            stream ? oga::PieceSink([&](std::vector<text::Piece>& pieces) { stream->Push(pieces); }) : nullptr;
        return oga::Decode(*generator, tokenizer, request, sink);
      },
      DecodeResultToJs,
      [&](uint64_t id) {
        if (stream) stream->set_job(id);
      });
}

Napi::Value Generator::IsDone(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), idle()->IsDone());
}

Napi::Value Generator::TokenCount(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(idle()->TokenCount()));
}

Napi::Value Generator::GetNextTokens(const Napi::CallbackInfo& info) { return ToJs(info.Env(), idle()->NextTokens()); }

Napi::Value Generator::GetSequence(const Napi::CallbackInfo& info) {
  return ToJs(info.Env(), idle()->Sequence(CountArgument(info[0], "index")));
}

Napi::Value Generator::SetRuntimeOption(const Napi::CallbackInfo& info) {
  alive()->SetRuntimeOption(StringArgument(info[0], "key"), StringArgument(info[1], "value"));
  return info.Env().Undefined();
}

Napi::Value Generator::IsSessionTerminated(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), alive()->IsSessionTerminated());
}

Napi::Value Generator::GetSpeculativeStats(const Napi::CallbackInfo& info) {
  return SpeculativeStatsToJs(info.Env(), idle()->GetSpeculativeStats());
}

// Ends the running call: it rejects with code CANCELLED, run() resolves with reason "abort". Nothing when idle.
Napi::Value Generator::Cancel(const Napi::CallbackInfo& info) {
  if (generator_ && busy_) generator_->RequestCancel();
  return info.Env().Undefined();
}

// dispose(): Promise<void>, settled when the running call has ended and the native object is gone; its thread ends,
// too. Not to be called twice.
Napi::Value Generator::Dispose(const Napi::CallbackInfo& info) {
  const auto& generator = alive();
  if (busy_) generator->RequestCancel();
  memory_.Release(info.Env());
  const Napi::Promise gone = RunOn(
      thread_, info.Env(), JobOf(info),
      [last = std::move(generator_)]() mutable {
        last.reset();
        return Done{};
      },
      Nothing);
  thread_.Close();
  return gone;
}

}  // namespace addon
