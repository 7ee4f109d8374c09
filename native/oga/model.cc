#include "model.h"

#include <cstdlib>

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

}  // namespace

Handle<OgaModel> CreateModel(const RuntimePtr& runtime, const Handle<OgaConfig>& config) {
  auto model = OnFreshThread([&] {
    return Make<OgaModel>(
        runtime, &Api::OgaDestroyModel,
        [&](OgaModel** out) { return runtime->api().OgaCreateModelFromConfig(config.get(), out); },
        Code::kModelInvalid);
  });
  OgaModel* const object = model.get();
  return {object, [model = std::move(model)](OgaModel*) mutable {
            model.reset();
            ReturnFreeMemory();
          }};
}

}  // namespace oga
