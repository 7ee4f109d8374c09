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

// Sets an environment variable of the process, for the libraries to read, unless the user has set it.
void SetDefaultEnvironment(const char* name, const char* value);

// Opens a library while an environment variable has another value (not on Windows, where nothing reads it).
Library OpenWith(const char* name, const std::string& value, const std::string& path);

// Keeps this addon in memory until the process ends: its threads may outlive the worker_thread that loaded it.
void PinThisModule();

}  // namespace oga
