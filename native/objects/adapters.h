// Adapters: LoRA adapters of one model, by name. Wraps OgaAdapters.
//
// Loading and unloading run on the libuv pool (a file is read; another load is waited for). Running work and generators
// hold the adapters, so dispose() meanwhile is harmless. Refuses every call after dispose().
#pragma once

#include "../napi/object.h"
#include "../oga/adapters.h"

namespace addon {

class Adapters : public Object<Adapters, std::shared_ptr<oga::Adapters>> {
 public:
  static constexpr const char* kName = "Adapters";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f12};
  static std::vector<PropertyDescriptor> Properties();

  explicit Adapters(const Napi::CallbackInfo& info) : Object(info), adapters_(TakePayload(info)) {}
  ~Adapters() override;

  // createAdapters(model: Model): Adapters
  static Napi::Value CreateSync(const Napi::CallbackInfo& info);

  const std::shared_ptr<oga::Adapters>& adapters() const;  // throws kDisposed

 private:
  Napi::Value Load(const Napi::CallbackInfo& info);
  Napi::Value Unload(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  std::shared_ptr<oga::Adapters> adapters_;
};

}  // namespace addon
