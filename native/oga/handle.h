// Owned objects of the C API: the only place that calls an OgaDestroy function. Plain C++, no Node-API.
//
// A Handle is a shared_ptr whose deleter holds the runtime: work that runs on another thread copies the handles it
// uses, so the object dies with its last user, and the runtime after it.
#pragma once

#include <memory>
#include <utility>

#include "runtime.h"

namespace oga {

template <typename T>
using Handle = std::shared_ptr<T>;

using RuntimePtr = std::shared_ptr<const Runtime>;

// Takes over `object`, which must not be null (destroying null crashes for half of the types).
template <typename T>
Handle<T> Adopt(RuntimePtr runtime, T* object, void (*Api::*destroy)(T*)) {
  if (object == nullptr) throw Error(Code::kNative, "The library returned no object.");
  return Handle<T>(object, [runtime = std::move(runtime), destroy](T* owned) { (runtime->api().*destroy)(owned); });
}

// Calls `create(T** out)`, checks its result and takes over what it made.
template <typename T, typename Create>
Handle<T> Make(const RuntimePtr& runtime, void (*Api::*destroy)(T*), Create create, Code code = Code::kNative) {
  T* object = nullptr;
  Check(runtime->api(), create(&object), code);
  return Adopt(runtime, object, destroy);
}

// Copies a text that the library allocated, and frees it.
inline std::string TakeString(const Api& api, const char* text) {
  if (text == nullptr) return {};
  std::string copy(text);
  api.OgaDestroyString(text);
  return copy;
}

}  // namespace oga
