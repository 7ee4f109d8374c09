// A gate in front of the functions that run models. Plain C++, no Node-API.
//
// The library writes its log into one buffer without a lock. (Seen on 0.18.0: with two generations at once lines run
// into each other and hold NUL bytes, so memory is written that somebody else uses.) While the log is on, calls that
// run a model take turns; while it is off they run side by side, and the gate costs less than a microsecond.
//
// The same functions choose the GPU that was set: the library's setting is one of the calling thread (CUDA), and calls
// come from many.
#pragma once

#include "api.h"

namespace oga {

// Puts the gate in front of them, in the table that everybody calls through. Once per process.
void GuardCalls(Api* api);

// While one exists no guarded call runs. Making one waits for those that do, a prefill for seconds: not on a JS thread.
class ClosedGate {
 public:
  ClosedGate();
  ~ClosedGate();
  ClosedGate(const ClosedGate&) = delete;
  ClosedGate& operator=(const ClosedGate&) = delete;
};

// Whether guarded calls that begin from now on take turns.
void TakeTurns(bool take_turns);

// Every guarded call that begins from now on runs on this GPU; ChooseGpuDevice does it for the calling thread.
void UseGpuDevice(int id);
void ChooseGpuDevice();

}  // namespace oga
