#include "model.h"

#include "../napi/promise_worker.h"
#include "../napi/thread_job.h"
#include "config.h"
#include "runtime.h"

namespace addon {

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
    const auto config = Config::From(info[0], "config").handle();
    const auto bytes = static_cast<int64_t>(CountArgument(info[1], "bytes"));
    return RunOnPool(
        info.Env(), [runtime, config] { return oga::CreateModel(runtime, config); },
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
