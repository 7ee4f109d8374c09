#include "named_tensors.h"

#include "runtime.h"
#include "tensor.h"
#include "values.h"

namespace addon {

std::vector<NamedTensors::PropertyDescriptor> NamedTensors::Properties() {
  return {Bind<&NamedTensors::Get>("get"), Bind<&NamedTensors::Set>("set"), Bind<&NamedTensors::Delete>("delete"),
          Bind<&NamedTensors::Names>("names"), Bind<&NamedTensors::Dispose>("dispose")};
}

NamedTensors::NamedTensors(const Napi::CallbackInfo& info) : Object(info), handle_(TakePayload(info)) {
  const auto& runtime = RuntimeOf(info.Env());
  size_t bytes = 0;
  for (const std::string& name : oga::NamesOf(runtime, handle_.get())) {
    bytes += oga::ViewTensor(runtime->api(), oga::GetNamedTensor(runtime, handle_.get(), name).get()).bytes;
  }
  memory_.Report(info.Env(), static_cast<int64_t>(bytes));
}

Napi::Value NamedTensors::CreateSync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(),
               [&]() -> Napi::Value { return Wrap(info.Env(), oga::CreateNamedTensors(RuntimeOf(info.Env()))); });
}

const oga::Handle<OgaNamedTensors>& NamedTensors::handle() const {
  if (!handle_) throw oga::Error(oga::Code::kDisposed, "The NamedTensors were disposed.");
  return handle_;
}

// get(name): Tensor | null
Napi::Value NamedTensors::Get(const Napi::CallbackInfo& info) {
  const auto tensor = oga::GetNamedTensor(RuntimeOf(info.Env()), handle().get(), StringArgument(info[0], "name"));
  return tensor ? Tensor::Wrap(info.Env(), tensor).As<Napi::Value>() : info.Env().Null();
}

Napi::Value NamedTensors::Set(const Napi::CallbackInfo& info) {
  const auto& tensor = Tensor::From(info[1], "tensor").handle();
  oga::SetNamedTensor(RuntimeOf(info.Env())->api(), handle().get(), StringArgument(info[0], "name"), tensor.get());
  return info.Env().Undefined();
}

Napi::Value NamedTensors::Delete(const Napi::CallbackInfo& info) {
  oga::DeleteNamedTensor(RuntimeOf(info.Env())->api(), handle().get(), StringArgument(info[0], "name"));
  return info.Env().Undefined();
}

Napi::Value NamedTensors::Names(const Napi::CallbackInfo& info) {
  return ToJs(info.Env(), oga::NamesOf(RuntimeOf(info.Env()), handle().get()));
}

Napi::Value NamedTensors::Dispose(const Napi::CallbackInfo& info) {
  memory_.Release(info.Env());
  handle_.reset();
  return info.Env().Undefined();
}

}  // namespace addon
