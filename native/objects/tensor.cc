#include "tensor.h"

#include <cstring>

#include "runtime.h"
#include "values.h"

namespace addon {

namespace {

// What Node-API says where a JS engine takes no memory from outside: Electron, whose pointers are compressed.
constexpr auto kNoExternalBuffers = static_cast<napi_status>(22);

}  // namespace

std::vector<Tensor::PropertyDescriptor> Tensor::Properties() {
  return {Bind<&Tensor::Type>("type"), Bind<&Tensor::Shape>("shape"), Bind<&Tensor::Data>("data"),
          Bind<&Tensor::Dispose>("dispose")};
}

Tensor::Tensor(const Napi::CallbackInfo& info) : Object(info), handle_(TakePayload(info)) {
  const oga::TensorView view = oga::ViewTensor(RuntimeOf(info.Env())->api(), handle_.get());
  memory_.Report(info.Env(), static_cast<int64_t>(view.bytes));
}

Napi::Value Tensor::CreateSync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto& runtime = RuntimeOf(info.Env());
    const auto type = static_cast<int>(NumberArgument(info[0], "type"));
    const auto handle = oga::CreateTensor(runtime, type, ShapeArgument(info[1], "shape"));
    if (!info[2].IsNull()) {
      const oga::TensorView view = oga::ViewTensor(runtime->api(), handle.get());
      // Asked for only now: getting the shape ran JS.
      const ByteSpan data = BytesArgument(info[2], "data");
      if (data.bytes != view.bytes) Refuse("data", "as long as the shape says");
      if (view.bytes > 0) std::memcpy(view.data, data.data, view.bytes);
    }
    return Wrap(info.Env(), handle);
  });
}

const oga::Handle<OgaTensor>& Tensor::handle() const {
  if (!handle_) throw oga::Error(oga::Code::kDisposed, "The Tensor was disposed.");
  return handle_;
}

Napi::Value Tensor::Type(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), oga::ViewTensor(RuntimeOf(info.Env())->api(), handle().get()).type);
}

Napi::Value Tensor::Shape(const Napi::CallbackInfo& info) {
  return ShapeToJs(info.Env(), oga::ViewTensor(RuntimeOf(info.Env())->api(), handle().get()).shape);
}

// data(): ArrayBuffer, the tensor's own memory, which lives as long as the ArrayBuffer (or what it is transferred to).
// Where the engine takes no memory from outside it is a copy. Call it once: V8 wants to be told of a memory only once.
Napi::Value Tensor::Data(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const oga::TensorView view = oga::ViewTensor(RuntimeOf(env)->api(), handle().get());
  if (view.bytes == 0) return Napi::ArrayBuffer::New(env, 0);
  auto holder = std::make_unique<oga::Handle<OgaTensor>>(handle());
  napi_value buffer = nullptr;
  const napi_status status = napi_create_external_arraybuffer(
      env, view.data, view.bytes,
      [](napi_env, void*, void* hint) { delete static_cast<oga::Handle<OgaTensor>*>(hint); },  // NOLINT
      holder.get(), &buffer);
  if (status == napi_ok) {
    // Owned by the ArrayBuffer, whose size V8 knows, from here on.
    static_cast<void>(holder.release());  // NOLINT(bugprone-unused-return-value)
    memory_.Release(env);
    return {env, buffer};
  }
  if (status != kNoExternalBuffers) throw Napi::Error::New(env);
  auto copy = Napi::ArrayBuffer::New(env, view.bytes);
  std::memcpy(copy.Data(), view.data, view.bytes);
  return copy;
}

Napi::Value Tensor::Dispose(const Napi::CallbackInfo& info) {
  memory_.Release(info.Env());
  handle_.reset();
  return info.Env().Undefined();
}

}  // namespace addon
