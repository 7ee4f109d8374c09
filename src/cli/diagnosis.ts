/** What `ort-genai doctor` finds out, as plain data. */
import { diagnoseRuntime, type RuntimeDiagnosis } from '../core/doctor.ts';
import { type Capabilities, capabilities, type Feature, isGenAIError } from '../index.ts';
import { packageVersion } from '../util/package.ts';
import { findModel, loadModel } from './model.ts';
import type { ModelFlags } from './options.ts';
import type { Output } from './output.ts';

export interface Diagnosis {
  readonly ok: boolean;
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly addon: { readonly problem: string | null };
  readonly runtime: {
    readonly problem: string | null;
    readonly genaiVersion: string | null;
    readonly onnxruntimeVersion: string | null;
    readonly genaiLibrary: string | null;
    readonly onnxruntimeLibrary: string | null;
    readonly tried: RuntimeDiagnosis['tried'];
    readonly features: Capabilities['features'] | null;
  };
  /** Null when there was none to try. */
  readonly model: ModelDiagnosis | null;
  /** What to do about what is wrong. */
  readonly advice: readonly string[];
}

export interface ModelDiagnosis {
  readonly directory: string;
  readonly problem: string | null;
  readonly code: string | null;
  readonly type: string | null;
  readonly deviceType: string | null;
  readonly loadMs: number | null;
}

const MODEL_ADVICE =
  'Give a folder that onnxruntime-genai can load, with --model or ORT_GENAI_MODEL: genai_config.json, ONNX files, tokenizer.';

export async function diagnose(flags: ModelFlags, output: Output, quiet: boolean): Promise<Diagnosis> {
  const runtime = await diagnoseRuntime();
  const { addonProblem, info, location, tried } = runtime;
  const loaded = info === null ? null : await capabilities();
  const model = info === null ? null : await diagnoseModel(flags, output, quiet);
  const [problem, ...advice] = splitAdvice(runtime.problem);
  return {
    ok: runtime.problem === null && (model === null || model.problem === null),
    version: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    addon: { problem: addonProblem },
    runtime: {
      problem: problem ?? null,
      genaiVersion: location?.versions?.['onnxruntime-genai'] ?? loaded?.genaiVersion ?? null,
      onnxruntimeVersion: loaded?.onnxruntimeVersion ?? null,
      genaiLibrary: location?.genaiLibrary ?? null,
      onnxruntimeLibrary: location?.onnxruntimeLibrary ?? null,
      tried,
      features: loaded?.features ?? null,
    },
    model,
    advice: model?.problem ? [...advice, MODEL_ADVICE] : advice,
  };
}

/** Loads the model and lets it say one token. */
async function diagnoseModel(flags: ModelFlags, output: Output, quiet: boolean): Promise<ModelDiagnosis | null> {
  const directory = findModel(flags);
  if (directory === undefined) return null;
  const started = performance.now();
  try {
    await using model = await loadModel(flags, output, quiet);
    const loadMs = performance.now() - started;
    await model.generate('Hello', { maxNewTokens: 1 });
    const { type, deviceType } = model;
    return { directory: model.directory, problem: null, code: null, type, deviceType, loadMs };
  } catch (error) {
    if (!isGenAIError(error)) throw error;
    const { message, code } = error;
    return { directory, problem: message, code, type: null, deviceType: null, loadMs: null };
  }
}

/** A search that found nothing says what to do below the places it looked at, which are shown by themselves. */
function splitAdvice(problem: string | null): [string | null, ...string[]] {
  if (problem === null) return [null];
  const [said = '', advice = ''] = problem.split('\nWhat to do:\n');
  const steps = advice.split('\n').filter(line => line !== '' && !line.includes('ort-genai doctor'));
  return [said.split('\nTried:\n')[0] ?? said, ...steps.map(step => step.replace(/^- /, ''))];
}

/** Names of the features that are there or absent. */
export function featureNames(features: Capabilities['features'], present: boolean): Feature[] {
  return (Object.keys(features) as Feature[]).filter(name => features[name] === present);
}
