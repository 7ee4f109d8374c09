#include "model.h"

#include "../napi/promise_worker.h"
#include "../napi/thread_job.h"
#include "config.h"
#include "runtime.h"

namespace addon {

namespace {

// An address as a bigint, or an External of another addon.
void* PointerArgument(const Napi::Value& value, const char* name) {
  if (value.IsExternal()) return value.As<Napi::External<void>>().Data();
  if (!value.IsBigInt()) Refuse(name, "an address as a bigint, or an External");
  bool lossless = false;
  const uint64_t address = value.As<Napi::BigInt>().Uint64Value(&lossless);
  if (!lossless || address == 0 || address > UINTPTR_MAX) Refuse(name, "the address of something");
  return reinterpret_cast<void*>(static_cast<uintptr_t>(address));  // NOLINT(performance-no-int-to-ptr)
}

oga::RuntimeSettings RuntimeSettingsArgument(const Napi::Value& value, const char* name) {
  if (!value.IsObject()) Refuse(name, "an object");
  const auto object = value.As<Napi::Object>();
  const Napi::Array keys = object.GetPropertyNames();
  oga::RuntimeSettings settings;
  for (uint32_t i = 0; i < keys.Length(); ++i) {
    const std::string key = StringArgument(keys.Get(i), name);
    settings.handles[key] = PointerArgument(object.Get(key), name);
  }
  return settings;
}

}  // namespace

std::vector<Model::PropertyDescriptor> Model::Properties() {
  return {Bind<&Model::Type>("type"), Bind<&Model::DeviceType>("deviceType"), Bind<&Model::Dispose>("dispose")};
}

Model::Model(const Napi::CallbackInfo& info) : Object(info) {
  ModelPayload payload = TakePayload(info);
  handle_ = std::move(payload.handle);
  memory_.Report(info.Env(), payload.bytes);
}

Model::~Model() {
  if (handle_) Reap(std::move(handle_));
}

Napi::Value Model::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    const auto config = Config::From(info[0], "config").config();
    const auto bytes = static_cast<int64_t>(CountArgument(info[1], "bytes"));
    const bool keep_data = info[2].IsUndefined() || BooleanArgument(info[2], "keepModelData");
    return RunOnPool(
        info.Env(), [runtime, config, keep_data] { return oga::CreateModel(runtime, config, keep_data); },
        [bytes](Napi::Env env, oga::Handle<OgaModel>& handle) -> Napi::Value { return Create(env, {handle, bytes}); });
  });
}

Napi::Value Model::CreateWithSettingsAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    const std::string folder = StringArgument(info[0], "folder");
    const oga::RuntimeSettings settings = RuntimeSettingsArgument(info[1], "settings");
    const auto bytes = static_cast<int64_t>(CountArgument(info[2], "bytes"));
    return RunOnPool(
        info.Env(), [runtime, folder, settings] { return oga::CreateModel(runtime, folder, settings); },
        [bytes](Napi::Env env, oga::Handle<OgaModel>& handle) -> Napi::Value { return Create(env, {handle, bytes}); });
  });
}

const oga::Handle<OgaModel>& Model::handle() const {
  if (!handle_) throw oga::Error(oga::Code::kDisposed, "The Model was disposed.");
  return handle_;
}

Napi::Value Model::Type(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const char* text = nullptr;
  oga::Check(api, api.OgaModelGetType(handle().get(), &text));
  return Napi::String::New(info.Env(), oga::TakeString(api, text));
}

Napi::Value Model::DeviceType(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const char* text = nullptr;
  oga::Check(api, api.OgaModelGetDeviceType(handle().get(), &text));
  return Napi::String::New(info.Env(), oga::TakeString(api, text));
}

// dispose(): Promise<void>, settled when this reference is gone. Calling it again is harmless.
Napi::Value Model::Dispose(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  memory_.Release(env);
  return RunOn(
      ReaperThread(), env, Job{Napi::Promise::Deferred::New(env), {}, {}, {}},
      [handle = std::move(handle_)]() mutable {
        handle.reset();
        return true;
      },
      [](Napi::Env js, bool&) -> Napi::Value { return js.Undefined(); });
}

}  // namespace addon
