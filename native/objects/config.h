// Config: a model folder's genai_config.json and the changes to it. Wraps OgaConfig.
//
// Owner of one OgaConfig; all methods are short and run on the JS thread, but for reading the folder (pool). Refuses
// every call after dispose().
#pragma once

#include "../napi/object.h"

namespace addon {

class Config : public Object<Config, oga::Handle<OgaConfig>> {
 public:
  static constexpr const char* kName = "Config";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f01};
  static std::vector<PropertyDescriptor> Properties();

  explicit Config(const Napi::CallbackInfo& info) : Object(info), handle_(TakePayload(info)) {}

  // createConfig(folder: string): Promise<Config>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);

  const oga::Handle<OgaConfig>& handle() const;  // throws kDisposed

 private:
  Napi::Value Overlay(const Napi::CallbackInfo& info);
  Napi::Value ClearProviders(const Napi::CallbackInfo& info);
  Napi::Value AppendProvider(const Napi::CallbackInfo& info);
  Napi::Value SetProviderOption(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  oga::Handle<OgaConfig> handle_;
};

}  // namespace addon
