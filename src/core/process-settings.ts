/** What concerns the whole process: providers that come as a library, the GPU, usage data. */
import { resolve } from 'node:path';
import { awaitNative } from '../binding/native-error.ts';
import { loadRuntime } from '../binding/runtime.ts';
import { invalidArgument } from '../errors.ts';
import { checkText } from '../util/text.ts';

/**
 * Opens the library of an execution provider that ONNX Runtime was built without (a plug-in), for all models that are
 * loaded from then on. ONNX Runtime runs its code in this process.
 *
 * @param name what it is known by, also to `unregisterExecutionProviderLibrary`; free to choose
 * @param path of the library; a relative one is taken from the current directory
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (name taken, no file, not the library of a provider),
 *   `ERR_GENAI_PROVIDER_UNAVAILABLE` (it does not work here), `ERR_GENAI_RUNTIME_NOT_FOUND`,
 *   `ERR_GENAI_RUNTIME_INCOMPATIBLE`
 */
export async function registerExecutionProviderLibrary(name: string, path: string): Promise<void> {
  checkName('name', name);
  checkName('path', path);
  const { addon } = await loadRuntime();
  await awaitNative(
    () => addon.registerExecutionProviderLibrary(name, resolve(path)),
    `The execution provider "${name}" cannot be registered`,
  );
}

/**
 * Closes a library of `registerExecutionProviderLibrary`. Dispose of all models first: its code goes from memory.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (not registered), `ERR_GENAI_BUSY` (models are loaded)
 */
export async function unregisterExecutionProviderLibrary(name: string): Promise<void> {
  checkName('name', name);
  const { addon } = await loadRuntime();
  await awaitNative(() => addon.unregisterExecutionProviderLibrary(name));
}

/**
 * Chooses the GPU for what runs from then on in this process, where the provider is CUDA. (For one model alone:
 * `providerOptions: { device_id: "1" }`.)
 *
 * @param id 0, 1, ... as CUDA counts
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_PROVIDER_UNAVAILABLE` (no CUDA, no such GPU)
 */
export async function setCurrentGpuDeviceId(id: number): Promise<void> {
  if (!Number.isInteger(id) || id < 0 || id > MOST_ID)
    throw invalidArgument('id', `an integer from 0 to ${MOST_ID}`, id);
  const { addon } = await loadRuntime();
  await awaitNative(() => addon.setGpuDevice(id));
}

/**
 * The GPU that CUDA uses.
 *
 * @throws {GenAIError} `ERR_GENAI_PROVIDER_UNAVAILABLE` where there is no CUDA
 */
export async function getCurrentGpuDeviceId(): Promise<number> {
  const { addon } = await loadRuntime();
  return awaitNative(() => addon.gpuDevice());
}

/**
 * Turns usage data that the libraries send to their maker on or off, but for the few that they hold essential. Off for
 * good unless `configureRuntime({ telemetry: true })` was called; then this function has an effect. Since 0.15.2.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`
 */
export async function setTelemetryEnabled(enabled: boolean): Promise<void> {
  if (typeof enabled !== 'boolean') throw invalidArgument('enabled', 'a boolean', enabled);
  const { addon } = await loadRuntime();
  await awaitNative(() => addon.setTelemetryEnabled(enabled));
}

const MOST_ID = 2 ** 31 - 1;

function checkName(argument: string, value: unknown): void {
  checkText(argument, value);
  if (value === '') throw invalidArgument(argument, 'a text that is not empty', value);
}
