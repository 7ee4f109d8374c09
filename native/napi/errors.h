// C++ exceptions -> JS errors with a `code`; the one place for it. JS thread only.
#pragma once

#include <exception>

#include "setup.h"

namespace addon {

// The JS error of an exception: its text, `code` "ERR_GENAI_..." (ERR_GENAI_OUT_OF_MEMORY for std::bad_alloc,
// ERR_GENAI_NATIVE for every other foreign one) and, for oga::Cancelled, `code` "CANCELLED", which src/core turns into
// what the caller asked for.
Napi::Error ToJsError(Napi::Env env, const std::exception_ptr& exception);

// Runs `body` and lets every exception leave as a JS one.
template <typename Body>
auto Guard(Napi::Env env, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw ToJsError(env, std::current_exception());
  }
}

}  // namespace addon
