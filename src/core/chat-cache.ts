/**
 * The KV cache of a conversation: one native generator that goes on from turn to turn.
 *
 * Every turn's whole prompt is compared with what the generator holds. It goes back to where they differ and runs the
 * rest only, so an answer is that of the whole prompt, whatever happened to the history in between.
 */
import type { NativeGenerator } from '../binding/addon-types.ts';
import { awaitNative } from '../binding/native-error.ts';
import type { GeneratePlan } from './generate-plan.ts';
import {
  createNative,
  freeGenerator,
  type GeneratorKind,
  type LentGenerator,
  lendNewGenerator,
} from './lent-generator.ts';
import type { Model } from './model.ts';

/** Upstream: these do not go on after an answer. */
const WITHOUT_CONTINUATION: readonly string[] = ['DML', 'DirectML', 'QNN'];

const PLAIN: GeneratorKind = { beams: false, guided: false, bursts: false };

/** Tokens that the cache of a short conversation has room for. */
const MIN_ROOM = 512;

interface Cached {
  readonly native: NativeGenerator;
  /** The options that it was made with. */
  readonly key: string;
  readonly adapter: GeneratePlan['adapter'];
  /** Most tokens that it can hold. */
  readonly capacity: number;
  /** It cannot be shortened without running all of it again. */
  readonly grows: boolean;
}

export class ChatCache {
  #cached: Cached | undefined;

  /** One caller at a time. */
  async lend(model: Model, plan: GeneratePlan, prompt: Int32Array, maxNewTokens: number): Promise<LentGenerator> {
    if (!isSameAdapter(this.#cached?.adapter, plan.adapter)) await this.clear();
    // A seed counts from the beginning: what has been drawn in earlier turns would change the answer.
    const once =
      plan.guidance !== undefined || plan.search.seed !== undefined || WITHOUT_CONTINUATION.includes(model.deviceType);
    if (once) return lendNewGenerator(model, plan, prompt, maxNewTokens);
    const key = JSON.stringify([plan.search, plan.speculative]);
    const needed = Math.max(prompt.length + maxNewTokens, plan.search.minLength ?? 0);
    const reused = await this.#reuse(key, needed, prompt);
    if (reused !== undefined) return this.#lent(model, reused.cached, reused.tokens);
    await this.clear(); // before there is another one of its size

    const capacity = roomFor(needed, model);
    const bytes = model.native.folder.kvBytesPerToken * capacity;
    const made = await createNative(model, plan, prompt.length, capacity, bytes);
    const { native, kind, grows } = made;
    if (kind.beams || kind.bursts) {
      return { native, kind, cachedTokens: 0, giveBack: () => freeGenerator(model, native, plan) };
    }
    this.#cached = { native, key, adapter: plan.adapter, capacity, grows };
    return this.#lent(model, this.#cached, 0);
  }

  /** Frees the cache, so that the next turn reads the whole conversation; settles when that has happened. */
  async clear(): Promise<void> {
    const cached = this.#cached;
    this.#cached = undefined;
    // Fails only for want of a thread, and has freed everything then.
    await cached?.native.dispose().catch(() => {});
  }

  #lent(model: Model, { native }: Cached, cachedTokens: number): LentGenerator {
    const giveBack = (failed: boolean): void => {
      if (failed) model.holdUntil(this.clear()); // who knows what it holds
    };
    return { native, kind: PLAIN, cachedTokens, giveBack };
  }

  /** The generator at hand, shortened to what it has in common with the prompt, if that can be had. */
  async #reuse(
    key: string,
    needed: number,
    prompt: Int32Array,
  ): Promise<{ cached: Cached; tokens: number } | undefined> {
    const cached = this.#cached;
    if (cached === undefined || cached.key !== key || cached.capacity < needed) return undefined;
    const held = cached.native.getSequence(0);
    // At least one token has to run, to give the scores of the next one.
    const tokens = Math.min(commonLength(held, prompt), prompt.length - 1);
    if (tokens === 0 || (cached.grows && tokens < held.length)) return undefined;
    if (tokens < held.length) {
      try {
        await awaitNative(() => cached.native.rewindTo(tokens));
      } catch {
        return undefined; // a kind of model that cannot go back
      }
    }
    return { cached, tokens };
  }
}

/** Room for the turns to come, so that a conversation is seldom read again; not beyond a sliding window for that. */
function roomFor(needed: number, { contextLength, native }: Model): number {
  const { slidingWindow } = native.folder;
  const limit = slidingWindow !== null && needed <= slidingWindow ? slidingWindow : contextLength;
  return Math.min(Math.max(2 * needed, MIN_ROOM), limit);
}

function isSameAdapter(a: GeneratePlan['adapter'], b: GeneratePlan['adapter']): boolean {
  return a?.adapters === b?.adapters && a?.name === b?.name;
}

function commonLength(a: Int32Array, b: Int32Array): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a[i] === b[i]) i++;
  return i;
}
