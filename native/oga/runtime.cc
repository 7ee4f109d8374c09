#include "runtime.h"

#include <cstdlib>
#include <mutex>
#include <optional>

#include "call_gate.h"
#include "model.h"

namespace oga {

namespace {

// The head of ONNX Runtime's C API, stable since its first version. GetApi gives a table of functions that only grows
// at its end, so a slot number is as good as a name.
struct OrtApiBase {
  const void* const* (*GetApi)(uint32_t version);
  const char* (*GetVersionString)();
};
constexpr uint32_t kOrtApiVersion = 18;  // covers every slot that we use; within every library we accept
constexpr size_t kGetAvailableProviders = 125;
constexpr size_t kReleaseAvailableProviders = 126;

struct Minimum {
  const char* genai;
  int onnxruntime_minor;  // of 1.x: what the wheels of that genai version ask pip for
};
constexpr Minimum kMinimums[] = {{"0.18", 31}, {"0.17", 30}, {"0.16", 30}, {"0.15", 28}, {"0.14", 26}};
constexpr int kOldestMinor = 26;

int MinorOf(const std::string& version) {
  if (version.rfind("1.", 0) != 0) return version.rfind("0.", 0) == 0 ? 0 : 1000;
  return static_cast<int>(std::strtol(version.c_str() + 2, nullptr, 10));
}

void DemandOnnxruntime(const RuntimePaths& paths, const std::string& version, int minor, const std::string& by) {
  if (MinorOf(version) >= minor) return;
  throw Error(Code::kRuntimeIncompatible, paths.onnxruntime + " is ONNX Runtime " + version + ", but " + by +
                                              " needs 1." + std::to_string(minor) + " or newer.");
}

const OrtApiBase& ApiBase(const Library& library) {
  const auto get_base = reinterpret_cast<const OrtApiBase* (*)()>(library.FindSymbol("OrtGetApiBase"));
  if (get_base == nullptr) {
    throw Error(Code::kRuntimeIncompatible,
                library.path() + " is no ONNX Runtime library: it does not export OrtGetApiBase.");
  }
  return *get_base();
}

const void* const* Functions(const OrtApiBase& base, const std::string& path) {
  const void* const* table = base.GetApi(kOrtApiVersion);
  // genai ends the process when it gets none.
  if (table == nullptr) throw Error(Code::kRuntimeIncompatible, path + " has no API of ONNX Runtime 1.18 or newer.");
  return table;
}

std::vector<std::string> AvailableProviders(const void* const* table) {
  // Both return a status that is null here: they fail only when memory is short.
  const auto get = reinterpret_cast<void* (*)(char***, int*)>(const_cast<void*>(table[kGetAvailableProviders]));
  const auto release = reinterpret_cast<void* (*)(char**, int)>(const_cast<void*>(table[kReleaseAvailableProviders]));
  char** names = nullptr;
  int count = 0;
  if (get(&names, &count) != nullptr) return {};
  std::vector<std::string> providers(names, names + count);
  release(names, count);
  return providers;
}

Runtime::Libraries Open(const RuntimePaths& paths) {
  // Both libraries send usage data by default and read this once, when their first environment is made.
  if (!paths.telemetry) SetDefaultEnvironment("ORT_DISABLE_TELEMETRY", "1");
  const Library onnxruntime(paths.onnxruntime);
  Runtime::Libraries libraries;
  libraries.paths = paths;
  const OrtApiBase& base = ApiBase(onnxruntime);
  libraries.onnxruntime_version = base.GetVersionString();
  DemandOnnxruntime(paths, libraries.onnxruntime_version, kOldestMinor, "onnxruntime-genai");
  libraries.onnxruntime_functions = Functions(base, paths.onnxruntime);
  libraries.providers = AvailableProviders(libraries.onnxruntime_functions);
  // Makes genai take this very file although another package may have loaded its own copy.
  const Library genai = OpenWith("ORT_LIB_PATH", paths.onnxruntime, paths.genai);
  libraries.api = ResolveApi(genai, &libraries.absent);
  GuardCalls(&libraries.api);
  libraries.genai_version = DetectVersion(libraries.api);
  for (const Minimum& minimum : kMinimums) {
    if (libraries.genai_version == minimum.genai) {
      DemandOnnxruntime(paths, libraries.onnxruntime_version, minimum.onnxruntime_minor,
                        std::string("onnxruntime-genai ") + minimum.genai);
    }
  }
  return libraries;
}

struct Process {
  std::mutex mutex;
  std::optional<Runtime::Libraries> libraries;
  std::weak_ptr<const Runtime> runtime;

  // Not earlier than at the end of the process: another copy of this addon may use the library (seen: a copy that shut
  // it down with its worker_thread crashed the other), and 0.14 cannot be used again after a shutdown. And not at all
  // while objects are alive, as after process.exit(): the library's own exit guard copes with those.
  void ShutDown() {
    const std::lock_guard<std::mutex> lock(mutex);
    if (!libraries || !runtime.expired()) return;
    // 0.14 aborts in it after a tensor without a model; its own exit guard does not.
    if (libraries->genai_version == "0.14" && !HasLoadedModel()) return;
    libraries->api.OgaShutdown();
  }
};

Process& TheProcess() {
  static auto* process = new Process();  // NOLINT(cppcoreguidelines-owning-memory): outlives static destructors
  return *process;
}

}  // namespace

std::shared_ptr<const Runtime> Runtime::Load(const RuntimePaths& paths) {
  Process& process = TheProcess();
  const std::lock_guard<std::mutex> lock(process.mutex);
  if (!process.libraries) {
    process.libraries = Open(paths);
    // Exit handlers run in reverse order, so this one comes before the library's own teardown.
    std::atexit([] { TheProcess().ShutDown(); });
  }
  const RuntimePaths& loaded = process.libraries->paths;
  if (loaded.genai != paths.genai || loaded.onnxruntime != paths.onnxruntime) {
    throw Error(Code::kRuntimeLoaded, "This process has loaded " + loaded.genai + " and cannot load " + paths.genai +
                                          " as well; one process holds one runtime.");
  }
  std::shared_ptr<const Runtime> runtime = process.runtime.lock();
  if (!runtime) {
    runtime = std::shared_ptr<const Runtime>(new Runtime(*process.libraries));
    process.runtime = runtime;
  }
  return runtime;
}

}  // namespace oga
