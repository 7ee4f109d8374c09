// What lives once per environment (main thread or worker_thread): class constructors, the runtime, running jobs and
// the door through which other threads reach this JS thread.
//
// Threads: JS thread only. Other threads never hold a Node-API value: a job keeps its promise and what it pins here,
// under a number, and threads know only the number.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "../oga/handle.h"
#include "dispatcher.h"

namespace addon {

// A promise under way: `pins` keeps JS objects (and what they own) alive until it settles.
struct Job {
  Napi::Promise::Deferred deferred;
  std::vector<Napi::ObjectReference> pins;
  Napi::FunctionReference callback;
  std::function<void()> on_settled;
};

class EnvData {
 public:
  static EnvData& Of(Napi::Env env) { return *env.GetInstanceData<EnvData>(); }

  explicit EnvData(Napi::Env env) : dispatcher_(Dispatcher::Create(env)) {}

  uint64_t AddJob(Job job);
  Job* FindJob(uint64_t id);
  Job TakeJob(uint64_t id);  // each id once

  const std::shared_ptr<Dispatcher>& dispatcher() const { return dispatcher_; }

  oga::RuntimePtr runtime;
  std::unordered_map<std::string, Napi::FunctionReference> constructors;
  std::shared_ptr<void> log_listener;

 private:
  std::shared_ptr<Dispatcher> dispatcher_;
  std::unordered_map<uint64_t, Job> jobs_;
  uint64_t next_job_ = 1;
};

}  // namespace addon
