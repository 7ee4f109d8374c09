#include "config.h"

#include "../napi/promise_worker.h"
#include "runtime.h"

namespace addon {

std::vector<Config::PropertyDescriptor> Config::Properties() {
  return {Bind<&Config::Overlay>("overlay"), Bind<&Config::ClearProviders>("clearProviders"),
          Bind<&Config::AppendProvider>("appendProvider"), Bind<&Config::SetProviderOption>("setProviderOption"),
          Bind<&Config::Dispose>("dispose")};
}

Napi::Value Config::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    const std::string folder = StringArgument(info[0], "folder");
    return RunOnPool(
        info.Env(),
        [runtime, folder] {
          return oga::Make<OgaConfig>(
              runtime, &oga::Api::OgaDestroyConfig,
              [&](OgaConfig** out) { return runtime->api().OgaCreateConfig(folder.c_str(), out); },
              oga::Code::kModelInvalid);
        },
        [](Napi::Env env, oga::Handle<OgaConfig>& handle) -> Napi::Value { return Create(env, handle); });
  });
}

const oga::Handle<OgaConfig>& Config::handle() const {
  if (!handle_) throw oga::Error(oga::Code::kDisposed, "The Config was disposed.");
  return handle_;
}

Napi::Value Config::Overlay(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  oga::Check(api, api.OgaConfigOverlay(handle().get(), StringArgument(info[0], "json").c_str()),
             oga::Code::kInvalidArgument);
  return info.Env().Undefined();
}

Napi::Value Config::ClearProviders(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  oga::Check(api, api.OgaConfigClearProviders(handle().get()));
  return info.Env().Undefined();
}

Napi::Value Config::AppendProvider(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  oga::Check(api, api.OgaConfigAppendProvider(handle().get(), StringArgument(info[0], "provider").c_str()),
             oga::Code::kProviderUnavailable);
  return info.Env().Undefined();
}

Napi::Value Config::SetProviderOption(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const std::string provider = StringArgument(info[0], "provider");
  const std::string key = StringArgument(info[1], "key");
  const std::string value = StringArgument(info[2], "value");
  oga::Check(api, api.OgaConfigSetProviderOption(handle().get(), provider.c_str(), key.c_str(), value.c_str()),
             oga::Code::kInvalidArgument);
  return info.Env().Undefined();
}

Napi::Value Config::Dispose(const Napi::CallbackInfo& info) {
  handle_.reset();
  return info.Env().Undefined();
}

}  // namespace addon
