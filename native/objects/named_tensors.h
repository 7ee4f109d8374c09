// NamedTensors: tensors by name. Wraps OgaNamedTensors.
//
// Owner of one set, which shares its tensors. All methods are short and run on the JS thread; a generator takes a copy
// of the set. Refuses every call after dispose().
#pragma once

#include "../napi/external_memory.h"
#include "../napi/object.h"
#include "../oga/tensor.h"

namespace addon {

class NamedTensors : public Object<NamedTensors, oga::Handle<OgaNamedTensors>> {
 public:
  static constexpr const char* kName = "NamedTensors";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f11};
  static std::vector<PropertyDescriptor> Properties();

  explicit NamedTensors(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override { memory_.Release(env); }

  // createNamedTensors(): NamedTensors, an empty set
  static Napi::Value CreateSync(const Napi::CallbackInfo& info);

  static Napi::Object Wrap(Napi::Env env, const oga::Handle<OgaNamedTensors>& set) { return Create(env, set); }

  const oga::Handle<OgaNamedTensors>& handle() const;  // throws kDisposed

 private:
  Napi::Value Get(const Napi::CallbackInfo& info);
  Napi::Value Set(const Napi::CallbackInfo& info);
  Napi::Value Delete(const Napi::CallbackInfo& info);
  Napi::Value Names(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  oga::Handle<OgaNamedTensors> handle_;
  ExternalMemory memory_;  // of the tensors that came with the set
};

}  // namespace addon
