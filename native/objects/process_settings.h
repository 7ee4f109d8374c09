// The addon's functions about the whole process: providers that come as a library, the GPU, usage data. All run on the
// libuv pool: they may open libraries or start a driver.
#pragma once

#include "../napi/setup.h"

namespace addon {

// registerExecutionProviderLibrary(name: string, path: string): Promise<void>
Napi::Value RegisterExecutionProviderLibrary(const Napi::CallbackInfo& info);
// unregisterExecutionProviderLibrary(name: string): Promise<void>
Napi::Value UnregisterExecutionProviderLibrary(const Napi::CallbackInfo& info);
// hasRegisteredProviders(): boolean
Napi::Value HasRegisteredProviders(const Napi::CallbackInfo& info);
// setGpuDevice(id: number): Promise<void>
Napi::Value SetGpuDevice(const Napi::CallbackInfo& info);
// gpuDevice(): Promise<number>
Napi::Value GpuDevice(const Napi::CallbackInfo& info);
// setTelemetryEnabled(enabled: boolean): Promise<void>
Napi::Value SetTelemetryEnabled(const Napi::CallbackInfo& info);

}  // namespace addon
