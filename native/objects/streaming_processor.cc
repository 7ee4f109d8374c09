#include "streaming_processor.h"

#include "../napi/owner_thread.h"
#include "../napi/promise_worker.h"
#include "model.h"
#include "named_tensors.h"
#include "runtime.h"

namespace addon {

namespace {

Napi::Value SetOrNull(Napi::Env env, const oga::Handle<OgaNamedTensors>& set) {
  return set ? NamedTensors::Wrap(env, set).As<Napi::Value>() : env.Null();
}

}  // namespace

std::vector<StreamingProcessor::PropertyDescriptor> StreamingProcessor::Properties() {
  return {Bind<&StreamingProcessor::Process>("process"), Bind<&StreamingProcessor::Flush>("flush"),
          Bind<&StreamingProcessor::SetOption>("setOption"), Bind<&StreamingProcessor::GetOption>("getOption"),
          Bind<&StreamingProcessor::Dispose>("dispose")};
}

StreamingProcessor::~StreamingProcessor() {
  if (processor_) Reap(std::move(processor_));
}

Napi::Value StreamingProcessor::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    const auto model = Model::From(info[0], "model").handle();
    return RunOnPool(
        info.Env(), [runtime, model] { return std::make_shared<oga::StreamingProcessor>(runtime, model); },
        [](Napi::Env env, std::shared_ptr<oga::StreamingProcessor>& made) -> Napi::Value { return Create(env, made); });
  });
}

const std::shared_ptr<oga::StreamingProcessor>& StreamingProcessor::processor() const {
  if (!processor_) throw oga::Error(oga::Code::kDisposed, "The StreamingProcessor was disposed.");
  return processor_;
}

// process(samples: Float32Array): Promise<NamedTensors | null>
Napi::Value StreamingProcessor::Process(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(), [self = processor(), samples = FloatsArgument(info[0], "samples")] { return self->Process(samples); },
      [](Napi::Env env, oga::Handle<OgaNamedTensors>& set) { return SetOrNull(env, set); });
}

// flush(): Promise<NamedTensors | null>
Napi::Value StreamingProcessor::Flush(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(), [self = processor()] { return self->Flush(); },
      [](Napi::Env env, oga::Handle<OgaNamedTensors>& set) { return SetOrNull(env, set); });
}

// Both wait for a running call, so they are for the pool, too.
Napi::Value StreamingProcessor::SetOption(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(),
      [self = processor(), key = StringArgument(info[0], "key"), value = StringArgument(info[1], "value")] {
        self->SetOption(key, value);
        return true;
      },
      [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
}

Napi::Value StreamingProcessor::GetOption(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(), [self = processor(), key = StringArgument(info[0], "key")] { return self->GetOption(key); },
      [](Napi::Env env, std::string& value) -> Napi::Value { return Napi::String::New(env, value); });
}

Napi::Value StreamingProcessor::Dispose(const Napi::CallbackInfo& info) {
  if (processor_) Reap(std::move(processor_));
  return info.Env().Undefined();
}

}  // namespace addon
