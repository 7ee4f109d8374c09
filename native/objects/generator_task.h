// How the methods of a Generator run on its thread; for the files that implement it.
#pragma once

#include <utility>

#include "../napi/thread_job.h"
#include "generator.h"

namespace addon {

struct Done {};

inline Napi::Value Nothing(Napi::Env env, Done&) { return env.Undefined(); }

template <typename Task>
Napi::Value Generator::RunTask(const Napi::CallbackInfo& info, Task task) {
  Job job = StartJob(info);
  return RunOn(
      thread_, info.Env(), std::move(job),
      [generator = generator_, task = std::move(task)] {
        task(*generator);
        return Done{};
      },
      Nothing);
}

}  // namespace addon
