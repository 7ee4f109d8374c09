#include "process_settings.h"

#include <cstdint>

#include "../napi/arguments.h"
#include "../napi/promise_worker.h"
#include "../oga/execution_providers.h"
#include "runtime.h"

namespace addon {

namespace {

// `void work(const oga::RuntimePtr&)` on the pool.
template <typename Work>
Napi::Value Settle(Napi::Env env, Work work) {
  return RunOnPool(
      env,
      [runtime = RuntimeOf(env), work = std::move(work)] {
        work(runtime);
        return true;
      },
      [](Napi::Env js, bool&) -> Napi::Value { return js.Undefined(); });
}

}  // namespace

Napi::Value RegisterExecutionProviderLibrary(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const std::string name = StringArgument(info[0], "name");
    const std::string path = StringArgument(info[1], "path");
    return Settle(info.Env(), [name, path](const oga::RuntimePtr& runtime) {
      oga::RegisterExecutionProviderLibrary(runtime, name, path);
    });
  });
}

Napi::Value UnregisterExecutionProviderLibrary(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const std::string name = StringArgument(info[0], "name");
    return Settle(info.Env(),
                  [name](const oga::RuntimePtr& runtime) { oga::UnregisterExecutionProviderLibrary(runtime, name); });
  });
}

Napi::Value HasRegisteredProviders(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), oga::HasRegisteredProviders());
}

Napi::Value SetGpuDevice(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const size_t id = CountArgument(info[0], "id");
    if (id > INT32_MAX) Refuse("id", "an integer of 31 bits");
    return Settle(info.Env(),
                  [id](const oga::RuntimePtr& runtime) { oga::SetGpuDevice(runtime, static_cast<int>(id)); });
  });
}

Napi::Value GpuDevice(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    return RunOnPool(
        info.Env(), [runtime = RuntimeOf(info.Env())] { return oga::GpuDevice(runtime); },
        [](Napi::Env env, int& id) -> Napi::Value { return Napi::Number::New(env, id); });
  });
}

Napi::Value SetTelemetryEnabled(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const bool enabled = BooleanArgument(info[0], "enabled");
    return Settle(info.Env(), [enabled](const oga::RuntimePtr& runtime) {
      OGA_OPTIONAL(runtime->api(), OgaSetTelemetryEnabled)(enabled);
    });
  });
}

}  // namespace addon
