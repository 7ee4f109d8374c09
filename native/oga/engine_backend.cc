#include "engine_backend.h"

#include "step_engine.h"
#include "turn_engine.h"

namespace oga {

std::unique_ptr<EngineBackend> CreateEngineBackend(const RuntimePtr& runtime, const Handle<OgaModel>& model,
                                                   bool dynamic) {
  if (runtime->api().OgaEngineRun == nullptr) return std::make_unique<StepEngine>(runtime, model);
  return std::make_unique<TurnEngine>(runtime, model, dynamic);
}

}  // namespace oga
