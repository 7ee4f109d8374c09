#include "error.h"

#include "api.h"

namespace oga {

const char* CodeName(Code code) {
  switch (code) {
    case Code::kRuntimeNotFound:
      return "ERR_GENAI_RUNTIME_NOT_FOUND";
    case Code::kRuntimeIncompatible:
      return "ERR_GENAI_RUNTIME_INCOMPATIBLE";
    case Code::kRuntimeLoaded:
      return "ERR_GENAI_RUNTIME_LOADED";
    case Code::kUnsupportedByLibrary:
      return "ERR_GENAI_UNSUPPORTED_BY_LIBRARY";
    case Code::kModelInvalid:
      return "ERR_GENAI_MODEL_INVALID";
    case Code::kProviderUnavailable:
      return "ERR_GENAI_PROVIDER_UNAVAILABLE";
    case Code::kInvalidArgument:
      return "ERR_GENAI_INVALID_ARGUMENT";
    case Code::kDisposed:
      return "ERR_GENAI_DISPOSED";
    case Code::kBusy:
      return "ERR_GENAI_BUSY";
    case Code::kOutOfMemory:
      return "ERR_GENAI_OUT_OF_MEMORY";
    case Code::kEngineDead:
      return "ERR_GENAI_ENGINE_DEAD";
    case Code::kNative:
      break;
  }
  return "ERR_GENAI_NATIVE";
}

void Check(const Api& api, OgaResult* result, Code code) {
  if (result == nullptr) return;
  const char* text = api.OgaResultGetError(result);
  const std::string message = text != nullptr ? text : "unknown error";
  api.OgaDestroyResult(result);
  if (message.find("std::bad_alloc") != std::string::npos) code = Code::kOutOfMemory;
  throw Error(code, message);
}

}  // namespace oga
