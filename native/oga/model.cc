#include "model.h"

#include <atomic>
#include <memory>
#include <utility>

#include "fresh_thread.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace oga {

namespace {

void ReturnFreeMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

std::atomic<int> models{0};
std::atomic<bool> loaded{false};

// One that is loaded, or is being loaded.
class Counted {
 public:
  Counted() { models++; }
  ~Counted() { models--; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
};

// With what must live as long: bytes that a session reads its weights from.
template <typename Create>
Handle<OgaModel> Load(const RuntimePtr& runtime, std::vector<Config::Bytes> data, Create create) {
  const auto counted = std::make_shared<Counted>();
  auto model =
      OnFreshThread([&] { return Make<OgaModel>(runtime, &Api::OgaDestroyModel, create, Code::kModelInvalid); });
  loaded = true;
  OgaModel* const object = model.get();
  return {object, [model = std::move(model), data = std::move(data), counted](OgaModel*) mutable {
            model.reset();
            data.clear();
            ReturnFreeMemory();
          }};
}

}  // namespace

Handle<OgaModel> CreateModel(const RuntimePtr& runtime, const std::shared_ptr<const Config>& config, bool keep_data) {
  const Config::Loading loading(config);
  return Load(runtime, keep_data ? loading.ModelData() : std::vector<Config::Bytes>(),
              [&](OgaModel** out) { return runtime->api().OgaCreateModelFromConfig(loading.get(), out); });
}

Handle<OgaModel> CreateModel(const RuntimePtr& runtime, const std::string& folder, const RuntimeSettings& settings) {
  const auto create = OGA_OPTIONAL(runtime->api(), OgaCreateModelWithRuntimeSettings);
  const auto handle = settings.Create(runtime);
  return Load(runtime, {}, [&](OgaModel** out) { return create(folder.c_str(), handle.get(), out); });
}

int ModelCount() { return models; }

bool HasLoadedModel() { return loaded; }

}  // namespace oga
