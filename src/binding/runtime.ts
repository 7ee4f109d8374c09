/** The runtime libraries of this process: which to take, loading them once, and what they are. */
import { trace } from '../diagnostics.ts';
import { GenAIError, invalidArgument } from '../errors.ts';
import { checkOptions } from '../util/options.ts';
import { checkText } from '../util/text.ts';
import { loadAddon } from './addon.ts';
import type { NativeAddon, NativeRuntimeInfo } from './addon-types.ts';
import { toGenAIError } from './native-error.ts';
import type { RuntimeCandidate, RuntimeLocation, RuntimeVariant } from './runtime-paths.ts';
import { RUNTIME_VARIANTS } from './runtime-types.ts';

/** Where to look for the libraries. */
export interface RuntimeOptions {
  /** Folder that holds both libraries; looked at before everything else. */
  readonly home?: string;
  /** Which build to take where several are installed. Default: `"cpu"`, else the one there is. */
  readonly variant?: RuntimeVariant;
  /**
   * Leave usage data, which both libraries send to their maker, to the libraries (they send). Default false: the
   * environment variable `ORT_DISABLE_TELEMETRY` is set for this process unless it is set already.
   */
  readonly telemetry?: boolean;
}

/** The loaded runtime of this thread. */
export interface LoadedRuntime {
  readonly addon: NativeAddon;
  readonly info: NativeRuntimeInfo;
  readonly location: RuntimeLocation;
  /** The build, where the place that it was found at says so. */
  readonly variant: RuntimeVariant | null;
}

let options: RuntimeOptions = {};
let loading: Promise<LoadedRuntime> | undefined;

/**
 * Says which runtime libraries to use. Call it before the first model is loaded; one process loads one runtime.
 *
 * A worker_thread has settings of its own: call it there, too.
 *
 * @throws {GenAIError} `ERR_GENAI_RUNTIME_LOADED` when the runtime is already loaded, `ERR_GENAI_INVALID_ARGUMENT`
 */
export function configureRuntime(next: RuntimeOptions): void {
  if (loading !== undefined) {
    throw new GenAIError(
      'ERR_GENAI_RUNTIME_LOADED',
      'configureRuntime() must be called before the first model is loaded; this process has already chosen its runtime.',
    );
  }
  checkOptions(next, ['home', 'variant', 'telemetry']);
  const { home, variant, telemetry } = next;
  if (home !== undefined) checkText('home', home);
  if (variant !== undefined && !RUNTIME_VARIANTS.includes(variant)) {
    throw invalidArgument('variant', `one of ${RUNTIME_VARIANTS.join(', ')}`, variant);
  }
  if (telemetry !== undefined && typeof telemetry !== 'boolean') {
    throw invalidArgument('telemetry', 'a boolean', telemetry);
  }
  options = { ...next };
}

/** Finds and loads the libraries, once. A failure is not remembered: the next call tries again. */
export function loadRuntime(): Promise<LoadedRuntime> {
  loading ??= load().catch(error => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** What searches is imported when it is needed: importing the package stays quick. */
const search = () => import('./runtime-paths.ts');

async function load(): Promise<LoadedRuntime> {
  const started = performance.now();
  const addon = loadAddon();
  const { findRuntime, runtimeNotFoundMessage } = await search();
  const { found, tried } = await findRuntime(options);
  if (found === null) {
    const unfit = tried.some(candidate => candidate.unfit === true);
    const code = unfit ? 'ERR_GENAI_RUNTIME_INCOMPATIBLE' : 'ERR_GENAI_RUNTIME_NOT_FOUND';
    throw new GenAIError(code, runtimeNotFoundMessage(tried), { details: { tried } });
  }
  try {
    const { onnxruntimeLibrary: onnxruntime, genaiLibrary: genai } = found;
    const info = await addon.loadRuntime({ onnxruntime, genai, telemetry: options.telemetry ?? false });
    const variant = tried.find(({ problem }) => problem === null)?.variant ?? options.variant ?? null;
    const { genaiVersion, onnxruntimeVersion } = info;
    const ms = performance.now() - started;
    trace('genai:runtime:load', { genaiVersion, onnxruntimeVersion, directory: found.directory, ms });
    return { addon, info, location: found, variant };
  } catch (error) {
    throw toGenAIError(error, undefined, { location: found });
  }
}

/** What `doctor` shows: the addon, the search, and what loading gave. Never throws. */
export interface RuntimeDiagnosis {
  readonly addonProblem: string | null;
  readonly tried: readonly RuntimeCandidate[];
  readonly location: RuntimeLocation | null;
  readonly info: NativeRuntimeInfo | null;
  readonly problem: string | null;
}

export async function diagnoseRuntime(): Promise<RuntimeDiagnosis> {
  let addonProblem: string | null = null;
  try {
    loadAddon();
  } catch (error) {
    addonProblem = (error as Error).message;
  }
  const { found, tried } = await (await search()).findRuntime(options);
  const partial = { addonProblem, tried, location: found };
  if (addonProblem !== null) return { ...partial, info: null, problem: addonProblem };
  try {
    const { info } = await loadRuntime();
    return { ...partial, info, problem: null };
  } catch (error) {
    return { ...partial, info: null, problem: (error as Error).message };
  }
}
