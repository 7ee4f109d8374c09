#include "logging.h"

#include <mutex>
#include <shared_mutex>
#include <utility>

#include "call_gate.h"

namespace oga {

namespace {

// Leaked on purpose: threads use it to the very end.
struct Log {
  std::mutex changing;
  bool has_target = false;  // a callback or a file: the library's own is stderr
  bool enabled = false;
  const Api* api = nullptr;  // set with the first change; lives as long as the process

  std::shared_mutex mutex;  // of the listeners
  std::map<uint64_t, LogListener> listeners;
  uint64_t next_id = 1;

  static Log& Get() {
    static auto* log = new Log();  // NOLINT(cppcoreguidelines-owning-memory)
    return *log;
  }
};

// Without its line end.
void OnText(const char* text, size_t length) {
  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r')) --length;
  const std::string copy(text, length);
  Log& log = Log::Get();
  const std::shared_lock<std::shared_mutex> lock(log.mutex);
  for (const auto& [id, listener] : log.listeners) listener(copy);
}

void SetFlag(const Api& api, const std::string& name, bool value) {
  Check(api, OGA_OPTIONAL(api, OgaSetLogBool)(name.c_str(), value), Code::kInvalidArgument);
}

void SetTarget(const Api& api, const std::string& filename) {
  if (!filename.empty()) {
    Check(api, OGA_OPTIONAL(api, OgaSetLogString)("filename", filename.c_str()), Code::kInvalidArgument);
    return;
  }
  SetFlag(api, "ansi_tags", false);  // colours are for a terminal
  Check(api, OGA_OPTIONAL(api, OgaSetLogCallback)(OnText));
}

// Without waiting: the process may be about to end. (A log that is on then prints what was not destroyed.)
void TurnOff(Log& log) {
  const std::unique_lock<std::mutex> lock(log.changing, std::try_to_lock);
  if (!lock || !log.enabled) return;
  OgaResult* refused = log.api->OgaSetLogBool("enabled", false);
  if (refused != nullptr) log.api->OgaDestroyResult(refused);
  log.enabled = false;
  TakeTurns(false);
}

}  // namespace

void ChangeLog(const RuntimePtr& runtime, const LogChange& change) {
  Log& log = Log::Get();
  const Api& api = runtime->api();
  const std::lock_guard<std::mutex> lock(log.changing);
  const ClosedGate gate;
  log.api = &api;
  if (change.filename || !log.has_target) SetTarget(api, change.filename.value_or(""));
  log.has_target = true;
  for (const auto& [name, value] : change.flags) {
    SetFlag(api, name, value);
    if (name == "enabled") log.enabled = value;
  }
  TakeTurns(log.enabled);
}

uint64_t AddLogListener(LogListener listener) {
  Log& log = Log::Get();
  const std::lock_guard<std::shared_mutex> lock(log.mutex);
  log.listeners.emplace(log.next_id, std::move(listener));
  return log.next_id++;
}

void RemoveLogListener(uint64_t id) {
  Log& log = Log::Get();
  {
    const std::lock_guard<std::shared_mutex> lock(log.mutex);
    log.listeners.erase(id);
    if (!log.listeners.empty()) return;
  }
  TurnOff(log);
}

}  // namespace oga
