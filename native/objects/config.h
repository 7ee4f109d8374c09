// Config: a model folder's genai_config.json and the changes to it. Wraps OgaConfig.
//
// Owner of one oga::Config; all methods are short and run on the JS thread, but for reading the folder (pool). Bytes of
// model files are copied: JS may detach or overwrite its own. Refuses every call after dispose(), and every change
// while something is loaded from it.
#pragma once

#include "../napi/external_memory.h"
#include "../napi/object.h"
#include "../oga/config.h"

namespace addon {

class Config : public Object<Config, std::shared_ptr<oga::Config>> {
 public:
  static constexpr const char* kName = "Config";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f01};
  static std::vector<PropertyDescriptor> Properties();

  explicit Config(const Napi::CallbackInfo& info) : Object(info), config_(TakePayload(info)) {}
  void Finalize(Napi::BasicEnv env) override { memory_.Release(env); }

  // createConfig(folder: string): Promise<Config>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);
  // createConfigFromPackage(folder: string, executionProvider: string | null): Promise<Config>
  static Napi::Value CreateFromPackageAsync(const Napi::CallbackInfo& info);

  const std::shared_ptr<oga::Config>& config() const;  // throws kDisposed

 private:
  Napi::Value Overlay(const Napi::CallbackInfo& info);
  Napi::Value ClearProviders(const Napi::CallbackInfo& info);
  Napi::Value AppendProvider(const Napi::CallbackInfo& info);
  Napi::Value SetProviderOption(const Napi::CallbackInfo& info);
  Napi::Value SetHardwareDeviceType(const Napi::CallbackInfo& info);
  Napi::Value SetHardwareDeviceId(const Napi::CallbackInfo& info);
  Napi::Value SetHardwareVendorId(const Napi::CallbackInfo& info);
  Napi::Value AddModelData(const Napi::CallbackInfo& info);
  Napi::Value RemoveModelData(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  void ReportMemory(Napi::Env env);

  std::shared_ptr<oga::Config> config_;
  ExternalMemory memory_;
};

}  // namespace addon
