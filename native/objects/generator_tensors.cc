// Generator: what goes in and comes out as a tensor.
#include "adapters.h"
#include "generator_task.h"
#include "named_tensors.h"
#include "runtime.h"
#include "tensor.h"
#include "values.h"

namespace addon {

// getLogits(): Promise<{ values: Float32Array, shape: number[] }>; runs the model when no step has done so yet
Napi::Value Generator::GetLogits(const Napi::CallbackInfo& info) {
  Job job = StartJob(info);
  return RunOn(
      thread_, info.Env(), std::move(job), [generator = generator_] { return generator->GetLogits(); },
      [](Napi::Env env, oga::Logits& logits) -> Napi::Value {
        auto result = Napi::Object::New(env);
        result.Set("values", ToJs(env, logits.values));
        result.Set("shape", ShapeToJs(env, logits.shape));
        return result;
      });
}

Napi::Value Generator::SetLogits(const Napi::CallbackInfo& info) {
  return RunTask(
      info, [values = FloatsArgument(info[0], "logits")](oga::Generator& generator) { generator.SetLogits(values); });
}

// setModelInput(name, tensor): Promise<void>; the tensor is read until then.
Napi::Value Generator::SetModelInput(const Napi::CallbackInfo& info) {
  return RunTask(info, [name = StringArgument(info[0], "name"), tensor = Tensor::From(info[1], "tensor").handle(),
                        runtime = RuntimeOf(info.Env())](oga::Generator& generator) {
    generator.SetModelInput(name, oga::ViewTensor(runtime->api(), tensor.get()));
  });
}

// setInputs(inputs): Promise<void>, of the set as it is now; its tensors are read until then.
Napi::Value Generator::SetInputs(const Napi::CallbackInfo& info) {
  const auto& set = NamedTensors::From(info[0], "inputs").handle();
  idle();
  return RunTask(info, [inputs = oga::ViewNamedTensors(RuntimeOf(info.Env()), set.get())](oga::Generator& generator) {
    generator.SetInputs(inputs);
  });
}

template <typename Get>
Napi::Value Generator::RunGet(const Napi::CallbackInfo& info, Get get) {
  const std::string name = StringArgument(info[0], "name");  // before the job: what it throws must not leave it running
  Job job = StartJob(info);
  return RunOn(
      thread_, info.Env(), std::move(job), [generator = generator_, name, get] { return get(*generator, name); },
      [](Napi::Env env, oga::Handle<OgaTensor>& tensor) -> Napi::Value { return Tensor::Wrap(env, tensor); });
}

// getInput(name): Promise<Tensor>, a copy
Napi::Value Generator::GetInput(const Napi::CallbackInfo& info) {
  return RunGet(info,
                [](const oga::Generator& generator, const std::string& name) { return generator.GetInput(name); });
}

// getOutput(name): Promise<Tensor>, a copy
Napi::Value Generator::GetOutput(const Napi::CallbackInfo& info) {
  return RunGet(info,
                [](const oga::Generator& generator, const std::string& name) { return generator.GetOutput(name); });
}

// setHiddenStates(hiddenStates): Promise<void>; they are read until then.
Napi::Value Generator::SetHiddenStates(const Napi::CallbackInfo& info) {
  return RunTask(info, [states = Tensor::From(info[0], "hiddenStates").handle(),
                        runtime = RuntimeOf(info.Env())](oga::Generator& generator) {
    generator.SetHiddenStates(oga::ViewTensor(runtime->api(), states.get()));
  });
}

Napi::Value Generator::SnapshotState(const Napi::CallbackInfo& info) {
  return RunTask(info, [](oga::Generator& generator) { generator.SnapshotState(); });
}

// setActiveAdapter(adapters, name): Promise<void>. On the thread of the generator: it may have to wait for a load.
Napi::Value Generator::SetActiveAdapter(const Napi::CallbackInfo& info) {
  return RunTask(info,
                 [adapters = Adapters::From(info[0], "adapters").adapters(), name = StringArgument(info[1], "name")](
                     oga::Generator& generator) { generator.SetActiveAdapter(adapters, name); });
}

}  // namespace addon
