#include "api.h"

#include <cstring>

namespace oga {

const std::vector<FunctionInfo>& Functions() {
  static const std::vector<FunctionInfo> functions = {
#define OGA_FUNCTION(level, since, until, result, name, parameters) {#name, Level::level, since, until},
#include "functions.def"
#undef OGA_FUNCTION
  };
  return functions;
}

Api ResolveApi(const Library& library, std::vector<std::string>* absent) {
  Api api;
  std::string missing;
  int missing_count = 0;
  const auto note = [&](const char* name, Level level) {
    if (level == Level::kOptional) {
      absent->emplace_back(name);
    } else if (++missing_count <= 3) {
      missing += missing.empty() ? name : std::string(", ") + name;
    }
  };
#define OGA_FUNCTION(level, since, until, result, name, parameters)           \
  api.name = reinterpret_cast<decltype(api.name)>(library.FindSymbol(#name)); \
  if (api.name == nullptr) note(#name, Level::level);
#include "functions.def"
#undef OGA_FUNCTION
  if (!missing.empty()) {
    throw Error(Code::kRuntimeIncompatible, library.path() +
                                                " is no onnxruntime-genai library of version 0.14.1 or newer: it does "
                                                "not export " +
                                                missing + (missing_count > 3 ? " and others." : "."));
  }
  return api;
}

std::string DetectVersion(const Api& api) {
  if (api.OgaTurnOptionsSetDelimitedGuidance != nullptr) return "0.18";
  if (api.OgaEngineGetCapabilities != nullptr) return "0.17";
  if (api.OgaEngineRun != nullptr) return "0.16";
  if (api.OgaSetTelemetryEnabled != nullptr) return "0.15";
  return "0.14";
}

void ThrowUnsupported(const char* name) {
  for (const FunctionInfo& function : Functions()) {
    if (std::strcmp(function.name, name) != 0) continue;
    throw Error(Code::kUnsupportedByLibrary,
                std::string(name) + " needs onnxruntime-genai " + function.since + " or newer.");
  }
  throw Error(Code::kUnsupportedByLibrary, std::string(name) + " is not in this onnxruntime-genai library.");
}

}  // namespace oga
