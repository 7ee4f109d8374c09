// OgaModel: the weights and the ONNX Runtime session. Plain C++, no Node-API.
#pragma once

#include "config.h"
#include "runtime_settings.h"

namespace oga {

// Loads the weights; slow. Throws kModelInvalid. `keep_data`: model files that the configuration has as bytes live as
// long as the model, which with session.use_ort_model_bytes_directly reads them; else they are needed no more.
// The last handle to go gives the freed memory back to the system: glibc keeps what threads that have ended allocated,
// and a process that loads and disposes of models grew by 45 % from 20 to 200 rounds.
Handle<OgaModel> CreateModel(const RuntimePtr& runtime, const std::shared_ptr<const Config>& config, bool keep_data);

// The same with settings of the host, which the library takes with a folder only: it has no configuration to change.
Handle<OgaModel> CreateModel(const RuntimePtr& runtime, const std::string& folder, const RuntimeSettings& settings);

// How many there are in this process, those included that are being loaded.
int ModelCount();

// Whether there has been one.
bool HasLoadedModel();

}  // namespace oga
