import { loadRuntime } from '../binding/runtime.ts';
import type { RuntimeSource, RuntimeVariant } from '../binding/runtime-paths.ts';
import { hasGuidance } from './guidance-build.ts';

/** What the loaded libraries are and can do. */
export interface Capabilities {
  /** First two numbers of the onnxruntime-genai version, told by its functions: `"0.18"` also for newer ones. */
  readonly genaiVersion: string;
  /** `"1.32.0"` */
  readonly onnxruntimeVersion: string;
  readonly genaiLibrary: string;
  readonly onnxruntimeLibrary: string;
  /** Execution providers of this build, such as `"CPUExecutionProvider"`. */
  readonly executionProviders: readonly string[];
  /** The build (`"cpu"`, `"cuda"`, `"directml"`), where the place that it was found at says so; else null. */
  readonly variant: RuntimeVariant | null;
  /** Where the libraries were found. */
  readonly source: RuntimeSource;
  /** Groups of functions that this version has. */
  readonly features: Readonly<Record<Feature, boolean>>;
}

/** A group and one C function that stands for it: everything that not every supported version has. */
const FEATURES = {
  guidance: 'OgaGeneratorParamsSetGuidance',
  engine: 'OgaEngineRun',
  engineCapabilities: 'OgaEngineGetCapabilities',
  engineRewind: 'OgaRequestRewindToStartOfTurn',
  delimitedGuidance: 'OgaTurnOptionsSetDelimitedGuidance',
  speculativeDecoding: 'OgaGeneratorParamsSetSpeculativeNumber',
  multiTokenPrediction: 'OgaCreateMtpGenerator',
  generatorSnapshots: 'OgaGenerator_SnapshotState',
  // getInput and getOutput are older, and end the process for a name that the model does not have.
  generatorTensors: 'OgaEngineRun',
  tokenizerFromPath: 'OgaCreateTokenizerFromPath',
  chatTemplateKwargs: 'OgaCreateTokenizerFromPath',
  modelPackages: 'OgaCreateConfigFromPackageEp',
  toolCallTokens: 'OgaTokenizerGetBotTokenId',
  telemetrySwitch: 'OgaSetTelemetryEnabled',
  adapters: 'OgaCreateAdapters',
  multiModal: 'OgaCreateMultiModalProcessor',
} as const;

export type Feature = keyof typeof FEATURES;

export type { RuntimeSource, RuntimeVariant };

/**
 * Loads the runtime, if that has not happened, and says what it is.
 *
 * @throws {GenAIError} `ERR_GENAI_RUNTIME_NOT_FOUND`, `ERR_GENAI_RUNTIME_INCOMPATIBLE`
 */
export async function capabilities(): Promise<Capabilities> {
  const { info, location, variant } = await loadRuntime();
  const { genaiVersion, onnxruntimeVersion, genaiLibrary, onnxruntimeLibrary, providers, absentFunctions } = info;
  const absent = new Set(absentFunctions);
  const features = Object.fromEntries(
    Object.entries(FEATURES).map(([feature, name]) => [feature, !absent.has(name)]),
  ) as Record<Feature, boolean>;
  features.guidance &&= await hasGuidance();
  return {
    genaiVersion,
    onnxruntimeVersion,
    genaiLibrary,
    onnxruntimeLibrary,
    executionProviders: providers,
    variant,
    source: location.source,
    features,
  };
}
