#include "call_gate.h"

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace oga {

namespace {

constexpr int kNoDevice = -1;

// Leaked on purpose: threads use it to the very end.
struct Gate {
  Api api;  // as the library exports it
  std::mutex mutex;
  std::condition_variable moved;
  int running = 0;
  bool closed = false;
  bool take_turns = false;
  std::atomic<int> device{kNoDevice};

  static Gate& Get() {
    static auto* gate = new Gate();  // NOLINT(cppcoreguidelines-owning-memory)
    return *gate;
  }
};

class Pass {
 public:
  Pass() {
    Gate& gate = Gate::Get();
    std::unique_lock<std::mutex> lock(gate.mutex);
    gate.moved.wait(lock, [&] { return !gate.closed && (!gate.take_turns || gate.running == 0); });
    ++gate.running;
  }
  ~Pass() {
    Gate& gate = Gate::Get();
    const std::lock_guard<std::mutex> lock(gate.mutex);
    --gate.running;
    if (gate.closed || gate.take_turns) gate.moved.notify_all();
  }
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;
};

struct NoPass {};

template <typename Entry, auto member>
struct Guarded;

template <typename Entry, typename Result, typename... Arguments, Result (*Api::*member)(Arguments...)>
struct Guarded<Entry, member> {
  static Result Call(Arguments... arguments) {
    [[maybe_unused]] const Entry entry;
    ChooseGpuDevice();
    return (Gate::Get().api.*member)(arguments...);  // NOLINT(clang-analyzer-core.CallAndMessage): only what is there
  }
};

template <typename Entry, auto member>
void Guard(Api* api) {
  if (api->*member != nullptr) api->*member = &Guarded<Entry, member>::Call;
}

}  // namespace

void GuardCalls(Api* api) {
  Gate::Get().api = *api;
  // A load takes long, logs next to nothing and would hold up everybody.
  Guard<NoPass, &Api::OgaCreateModelFromConfig>(api);
  Guard<NoPass, &Api::OgaCreateModelWithRuntimeSettings>(api);
  Guard<Pass, &Api::OgaCreateGenerator>(api);
  Guard<Pass, &Api::OgaGenerator_SetInputs>(api);
  Guard<Pass, &Api::OgaGenerator_AppendTokens>(api);
  Guard<Pass, &Api::OgaGenerator_AppendTokenSequences>(api);
  Guard<Pass, &Api::OgaGenerator_GenerateNextToken>(api);
  Guard<Pass, &Api::OgaGenerator_GetLogits>(api);  // runs the model for a token that has not been run
  Guard<Pass, &Api::OgaCreateMtpGenerator>(api);
  Guard<Pass, &Api::OgaMtpGenerator_AppendTokens>(api);
  Guard<Pass, &Api::OgaMtpGenerator_GenerateNextToken>(api);
  Guard<Pass, &Api::OgaCreateEngine>(api);
  Guard<Pass, &Api::OgaEngineRun>(api);
  Guard<Pass, &Api::OgaEngineStep>(api);
}

ClosedGate::ClosedGate() {
  Gate& gate = Gate::Get();
  std::unique_lock<std::mutex> lock(gate.mutex);
  gate.moved.wait(lock, [&] { return !gate.closed; });
  gate.closed = true;
  gate.moved.wait(lock, [&] { return gate.running == 0; });
}

ClosedGate::~ClosedGate() {
  Gate& gate = Gate::Get();
  const std::lock_guard<std::mutex> lock(gate.mutex);
  gate.closed = false;
  gate.moved.notify_all();
}

void TakeTurns(bool take_turns) {
  Gate& gate = Gate::Get();
  const std::lock_guard<std::mutex> lock(gate.mutex);
  gate.take_turns = take_turns;
  gate.moved.notify_all();
}

void UseGpuDevice(int id) { Gate::Get().device = id; }

void ChooseGpuDevice() {
  thread_local int chosen = kNoDevice;
  const Gate& gate = Gate::Get();
  const int wanted = gate.device.load(std::memory_order_relaxed);
  if (wanted == chosen || gate.api.OgaSetCurrentGpuDeviceId == nullptr) return;
  chosen = wanted;  // a thread that is refused would be refused again
  OgaResult* refused = gate.api.OgaSetCurrentGpuDeviceId(wanted);
  if (refused != nullptr) gate.api.OgaDestroyResult(refused);
}

}  // namespace oga
