// A shared library opened by absolute path. Plain C++, no Node-API.
//
// Never unloaded: both libraries keep threads and thread-local state that must not lose their code.
#pragma once

#include <string>

namespace oga {

class Library {
 public:
  // `path`: absolute, UTF-8. Throws kRuntimeNotFound when there is no such file, kRuntimeIncompatible when the
  // loader refuses it (another architecture, not a library, a missing dependency).
  explicit Library(const std::string& path);

  void* FindSymbol(const char* name) const;  // null when not exported
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  void* handle_;
};

// Sets an environment variable of the process for the libraries to read; `overwrite` false keeps the user's value.
void SetEnvironment(const char* name, const std::string& value, bool overwrite);

// Keeps this addon in memory until the process ends: its threads may outlive the worker_thread that loaded it.
void PinThisModule();

}  // namespace oga
