/** Where a generation gets its native generator from, and what becomes of it afterwards. */
import type { NativeGenerator, NativeRunRequest } from '../binding/addon-types.ts';
import { awaitNative } from '../binding/native-error.ts';
import type { GeneratePlan } from './generate-plan.ts';
import { GeneratorParams } from './generator-params.ts';
import { createNativeGenerator } from './guided-generator.ts';
import type { Model } from './model.ts';
import { readOption } from './native-search.ts';
import { defaultChunkSize } from './prefill-chunks.ts';

/** What a run must know of its generator. */
export type GeneratorKind = Pick<NativeRunRequest, 'beams' | 'guided' | 'bursts'>;

/** A native generator for one run. */
export interface LentGenerator {
  readonly native: NativeGenerator;
  readonly kind: GeneratorKind;
  /** How many of the prompt's first tokens it holds already; the run gets the others. */
  readonly cachedTokens: number;
  /** Called once, after the run; `failed` when it threw. Must not fail. A promise where the caller is to wait. */
  readonly giveBack: (failed: boolean) => Promise<void> | void;
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
  const { native, kind } = await createNative(model, plan, prompt.length, prompt.length + maxNewTokens);
  return { native, kind, cachedTokens: 0, giveBack: () => freeGenerator(model, native, plan) };
}

/**
 * Fails only for want of a thread, and has freed everything then. The model's dispose() waits for it, and whoever used
 * an adapter, which can be unloaded only then.
 */
export function freeGenerator(model: Model, native: NativeGenerator, { adapter }: GeneratePlan): Promise<void> | void {
  const freed = native.dispose().catch(() => {});
  model.holdUntil(freed);
  if (adapter !== undefined) return freed;
}

/**
 * @param inputTokens how many tokens its first prefill will have
 * @param maxLength how many tokens its KV cache can hold
 * @param bytes what the garbage collector is told that it holds; 0 for one that is surely freed
 * @returns `grows`: its KV cache grows with the sequence, and cannot be shortened
 */
export async function createNative(
  model: Model,
  { search, guidance, speculative, adapter }: GeneratePlan,
  inputTokens: number,
  maxLength: number,
  bytes = 0,
): Promise<{ native: NativeGenerator; kind: GeneratorKind; grows: boolean }> {
  const { deviceType, native } = model;
  const chunkSize =
    search.chunkSize ?? defaultChunkSize(inputTokens, search, { deviceType, search: native.folder.search });
  const params = new GeneratorParams(model, { ...search, maxLength, chunkSize, speculative });
  params.useGuidance(guidance);
  const nativeParams = params.createNative();
  try {
    const beams = Number(readOption(nativeParams, 'numBeams')) > 1;
    const grows = readOption(nativeParams, 'pastPresentShareBuffer') === false;
    const kind = { beams, guided: guidance !== undefined, bursts: params.bursts };
    const generator = await createNativeGenerator(native, nativeParams, bytes, guidance);
    await useAdapter(generator, adapter);
    return { native: generator, kind, grows };
  } finally {
    nativeParams.dispose();
  }
}

async function useAdapter(generator: NativeGenerator, adapter: GeneratePlan['adapter']): Promise<void> {
  if (adapter === undefined) return;
  try {
    await awaitNative(() => generator.setActiveAdapter(adapter.adapters.native, adapter.name));
  } catch (error) {
    await generator.dispose().catch(() => {});
    throw error;
  }
}
