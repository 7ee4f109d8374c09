// Execution providers that come as a library of their own, and which GPU is used. Plain C++, no Node-API.
//
// The library's functions report a failure by a C++ exception that leaves it, which is nothing to rely on. So whatever
// makes them fail is looked for first: the file, its exports, names that are taken or unknown. One registry for the
// process. Any thread but a JS thread: opening a provider may take long.
#pragma once

#include <string>

#include "handle.h"

namespace oga {

// Throws kInvalidArgument (name taken, no such file, not a library, not a provider), kProviderUnavailable.
void RegisterExecutionProviderLibrary(const RuntimePtr& runtime, const std::string& name, const std::string& path);

// Throws kInvalidArgument (not registered here), kBusy (models are loaded: the library's code goes from memory).
void UnregisterExecutionProviderLibrary(const RuntimePtr& runtime, const std::string& name);

bool HasRegisteredProviders();

// Throw kProviderUnavailable where there is no CUDA.
void SetGpuDevice(const RuntimePtr& runtime, int id);
int GpuDevice(const RuntimePtr& runtime);

}  // namespace oga
