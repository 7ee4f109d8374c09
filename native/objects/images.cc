#include "images.h"

#include "../napi/promise_worker.h"
#include "runtime.h"

namespace addon {

std::vector<Images::PropertyDescriptor> Images::Properties() { return {Bind<&Images::Dispose>("dispose")}; }

Images::Images(const Napi::CallbackInfo& info) : Object(info) {
  ImagesPayload payload = TakePayload(info);
  handle_ = std::move(payload.handle);
  memory_.Report(info.Env(), payload.bytes);
}

Napi::Value Images::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    auto files = FilesArgument(info[0], "files");
    int64_t bytes = 0;
    for (const std::string& file : files) bytes += static_cast<int64_t>(file.size());
    return RunOnPool(
        info.Env(), [runtime, files = std::move(files)] { return oga::LoadImages(runtime, files); },
        [bytes](Napi::Env env, oga::Handle<OgaImages>& handle) -> Napi::Value { return Create(env, {handle, bytes}); });
  });
}

const oga::Handle<OgaImages>& Images::handle() const {
  if (!handle_) throw oga::Error(oga::Code::kDisposed, "The Images were disposed.");
  return handle_;
}

Napi::Value Images::Dispose(const Napi::CallbackInfo& info) {
  memory_.Release(info.Env());
  handle_.reset();
  return info.Env().Undefined();
}

}  // namespace addon
