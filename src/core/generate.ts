/** One whole generation: options checked, prompt encoded, generator lent, run and given back. */
import type { NativeOnPieces, NativeRunResult } from '../binding/addon-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import { invalidArgument } from '../errors.ts';
import { abandonOnAbort, onAbort, throwIfAborted } from '../util/abort.ts';
import { type GeneratePlan, newTokensFor, planGeneration } from './generate-plan.ts';
import { GenerationTrace } from './generation-trace.ts';
import { guidedFailure } from './guided-generator.ts';
import { type LendGenerator, lendNewGenerator } from './lent-generator.ts';
import { encodeMedia, hasMedia, type Prompt } from './media-prompt.ts';
import type { Model } from './model.ts';
import { QUIET } from './token-stream.ts';
import type { ChatTemplateOptions } from './tokenizer.ts';
import { checkTokens } from './tokens.ts';
import type { ChatMessage, GenerateInput, GenerateOptions, GenerateResult, TokenChunk } from './types.ts';

type OnChunks = (chunks: readonly TokenChunk[]) => void;

/** What a generation does differently for its caller. */
export interface GenerateCall {
  /** Gets the tokens as they come. */
  readonly onChunks?: OnChunks;
  /** Ends it like the signal of the options. */
  readonly cancelSignal?: AbortSignal;
  /** How messages become a prompt. */
  readonly chatTemplate?: Pick<ChatTemplateOptions, 'template' | 'tools'>;
  /** Where its generator comes from; one of its own when left out. */
  readonly lend?: LendGenerator;
}

/** Runs a generation to its end. */
export async function generate(
  model: Model,
  input: GenerateInput,
  options: GenerateOptions,
  call: GenerateCall = {},
): Promise<GenerateResult> {
  const traced = new GenerationTrace(model.directory, input);
  try {
    const result = await generateTraced(model, input, options, traced, call);
    traced.end(result);
    return result;
  } catch (error) {
    traced.fail(error);
    throw error;
  }
}

async function generateTraced(
  model: Model,
  input: GenerateInput,
  options: GenerateOptions,
  traced: GenerationTrace,
  call: GenerateCall,
): Promise<GenerateResult> {
  const started = performance.now();
  using _ = model.hold();
  const plan = planGeneration(options, model, model.native.folder.search);
  const signal = anySignal(options.signal, call.cancelSignal);
  let inputTokens = 0;
  try {
    throwIfAborted(signal);
    const encoding = encodeInput(model, input, call.chatTemplate);
    const prompt = await abandonOnAbort(encoding, signal, late => late.inputs?.dispose());
    using _inputs = prompt.inputs;
    inputTokens = prompt.tokens.length;
    const { run, ranAt, cachedTokens } = await runPrompt(model, prompt, plan, signal, traced, call);
    if (run.reason === 'abort') throwReason(plan, signal);
    return toResult(run, plan, { inputTokens, cachedTokens }, ranAt - started);
  } catch (error) {
    if (signal?.aborted !== true || !Object.is(signal.reason, error)) throw error;
    throwReason(plan, signal);
    return toResult(NOTHING, plan, { inputTokens, cachedTokens: 0 }, performance.now() - started);
  }
}

/** @internal */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter(signal => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

async function encodeInput(
  model: Model,
  input: GenerateInput,
  chatTemplate: GenerateCall['chatTemplate'],
): Promise<Prompt> {
  if (hasMedia(input)) return await encodeMedia(model, input, chatTemplate);
  return { tokens: await encodeText(model, input, chatTemplate), inputs: null };
}

/**
 * @internal The tokens of an input without media.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, `ERR_GENAI_TOKEN_OUT_OF_RANGE`
 */
export async function encodeText(
  host: Pick<Model, 'tokenizer' | 'vocabSize'>,
  input: GenerateInput,
  chatTemplate?: GenerateCall['chatTemplate'],
): Promise<Int32Array> {
  const tokens = await tokensOf(host, input, chatTemplate);
  if (tokens.length === 0) throw invalidArgument('input', 'at least one token long', input);
  return tokens;
}

function tokensOf(
  { tokenizer, vocabSize }: Pick<Model, 'tokenizer' | 'vocabSize'>,
  input: GenerateInput,
  chatTemplate: GenerateCall['chatTemplate'],
): Promise<Int32Array> | Int32Array {
  if (typeof input === 'string') return tokenizer.encode(input);
  if (input instanceof Int32Array) return checkTokens('input', input, vocabSize);
  if (!Array.isArray(input)) {
    throw invalidArgument('input', 'a string, an array of messages, or token ids', input);
  }
  return input.length > 0 && typeof input[0] === 'object'
    ? tokenizer.encodeChat(input as readonly ChatMessage[], chatTemplate)
    : checkTokens('input', input, vocabSize);
}

async function runPrompt(
  model: Model,
  { tokens: prompt, inputs }: Prompt,
  given: GeneratePlan,
  signal: AbortSignal | undefined,
  traced: GenerationTrace,
  { onChunks, lend = lendNewGenerator }: GenerateCall,
): Promise<{ run: NativeRunResult; ranAt: number; cachedTokens: number }> {
  const plan = inputs === null ? given : atOnce(given);
  const maxNewTokens = newTokensFor(plan, prompt.length, model.contextLength);
  const { native, kind, cachedTokens, giveBack } = await lend(model, plan, prompt, maxNewTokens);
  let failed = true;
  try {
    throwIfAborted(signal);
    const request = {
      prompt: prompt.subarray(cachedTokens),
      inputs: inputs?.native ?? null,
      maxNewTokens,
      stop: plan.stop,
      ...kind,
    };
    traced.prefill(prompt.length - cachedTokens, maxNewTokens);
    const onPieces = traced.tokens(onChunks === undefined ? null : chunkWriter(onChunks));
    const ranAt = performance.now();
    const running = callNative(() => native.run(request, model.tokenizer.native, onPieces));
    const off = onAbort(signal, () => native.cancel());
    try {
      const run = await awaitNative(() => running);
      failed = false;
      return { run, ranAt, cachedTokens };
    } catch (error) {
      throw guidedFailure(error, plan.guidance);
    } finally {
      off();
    }
  } finally {
    await giveBack(failed);
  }
}

/** A prompt with pictures or sound is not processed in pieces. */
function atOnce(plan: GeneratePlan): GeneratePlan {
  return { ...plan, search: { chunkSize: 0, ...plan.search } };
}

/** @internal `texts` may be left out where all are empty. */
export function chunkWriter(onChunks: OnChunks): NativeOnPieces {
  let index = 0;
  return (tokens, texts) => {
    onChunks(Array.from(tokens, (tokenId, i) => ({ index: index++, tokenId, text: texts[i] ?? '' })));
  };
}

/** @internal Throws the reason of the signal, unless aborting is to return what there is. */
export function throwReason({ onAbort: mode }: GeneratePlan, signal: AbortSignal | undefined): void {
  if (mode === 'throw' && signal?.reason !== QUIET) throw signal?.reason;
}

/** @internal What has ended before it began. */
export const NOTHING: NativeRunResult = {
  tokens: new Int32Array(0),
  text: '',
  reason: 'abort',
  matchedStop: -1,
  queuedMs: 0,
  ttftMs: 0,
  decodeMs: 0,
  totalMs: 0,
};

/** @internal `beforeMs`: what passed before the run. */
export function toResult(
  run: NativeRunResult,
  plan: GeneratePlan,
  { inputTokens, cachedTokens }: { inputTokens: number; cachedTokens: number },
  beforeMs: number,
): GenerateResult {
  const queuedMs = beforeMs + run.queuedMs;
  const totalMs = beforeMs + run.totalMs;
  const matched = plan.stop[run.matchedStop];
  const count = run.tokens.length;
  const prefillMs = (count === 0 ? totalMs : beforeMs + run.ttftMs) - queuedMs;
  return {
    text: run.text,
    tokenIds: run.tokens,
    finishReason: run.reason,
    ...(matched === undefined ? {} : { matchedStop: matched }),
    usage: { inputTokens, outputTokens: count, cachedInputTokens: cachedTokens },
    metrics: {
      queuedMs,
      prefillMs,
      decodeMs: totalMs - queuedMs - prefillMs,
      ttftMs: count === 0 ? 0 : beforeMs + run.ttftMs,
      decodeTokensPerSecond: count > 1 && run.decodeMs > 0 ? ((count - 1) * 1000) / run.decodeMs : 0,
      totalMs,
    },
  };
}
