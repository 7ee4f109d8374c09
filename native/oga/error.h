// The one error of the native layers, and the only reader of OgaResult. Plain C++, no Node-API.
//
// OgaResult* -> oga::Error -> (napi/errors.h) JS error with `code` -> GenAIError (src/errors.ts).
#pragma once

#include <stdexcept>
#include <string>

#include "types.h"

namespace oga {

struct Api;

// Names of the codes in src/errors.ts, without the ERR_GENAI_ prefix.
enum class Code {
  kRuntimeNotFound,
  kRuntimeIncompatible,
  kRuntimeLoaded,
  kUnsupportedByLibrary,
  kModelInvalid,
  kProviderUnavailable,
  kInvalidArgument,
  kDisposed,
  kBusy,
  kOutOfMemory,
  kEngineDead,
  kNative,
};

const char* CodeName(Code code);

class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const { return code_; }

 private:
  Code code_;
};

// Thrown by work that was cancelled on purpose; the caller asked for it and knows why.
class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "cancelled"; }
};

// Throws when `result` is an error and frees it either way. `code` is what a failure of this very call means: the
// library gives only text, and text is never matched on (but for the standard name of a failed allocation).
void Check(const Api& api, OgaResult* result, Code code = Code::kNative);

}  // namespace oga
