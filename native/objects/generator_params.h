// GeneratorParams: search options, speculation and guidance of a generator. Wraps OgaGeneratorParams.
//
// All methods are short and run on the JS thread. A generator keeps its own reference. Refuses every call after
// dispose().
#pragma once

#include "../napi/object.h"

namespace addon {

class GeneratorParams : public Object<GeneratorParams, oga::Handle<OgaGeneratorParams>> {
 public:
  static constexpr const char* kName = "GeneratorParams";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f05};
  static std::vector<PropertyDescriptor> Properties();

  explicit GeneratorParams(const Napi::CallbackInfo& info) : Object(info), handle_(TakePayload(info)) {}

  // createGeneratorParams(model: Model): GeneratorParams
  static Napi::Value CreateSync(const Napi::CallbackInfo& info);

  const oga::Handle<OgaGeneratorParams>& handle() const;  // throws kDisposed

 private:
  Napi::Value SetSearchNumber(const Napi::CallbackInfo& info);
  Napi::Value SetSearchBool(const Napi::CallbackInfo& info);
  Napi::Value GetSearchNumber(const Napi::CallbackInfo& info);
  Napi::Value GetSearchBool(const Napi::CallbackInfo& info);
  Napi::Value SetSpeculativeNumber(const Napi::CallbackInfo& info);
  Napi::Value SetSpeculativeBool(const Napi::CallbackInfo& info);
  Napi::Value GetSpeculativeNumber(const Napi::CallbackInfo& info);
  Napi::Value GetSpeculativeBool(const Napi::CallbackInfo& info);
  Napi::Value SetGuidance(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  oga::Handle<OgaGeneratorParams> handle_;
};

}  // namespace addon
