/** Where a generation gets its native generator from, and what becomes of it afterwards. */
import type { NativeGenerator } from '../binding/addon-types.ts';
import { awaitNative } from '../binding/native-error.ts';
import type { GeneratePlan } from './generate-plan.ts';
import { GeneratorParams, readOption } from './generator-params.ts';
import type { Model } from './model.ts';
import { defaultChunkSize } from './prefill-chunks.ts';

/** A native generator for one run. */
export interface LentGenerator {
  readonly native: NativeGenerator;
  /** Tokens are known only at the end. */
  readonly beams: boolean;
  /** How many of the prompt's first tokens it holds already; the run gets the others. */
  readonly cachedTokens: number;
  /** Called once, after the run; `failed` when it threw. Must not fail. */
  readonly giveBack: (failed: boolean) => void;
}

export type LendGenerator = (
  model: Model,
  plan: GeneratePlan,
  prompt: Int32Array,
  maxNewTokens: number,
) => Promise<LentGenerator>;

/** One for this run alone. Its KV cache has as much room as this prompt can need, never that of the whole context. */
export async function lendNewGenerator(
  model: Model,
  plan: GeneratePlan,
  prompt: Int32Array,
  maxNewTokens: number,
): Promise<LentGenerator> {
  const { native, beams } = await createNative(model, plan, prompt.length, prompt.length + maxNewTokens);
  return { native, beams, cachedTokens: 0, giveBack: () => freeGenerator(model, native) };
}

/** Not waited for, but by the model's dispose(). It fails only for want of a thread, and has freed everything then. */
export function freeGenerator(model: Model, native: NativeGenerator): void {
  model.holdUntil(native.dispose().catch(() => {}));
}

/**
 * @param inputTokens how many tokens its first prefill will have
 * @param maxLength how many tokens its KV cache can hold
 * @param bytes what the garbage collector is told that it holds; 0 for one that is surely freed
 * @returns `grows`: its KV cache grows with the sequence, and cannot be shortened
 */
export async function createNative(
  model: Model,
  { search }: GeneratePlan,
  inputTokens: number,
  maxLength: number,
  bytes = 0,
): Promise<{ native: NativeGenerator; beams: boolean; grows: boolean }> {
  const { addon, model: nativeModel, folder } = model.native;
  const { deviceType } = model;
  const chunkSize = search.chunkSize ?? defaultChunkSize(inputTokens, search, { deviceType, search: folder.search });
  const params = new GeneratorParams(model, { ...search, maxLength, chunkSize }).createNative();
  try {
    const beams = Number(readOption(params, 'numBeams')) > 1;
    const grows = readOption(params, 'pastPresentShareBuffer') === false;
    return { native: await awaitNative(() => addon.createGenerator(nativeModel, params, bytes)), beams, grows };
  } finally {
    params.dispose();
  }
}
