#include "execution_providers.h"

#include <algorithm>
#include <cctype>
#include <mutex>
#include <set>

#include "call_gate.h"
#include "model.h"

namespace oga {

namespace {

struct Registry {
  std::mutex mutex;
  std::set<std::string> names;

  static Registry& Get() {
    static auto* registry = new Registry();  // NOLINT(cppcoreguidelines-owning-memory): lives to the very end
    return *registry;
  }
};

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

void DemandFree(const Runtime& runtime, const Registry& registry, const std::string& name) {
  const auto same = [&](const std::string& other) { return Lower(other) == Lower(name); };
  const auto& own = runtime.providers();
  if (registry.names.count(name) == 0 && std::none_of(own.begin(), own.end(), same)) return;
  throw Error(Code::kInvalidArgument, "name must be one that is free, but \"" + name + "\" is registered already.");
}

// As ONNX Runtime does it; what is opened here stays open.
void DemandProviderLibrary(const std::string& path) {
  try {
    const Library library(path);
    for (const char* symbol : {"CreateEpFactories", "ReleaseEpFactory"}) {
      if (library.FindSymbol(symbol) != nullptr) continue;
      throw Error(Code::kInvalidArgument,
                  path + " is no library of an execution provider: it does not export " + std::string(symbol) + ".");
    }
  } catch (const Error& error) {
    throw Error(Code::kInvalidArgument, error.what());
  }
}

// The last net: an exception of the library, where it can be caught at all.
template <typename Call>
void Catching(Call call) {
  try {
    call();
  } catch (const std::exception& error) {
    throw Error(Code::kProviderUnavailable, error.what());
  }
}

}  // namespace

void RegisterExecutionProviderLibrary(const RuntimePtr& runtime, const std::string& name, const std::string& path) {
  const auto add = OGA_OPTIONAL(runtime->api(), OgaRegisterExecutionProviderLibrary);
  Registry& registry = Registry::Get();
  const std::lock_guard<std::mutex> lock(registry.mutex);
  DemandFree(*runtime, registry, name);
  DemandProviderLibrary(path);
  Catching([&] { add(name.c_str(), path.c_str()); });
  registry.names.insert(name);
}

void UnregisterExecutionProviderLibrary(const RuntimePtr& runtime, const std::string& name) {
  const auto remove = OGA_OPTIONAL(runtime->api(), OgaUnregisterExecutionProviderLibrary);
  Registry& registry = Registry::Get();
  const std::lock_guard<std::mutex> lock(registry.mutex);
  if (registry.names.count(name) == 0) {
    throw Error(Code::kInvalidArgument, "name must be a registered one, but \"" + name + "\" is not.");
  }
  if (ModelCount() > 0) {
    throw Error(Code::kBusy, "A provider's library cannot be taken away while models are loaded (" +
                                 std::to_string(ModelCount()) + "): dispose of them first.");
  }
  Catching([&] { remove(name.c_str()); });
  registry.names.erase(name);
}

bool HasRegisteredProviders() {
  Registry& registry = Registry::Get();
  const std::lock_guard<std::mutex> lock(registry.mutex);
  return !registry.names.empty();
}

void SetGpuDevice(const RuntimePtr& runtime, int id) {
  const Api& api = runtime->api();
  Check(api, OGA_OPTIONAL(api, OgaSetCurrentGpuDeviceId)(id), Code::kProviderUnavailable);
  UseGpuDevice(id);
}

int GpuDevice(const RuntimePtr& runtime) {
  const Api& api = runtime->api();
  ChooseGpuDevice();
  int id = 0;
  Check(api, OGA_OPTIONAL(api, OgaGetCurrentGpuDeviceId)(&id), Code::kProviderUnavailable);
  return id;
}

}  // namespace oga
