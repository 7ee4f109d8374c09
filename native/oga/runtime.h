// The loaded pair of libraries: ONNX Runtime and onnxruntime-genai, one per process. Plain C++, no Node-API.
//
// Owner: every environment and every handle holds a shared_ptr, so it is known at the end of the process whether all
// objects are gone; then OgaShutdown is called. The libraries themselves are never unloaded.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api.h"
#include "library.h"

namespace oga {

struct RuntimePaths {
  std::string onnxruntime;  // absolute path of the ONNX Runtime library
  std::string genai;        // absolute path of the onnxruntime-genai library
  bool telemetry = false;   // leave the libraries' usage data to their defaults, which is on
};

class Runtime {
 public:
  // Loads the pair, or returns the one that this process has. ONNX Runtime is opened and asked for its version first:
  // genai aborts the process when it finds none. Throws kRuntimeNotFound, kRuntimeIncompatible (too old, wrong file)
  // or kRuntimeLoaded (the process has another pair).
  static std::shared_ptr<const Runtime> Load(const RuntimePaths& paths);

  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  const Api& api() const { return libraries_.api; }
  const RuntimePaths& paths() const { return libraries_.paths; }
  const std::string& genai_version() const { return libraries_.genai_version; }              // "0.18"
  const std::string& onnxruntime_version() const { return libraries_.onnxruntime_version; }  // "1.32.0"
  const std::vector<std::string>& absent() const { return libraries_.absent; }               // functions not exported
  // ONNX Runtime's functions by slot number, at least those of its API 18.
  const void* const* onnxruntime_functions() const { return libraries_.onnxruntime_functions; }
  // Execution providers compiled into ONNX Runtime, such as "CUDAExecutionProvider".
  const std::vector<std::string>& providers() const { return libraries_.providers; }

  struct Libraries {
    RuntimePaths paths;
    Api api;
    std::string genai_version;
    std::string onnxruntime_version;
    std::vector<std::string> absent;
    std::vector<std::string> providers;
    const void* const* onnxruntime_functions = nullptr;
  };

 private:
  explicit Runtime(const Libraries& libraries) : libraries_(libraries) {}

  const Libraries& libraries_;  // lives as long as the process
};

}  // namespace oga
