#include "config.h"

#include "../napi/promise_worker.h"
#include "runtime.h"

namespace addon {

namespace {

std::optional<uint32_t> OptionalId(const Napi::Value& value, const char* name) {
  if (value.IsNull()) return std::nullopt;
  const size_t id = CountArgument(value, name);
  if (id > UINT32_MAX) Refuse(name, "an integer of 32 bits");
  return static_cast<uint32_t>(id);
}

}  // namespace

std::vector<Config::PropertyDescriptor> Config::Properties() {
  return {Bind<&Config::Overlay>("overlay"),
          Bind<&Config::ClearProviders>("clearProviders"),
          Bind<&Config::AppendProvider>("appendProvider"),
          Bind<&Config::SetProviderOption>("setProviderOption"),
          Bind<&Config::SetHardwareDeviceType>("setHardwareDeviceType"),
          Bind<&Config::SetHardwareDeviceId>("setHardwareDeviceId"),
          Bind<&Config::SetHardwareVendorId>("setHardwareVendorId"),
          Bind<&Config::AddModelData>("addModelData"),
          Bind<&Config::RemoveModelData>("removeModelData"),
          Bind<&Config::Dispose>("dispose")};
}

Napi::Value Config::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    const std::string folder = StringArgument(info[0], "folder");
    return RunOnPool(
        info.Env(), [runtime, folder] { return oga::Config::Load(runtime, folder); },
        [](Napi::Env env, std::shared_ptr<oga::Config>& made) -> Napi::Value { return Create(env, made); });
  });
}

Napi::Value Config::CreateFromPackageAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    const std::string folder = StringArgument(info[0], "folder");
    const auto provider = OptionalStringArgument(info[1], "executionProvider");
    return RunOnPool(
        info.Env(), [runtime, folder, provider] { return oga::Config::LoadPackage(runtime, folder, provider); },
        [](Napi::Env env, std::shared_ptr<oga::Config>& made) -> Napi::Value { return Create(env, made); });
  });
}

const std::shared_ptr<oga::Config>& Config::config() const {
  if (!config_) throw oga::Error(oga::Code::kDisposed, "The Config was disposed.");
  return config_;
}

Napi::Value Config::Overlay(const Napi::CallbackInfo& info) {
  config()->Overlay(StringArgument(info[0], "json"));
  return info.Env().Undefined();
}

Napi::Value Config::ClearProviders(const Napi::CallbackInfo& info) {
  config()->ClearProviders();
  return info.Env().Undefined();
}

Napi::Value Config::AppendProvider(const Napi::CallbackInfo& info) {
  config()->AppendProvider(StringArgument(info[0], "provider"));
  return info.Env().Undefined();
}

Napi::Value Config::SetProviderOption(const Napi::CallbackInfo& info) {
  config()->SetProviderOption(StringArgument(info[0], "provider"), StringArgument(info[1], "key"),
                              StringArgument(info[2], "value"));
  return info.Env().Undefined();
}

Napi::Value Config::SetHardwareDeviceType(const Napi::CallbackInfo& info) {
  config()->SetHardwareDeviceType(StringArgument(info[0], "provider"), OptionalStringArgument(info[1], "type"));
  return info.Env().Undefined();
}

Napi::Value Config::SetHardwareDeviceId(const Napi::CallbackInfo& info) {
  config()->SetHardwareDeviceId(StringArgument(info[0], "provider"), OptionalId(info[1], "id"));
  return info.Env().Undefined();
}

Napi::Value Config::SetHardwareVendorId(const Napi::CallbackInfo& info) {
  config()->SetHardwareVendorId(StringArgument(info[0], "provider"), OptionalId(info[1], "id"));
  return info.Env().Undefined();
}

Napi::Value Config::AddModelData(const Napi::CallbackInfo& info) {
  config()->AddModelData(StringArgument(info[0], "name"), CopiedBytesArgument(info[1], "bytes"));
  ReportMemory(info.Env());
  return info.Env().Undefined();
}

Napi::Value Config::RemoveModelData(const Napi::CallbackInfo& info) {
  config()->RemoveModelData(StringArgument(info[0], "name"));
  ReportMemory(info.Env());
  return info.Env().Undefined();
}

Napi::Value Config::Dispose(const Napi::CallbackInfo& info) {
  config_.reset();
  memory_.Release(info.Env());
  return info.Env().Undefined();
}

void Config::ReportMemory(Napi::Env env) {
  memory_.Release(env);
  memory_.Report(env, static_cast<int64_t>(config_->ModelDataSize()));
}

}  // namespace addon
