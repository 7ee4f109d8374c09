// Model: weights and sessions. Wraps OgaModel.
//
// Owner of one reference; tokenizers, parameters and generators keep their own, so dispose() while one of them runs is
// harmless. Freeing the weights is slow and happens on the reaper thread. Refuses every call after dispose().
#pragma once

#include "../napi/external_memory.h"
#include "../napi/object.h"
#include "../oga/model.h"

namespace addon {

struct ModelPayload {
  oga::Handle<OgaModel> handle;
  int64_t bytes;  // of the weights
};

class Model : public Object<Model, ModelPayload> {
 public:
  static constexpr const char* kName = "Model";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f02};
  static std::vector<PropertyDescriptor> Properties();

  explicit Model(const Napi::CallbackInfo& info);
  ~Model() override;
  void Finalize(Napi::BasicEnv env) override { memory_.Release(env); }

  // createModel(config: Config, bytes: number, keepModelData = true): Promise<Model>; slow, a pool thread waits for it
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);
  // createModelWithSettings(folder: string, settings: Record<string, bigint | External>, bytes: number): Promise<Model>
  static Napi::Value CreateWithSettingsAsync(const Napi::CallbackInfo& info);

  const oga::Handle<OgaModel>& handle() const;  // throws kDisposed

 private:
  Napi::Value Type(const Napi::CallbackInfo& info);
  Napi::Value DeviceType(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  oga::Handle<OgaModel> handle_;
  ExternalMemory memory_;
};

}  // namespace addon
