// The addon's functions about the libraries themselves: loading them and saying what they are.
#pragma once

#include "../napi/env_data.h"

namespace addon {

// loadRuntime({ onnxruntime, genai }): Promise<RuntimeInfo>. Opens the pair on a pool thread; calling it again with the
// same paths gives the same answer.
Napi::Value LoadRuntime(const Napi::CallbackInfo& info);

// The runtime of this environment. Throws kRuntimeNotFound before loadRuntime.
const oga::RuntimePtr& RuntimeOf(Napi::Env env);

}  // namespace addon
