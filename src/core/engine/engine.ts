import type { NativeEngine } from '../../binding/addon-engine-types.ts';
import { awaitNative, callNative } from '../../binding/native-error.ts';
import { loadRuntime } from '../../binding/runtime.ts';
import { GenAIError, invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import { hasGuidance } from '../guidance-build.ts';
import type { Model } from '../model.ts';
import type { ModelFolder } from '../model-folder.ts';
import { type SpeculativeStats, toSpeculativeStats } from '../speculative-stats.ts';
import { EngineRequest } from './engine-request.ts';
import type { TurnLimits } from './turn-options.ts';

export interface EngineOptions {
  /**
   * Called when no running turn can go on because places in the batch or parts of the KV cache are missing. The engine
   * rests until a request is closed or a turn is cancelled or begun; nothing is evicted by itself.
   */
  readonly onBlocked?: (() => void) | undefined;
}

/** What an engine was configured to do at most. */
export interface EngineCapabilities {
  /** Requests in one batch. */
  readonly configuredMaxBatchSize: number;
  /** Tokens in one step; 0 with static batching. */
  readonly maxScheduledTokens: number;
  /** Tokens of one request; 0: no other limit than the model's. */
  readonly maxRequestLength: number;
}

export interface EngineRequestOptions {
  /**
   * Most tokens of all turns together, given and generated. Default: what model and engine allow. With static batching
   * the KV cache of a batch is allocated for as many at once, where the model has `past_present_share_buffer`.
   */
  readonly maxSessionTokens?: number | undefined;
}

/**
 * Upstream's engine: many requests on one model, batched. A model exported with paged attention (and an
 * `engine.dynamic_batching` section) lets requests join and leave at any step; every other model runs up to four that
 * began together.
 *
 * Everything happens on a thread of its own. An engine whose model run fails is dead: all running turns and later calls
 * reject with `ERR_GENAI_ENGINE_DEAD`; dispose of it and make another one of the same model. Before 0.16 the library's
 * older engine serves the same calls: one turn per request, no rewind, no drafts.
 */
export class Engine {
  /** Most tokens of one `setDraftTokens`; 0: the engine takes none. */
  readonly maxDraftTokens: number;
  /** The default of a request's `maxSessionTokens`, and the most it can be. */
  readonly maxSessionTokens: number;
  readonly #native: NativeEngine;
  readonly #limits: TurnLimits;
  readonly #onBlocked: () => void;
  #disposed: Promise<void> | undefined;

  private constructor(native: NativeEngine, folder: ModelFolder, limits: TurnLimits, options: EngineOptions) {
    this.#native = native;
    this.#limits = limits;
    this.#onBlocked = options.onBlocked ?? (() => {});
    this.maxDraftTokens = native.maxDraftTokens();
    this.maxSessionTokens = sessionLimit(folder, native.maxRequestLength());
  }

  /** @internal */
  static async create(model: Model, options: EngineOptions): Promise<Engine> {
    using _ = model.hold();
    checkOptions(options, ['onBlocked'] satisfies (keyof EngineOptions)[]);
    const { onBlocked } = options;
    if (onBlocked !== undefined && typeof onBlocked !== 'function') {
      throw invalidArgument('onBlocked', 'a function', onBlocked);
    }
    const { addon, model: native, folder } = model.native;
    demandPlainSearch(folder);
    const { info } = await loadRuntime();
    const dynamic = folder.dynamicBatching !== null;
    const [engine, guidance] = await Promise.all([
      awaitNative(
        () => addon.createEngine(native, model.tokenizer.native, dynamic, cacheBytes(folder)),
        'The engine cannot be made',
      ),
      hasGuidance(), // beginTurn cannot wait for it
    ]);
    const limits: TurnLimits = {
      vocabSize: folder.vocabSize,
      contextLength: folder.contextLength,
      eosTokenIds: model.tokenizer.eosTokenIds,
      search: folder.search,
      guidance,
      batching: info.absentFunctions.includes('OgaEngineRun') ? 'step' : dynamic ? 'dynamic' : 'static',
    };
    return new Engine(engine, folder, limits, options);
  }

  /** True once the engine has failed. */
  get isDead(): boolean {
    return this.#native.isDead();
  }

  /** True while no running turn can go on for want of room; see `onBlocked`. */
  get isBlocked(): boolean {
    return this.#native.isBlocked();
  }

  /**
   * A new conversation.
   *
   * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_ENGINE_DEAD`, `ERR_GENAI_DISPOSED`
   */
  async createRequest(options: EngineRequestOptions = {}): Promise<EngineRequest> {
    checkOptions(options, ['maxSessionTokens'] satisfies (keyof EngineRequestOptions)[]);
    const { maxSessionTokens = this.maxSessionTokens } = options;
    if (!(Number.isInteger(maxSessionTokens) && maxSessionTokens >= 2 && maxSessionTokens <= this.maxSessionTokens)) {
      throw invalidArgument('maxSessionTokens', `an integer from 2 to ${this.maxSessionTokens}`, maxSessionTokens);
    }
    const native = await awaitNative(() => this.#native.createRequest(maxSessionTokens));
    const engine = { limits: this.#limits, maxDraftTokens: this.maxDraftTokens, onBlocked: this.#onBlocked };
    return new EngineRequest(native, engine, maxSessionTokens);
  }

  /**
   * Since 0.17.
   *
   * @throws {GenAIError} `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`, `ERR_GENAI_ENGINE_DEAD`, `ERR_GENAI_DISPOSED`
   */
  async capabilities(): Promise<EngineCapabilities> {
    const { maxBatchSize, ...rest } = await awaitNative(() => this.#native.capabilities());
    return { configuredMaxBatchSize: maxBatchSize, ...rest };
  }

  /**
   * What drafts were proposed and accepted. Since 0.16.
   *
   * @throws {GenAIError} `ERR_GENAI_UNSUPPORTED_BY_LIBRARY`, `ERR_GENAI_ENGINE_DEAD`, `ERR_GENAI_DISPOSED`
   */
  async getSpeculativeStats(): Promise<SpeculativeStats> {
    return toSpeculativeStats(await awaitNative(() => this.#native.getSpeculativeStats()));
  }

  /**
   * Frees the engine and what its requests hold; running turns reject with `ERR_GENAI_DISPOSED`. Settles when it is
   * gone, after the step that runs.
   */
  dispose(): Promise<void> {
    // Fails only for want of memory.
    this.#disposed ??= callNative(() => this.#native.dispose()).catch(() => {});
    return this.#disposed;
  }

  [Symbol.dispose](): void {
    void this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

/** What the engine cannot do must not be in the model's defaults: it would refuse every request. */
function demandPlainSearch({ search }: ModelFolder): void {
  const { num_beams: beams = 1, min_length: minLength = 0 } = search;
  if (beams === 1 && minLength === 0) return;
  throw new GenAIError(
    'ERR_GENAI_INVALID_ARGUMENT',
    'An Engine needs num_beams 1 and min_length 0 in the search section of genai_config.json. Load the model with ' +
      'configOverlay: { search: { num_beams: 1, min_length: 0 } }.',
    { details: { numBeams: beams, minLength } },
  );
}

/** Static batching runs as many whatever its configuration says. */
const STATIC_ROWS = 4;

/** What the KV cache takes at most, for the garbage collector to know. */
function cacheBytes({ dynamicBatching, kvBytesPerToken, search, contextLength }: ModelFolder): number {
  if (dynamicBatching === null)
    return STATIC_ROWS * kvBytesPerToken * (positive(search['max_length']) ?? contextLength);
  const blocks = positive(dynamicBatching['num_blocks']) ?? 0; // where it is left out the device's memory decides
  return blocks * (positive(dynamicBatching['block_size']) ?? DEFAULT_BLOCK_SIZE) * kvBytesPerToken;
}

function positive(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
}

/** The library's. */
const DEFAULT_BLOCK_SIZE = 256;

/** A shared KV buffer of a model with a sliding window ends a little beyond the window, and the engine dies there. */
function sessionLimit({ search, contextLength, slidingWindow }: ModelFolder, maxRequestLength: number): number {
  const { max_length: maxLength, past_present_share_buffer: shared } = search;
  return Math.min(
    contextLength,
    positive(maxLength) ?? contextLength,
    positive(maxRequestLength) ?? contextLength,
    shared === true ? (slidingWindow ?? contextLength) : contextLength,
  );
}
