#include "library.h"

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>

#include "error.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace oga {

#ifndef _WIN32
// One for all copies of this addon in a process: g++ on glibc gives an inline variable of default visibility the same
// address everywhere (STB_GNU_UNIQUE); with clang each copy has its own. Two copies that open their libraries at the
// same time would otherwise take each other's value for the user's, and leave it behind.
__attribute__((visibility("default"))) inline std::mutex environment_mutex;
#endif

namespace {

std::string Refused(const std::string& path, const std::string& reason) {
  return path + " cannot be loaded: " + reason;
}

}  // namespace

#ifdef _WIN32

Library::Library(const std::string& path) : path_(path) {
  const std::filesystem::path file = std::filesystem::u8path(path);
  if (!std::filesystem::exists(file)) throw Error(Code::kRuntimeNotFound, path + " does not exist.");
  // The altered search path makes the loader look for dependencies beside the library, not beside node.exe.
  handle_ = LoadLibraryExW(file.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (handle_ == nullptr) {
    throw Error(Code::kRuntimeIncompatible, Refused(path, "Windows error " + std::to_string(GetLastError())));
  }
}

void* Library::FindSymbol(const char* name) const {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(handle_), name));
}

void SetDefaultEnvironment(const char* name, const char* value) {
  if (GetEnvironmentVariableA(name, nullptr, 0) == 0) _putenv_s(name, value);
}

Library OpenWith(const char*, const std::string&, const std::string& path) { return Library(path); }

void PinThisModule() {
  HMODULE module = nullptr;
  GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                     reinterpret_cast<LPCSTR>(&PinThisModule), &module);
}

#else

Library::Library(const std::string& path) : path_(path) {
  if (!std::filesystem::exists(path)) throw Error(Code::kRuntimeNotFound, path + " does not exist.");
  handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) {
    const char* reason = dlerror();
    throw Error(Code::kRuntimeIncompatible, Refused(path, reason != nullptr ? reason : "unknown reason"));
  }
}

void* Library::FindSymbol(const char* name) const { return dlsym(handle_, name); }

void SetDefaultEnvironment(const char* name, const char* value) {
  const std::lock_guard<std::mutex> lock(environment_mutex);
  setenv(name, value, 0);
}

namespace {

// Child processes must not inherit what is set for a moment.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const std::string& value) : name_(name) {
    const char* old = std::getenv(name);
    if (old != nullptr) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  ~ScopedEnvironment() { old_ ? setenv(name_, old_->c_str(), 1) : unsetenv(name_); }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

}  // namespace

Library OpenWith(const char* name, const std::string& value, const std::string& path) {
  const std::lock_guard<std::mutex> lock(environment_mutex);
  const ScopedEnvironment environment(name, value);
  return Library(path);
}

void PinThisModule() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&PinThisModule), &info) == 0) return;
  dlopen(info.dli_fname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

#endif

}  // namespace oga
