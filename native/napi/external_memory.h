// Tells the garbage collector how much native memory an object holds: it sees only the small wrapper, and would let
// gigabytes lie around uncollected. JS thread and finalizers.
#pragma once

#include <cstdint>

#include "setup.h"

namespace addon {

class ExternalMemory {
 public:
  void Report(Napi::BasicEnv env, int64_t bytes) {
    bytes_ = bytes;
    if (bytes_ != 0) Napi::MemoryManagement::AdjustExternalMemory(env, bytes_);
  }

  void Release(Napi::BasicEnv env) {
    if (bytes_ != 0) Napi::MemoryManagement::AdjustExternalMemory(env, -bytes_);
    bytes_ = 0;
  }

 private:
  int64_t bytes_ = 0;
};

}  // namespace addon
