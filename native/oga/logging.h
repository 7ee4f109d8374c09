// The library's log, one for the whole process. Plain C++, no Node-API.
//
// Texts come from any thread that runs a model. The library's callback is set with the first change of the log and
// stays (but for a log file): what nobody listens to is dropped, and nothing is printed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "handle.h"

namespace oga {

struct LogChange {
  std::map<std::string, bool> flags;    // "enabled", "generate_next_token", ...
  std::optional<std::string> filename;  // "": no file any more
};

// Waits until no model runs: not on a JS thread. Throws kInvalidArgument for a flag that the library does not know.
void ChangeLog(const RuntimePtr& runtime, const LogChange& change);

// Called with each text on the thread that logs: it must not block, throw, or use the library.
using LogListener = std::function<void(const std::string& text)>;

uint64_t AddLogListener(LogListener listener);
// It is not called any more when this returns. With the last one the log goes off.
void RemoveLogListener(uint64_t id);

}  // namespace oga
