#include "libuv.h"

#include <string>

#include "../oga/error.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace addon {

namespace {

template <typename Function>
void Find(const char* name, Function* function) {
#ifdef _WIN32
  const auto found = GetProcAddress(GetModuleHandleW(nullptr), name);
#else
  void* const found = dlsym(RTLD_DEFAULT, name);
#endif
  if (found == nullptr) {
    throw oga::Error(oga::Code::kRuntimeIncompatible,
                     std::string("This process does not export ") + name + " of libuv: it must be Node or Electron.");
  }
  *function = reinterpret_cast<Function>(found);
}

Libuv FindAll() {
  Libuv uv{};
  Find("uv_handle_size", &uv.handle_size);
  Find("uv_async_init", &uv.async_init);
  Find("uv_async_send", &uv.async_send);
  Find("uv_close", &uv.close);
  Find("uv_ref", &uv.ref);
  Find("uv_unref", &uv.unref);
  Find("uv_handle_get_data", &uv.handle_get_data);
  Find("uv_handle_set_data", &uv.handle_set_data);
  return uv;
}

}  // namespace

const Libuv& Libuv::Get() {
  static const Libuv uv = FindAll();
  return uv;
}

}  // namespace addon
