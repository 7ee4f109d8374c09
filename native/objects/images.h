// Images: encoded files, decoded when they are processed. Wraps OgaImages.
//
// Owner of one object, made on the libuv pool; a processing call holds it, so dispose() meanwhile is harmless. Refuses
// every call after dispose().
#pragma once

#include "../napi/external_memory.h"
#include "../napi/object.h"
#include "../oga/media.h"

namespace addon {

struct ImagesPayload {
  oga::Handle<OgaImages> handle;
  int64_t bytes;
};

class Images : public Object<Images, ImagesPayload> {
 public:
  static constexpr const char* kName = "Images";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f13};
  static std::vector<PropertyDescriptor> Properties();

  explicit Images(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override { memory_.Release(env); }

  // loadImages(files: Uint8Array[]): Promise<Images>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);

  const oga::Handle<OgaImages>& handle() const;  // throws kDisposed

 private:
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  oga::Handle<OgaImages> handle_;
  ExternalMemory memory_;
};

}  // namespace addon
