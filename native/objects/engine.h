// Engine: many requests on one model, batched by the library. Wraps OgaEngine.
//
// Owner, with its EngineRequests, of a thread on which every call happens (see engine_thread.h). Running turns keep
// this object; dispose() fails them with kDisposed. Refuses every other call after dispose().
#pragma once

#include "../napi/external_memory.h"
#include "../napi/object.h"
#include "engine_thread.h"

namespace addon {

struct EnginePayload {
  std::shared_ptr<EngineThread> thread;
  size_t max_draft_tokens;
  uint64_t max_request_length;  // 0: the engine sets none
  int64_t bytes;                // for the garbage collector
};

class Engine : public Object<Engine, EnginePayload> {
 public:
  static constexpr const char* kName = "Engine";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f20};
  static std::vector<PropertyDescriptor> Properties();

  explicit Engine(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override { memory_.Release(env); }

  // createEngine(model: Model, tokenizer: Tokenizer, dynamic: boolean, bytes: number): Promise<Engine>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);

 private:
  Napi::Value CreateRequest(const Napi::CallbackInfo& info);
  Napi::Value Capabilities(const Napi::CallbackInfo& info);
  Napi::Value GetSpeculativeStats(const Napi::CallbackInfo& info);
  Napi::Value MaxDraftTokens(const Napi::CallbackInfo& info);
  Napi::Value MaxRequestLength(const Napi::CallbackInfo& info);
  Napi::Value IsDead(const Napi::CallbackInfo& info);
  Napi::Value IsBlocked(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  template <typename Work, typename Convert>
  Napi::Value Run(const Napi::CallbackInfo& info, Work work, Convert convert);  // throws kDisposed

  EnginePayload payload_;
  ExternalMemory memory_;
};

}  // namespace addon
