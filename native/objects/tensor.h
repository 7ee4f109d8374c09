// Tensor: numbers of one type with a shape. Wraps OgaTensor.
//
// Owner of one reference; sets, generators and the ArrayBuffer that data() gives have their own, so dispose() while one
// of them uses the memory is harmless. The memory belongs to the library (see oga/tensor.h). All methods are short and
// run on the JS thread. Refuses every call after dispose().
#pragma once

#include "../napi/external_memory.h"
#include "../napi/object.h"
#include "../oga/tensor.h"

namespace addon {

class Tensor : public Object<Tensor, oga::Handle<OgaTensor>> {
 public:
  static constexpr const char* kName = "Tensor";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f10};
  static std::vector<PropertyDescriptor> Properties();

  explicit Tensor(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override { memory_.Release(env); }

  // createTensor(type: number, shape: number[], data: TypedArray | null): Tensor; copies the data, or fills with zeros
  static Napi::Value CreateSync(const Napi::CallbackInfo& info);

  static Napi::Object Wrap(Napi::Env env, const oga::Handle<OgaTensor>& tensor) { return Create(env, tensor); }

  const oga::Handle<OgaTensor>& handle() const;  // throws kDisposed

 private:
  Napi::Value Type(const Napi::CallbackInfo& info);
  Napi::Value Shape(const Napi::CallbackInfo& info);
  Napi::Value Data(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  oga::Handle<OgaTensor> handle_;
  ExternalMemory memory_;
};

}  // namespace addon
