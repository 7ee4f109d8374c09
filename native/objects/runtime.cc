#include "runtime.h"

#include "../napi/arguments.h"
#include "../napi/promise_worker.h"
#include "values.h"

namespace addon {

namespace {

Napi::Object Describe(Napi::Env env, const oga::Runtime& runtime) {
  auto result = Napi::Object::New(env);
  result.Set("genaiVersion", runtime.genai_version());
  result.Set("onnxruntimeVersion", runtime.onnxruntime_version());
  result.Set("genaiLibrary", runtime.paths().genai);
  result.Set("onnxruntimeLibrary", runtime.paths().onnxruntime);
  result.Set("providers", ToJs(env, runtime.providers()));
  result.Set("absentFunctions", ToJs(env, runtime.absent()));
  return result;
}

}  // namespace

Napi::Value LoadRuntime(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    if (!info[0].IsObject()) Refuse("paths", "an object");
    const auto object = info[0].As<Napi::Object>();
    oga::RuntimePaths paths;
    paths.onnxruntime = StringArgument(object.Get("onnxruntime"), "paths.onnxruntime");
    paths.genai = StringArgument(object.Get("genai"), "paths.genai");
    const Napi::Value telemetry = object.Get("telemetry");
    paths.telemetry = !telemetry.IsUndefined() && BooleanArgument(telemetry, "paths.telemetry");
    return RunOnPool(
        info.Env(), [paths] { return oga::Runtime::Load(paths); },
        [](Napi::Env env, oga::RuntimePtr& runtime) -> Napi::Value {
          EnvData::Of(env).runtime = runtime;
          return Describe(env, *runtime);
        });
  });
}

const oga::RuntimePtr& RuntimeOf(Napi::Env env) {
  const oga::RuntimePtr& runtime = EnvData::Of(env).runtime;
  if (!runtime) {
    throw oga::Error(oga::Code::kRuntimeNotFound,
                     "No runtime is loaded yet: load a model, or await capabilities(), before.");
  }
  return runtime;
}

}  // namespace addon
