// Scheduler: our own batching (native/batching) of many requests on one model.
//
// Owner of a thread on which every step happens (see engine_thread.h). Running requests keep it; dispose() fails them
// with kDisposed. Refuses every other call after dispose().
#pragma once

#include "../napi/external_memory.h"
#include "../napi/object.h"
#include "../oga/batch_engine.h"
#include "engine_thread.h"

namespace addon {

// Requests that run, by the number that JS gave them. On the engine's thread.
using RunningRequests = std::unordered_map<uint64_t, oga::SessionPtr>;

struct SchedulerPayload {
  std::shared_ptr<EngineThread> thread;
  std::shared_ptr<RunningRequests> running;
  int64_t bytes;  // for the garbage collector
};

class Scheduler : public Object<Scheduler, SchedulerPayload> {
 public:
  static constexpr const char* kName = "Scheduler";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f24};
  static std::vector<PropertyDescriptor> Properties();

  explicit Scheduler(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override { memory_.Release(env); }

  // createScheduler(spec, tokenizer: Tokenizer): Promise<Scheduler>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);

 private:
  Napi::Value Run(const Napi::CallbackInfo& info);
  Napi::Value Cancel(const Napi::CallbackInfo& info);
  Napi::Value Stats(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);
  EngineThread& thread() const;  // throws kDisposed

  SchedulerPayload payload_;
  ExternalMemory memory_;
};

}  // namespace addon
