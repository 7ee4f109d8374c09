// Audios: encoded files, decoded when they are processed. Wraps OgaAudios.
//
// Owner of one object, made on the libuv pool; a processing call holds it, so dispose() meanwhile is harmless. Refuses
// every call after dispose().
#pragma once

#include "../napi/external_memory.h"
#include "../napi/object.h"
#include "../oga/media.h"

namespace addon {

struct AudiosPayload {
  oga::Handle<OgaAudios> handle;
  int64_t bytes;
};

class Audios : public Object<Audios, AudiosPayload> {
 public:
  static constexpr const char* kName = "Audios";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f14};
  static std::vector<PropertyDescriptor> Properties();

  explicit Audios(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override { memory_.Release(env); }

  // loadAudios(files: Uint8Array[]): Promise<Audios>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);

  const oga::Handle<OgaAudios>& handle() const;  // throws kDisposed

 private:
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  oga::Handle<OgaAudios> handle_;
  ExternalMemory memory_;
};

}  // namespace addon
