// A promise for work on an OwnerThread.
//
// Phases: arguments on the JS thread (the caller) -> `task` on the owner thread, touching C++ only -> `convert` on the
// JS thread -> the job and what it pinned are released.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "env_data.h"
#include "errors.h"
#include "owner_thread.h"

namespace addon {

// A job of the object that is called, which lives until it has settled.
inline Job JobOf(const Napi::CallbackInfo& info) {
  Job job{Napi::Promise::Deferred::New(info.Env()), {}, {}, {}};
  job.pins.push_back(Napi::Persistent(info.This().As<Napi::Object>()));
  return job;
}

// Settles job `id` on the JS thread. `convert` makes the value; it is not called when there is an `error`.
template <typename Convert>
void SettleJob(Napi::Env env, uint64_t id, const std::exception_ptr& error, Convert convert) {
  Job job = EnvData::Of(env).TakeJob(id);
  if (job.on_settled) job.on_settled();
  try {
    if (error) {
      job.deferred.Reject(ToJsError(env, error).Value());
    } else {
      job.deferred.Resolve(Guard(env, convert));
    }
  } catch (const Napi::Error& failure) {
    job.deferred.Reject(failure.Value());
  }
}

inline void IgnoreJobId(uint64_t) {}

// `T task()`, `Napi::Value convert(Napi::Env, T&)`; `on_id(uint64_t)` learns the job's number before the task starts.
template <typename Task, typename Convert, typename OnId = decltype(&IgnoreJobId)>
Napi::Promise RunOn(OwnerThread& thread, Napi::Env env, Job job, Task task, Convert convert,
                    OnId on_id = &IgnoreJobId) {
  using T = decltype(task());
  struct Outcome {
    std::optional<T> value;
    std::exception_ptr error;
  };
  const Napi::Promise promise = job.deferred.Promise();
  EnvData& data = EnvData::Of(env);
  const uint64_t id = data.AddJob(std::move(job));
  on_id(id);
  auto work = [dispatcher = data.dispatcher(), id, task = std::move(task), convert = std::move(convert)]() mutable {
    auto outcome = std::make_shared<Outcome>();
    try {
      outcome->value.emplace(task());
    } catch (...) {
      outcome->error = std::current_exception();
    }
    dispatcher->Post([outcome, id, convert](Napi::Env js) {
      SettleJob(js, id, outcome->error, [&] { return convert(js, *outcome->value); });
    });
  };
  try {
    thread.Post(std::move(work));
  } catch (...) {
    SettleJob(env, id, std::current_exception(), [&]() -> Napi::Value { return env.Undefined(); });
  }
  return promise;
}

}  // namespace addon
