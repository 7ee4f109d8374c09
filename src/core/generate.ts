/** One whole generation: options checked, prompt encoded, generator made, run and freed. */
import type { NativeGenerator, NativeOnPieces, NativeRunRequest, NativeRunResult } from '../binding/addon-types.ts';
import { awaitNative, callNative } from '../binding/native-error.ts';
import { invalidArgument } from '../errors.ts';
import { abandonOnAbort, onAbort, throwIfAborted } from '../util/abort.ts';
import { type GeneratePlan, newTokensFor, planGeneration } from './generate-plan.ts';
import { GenerationTrace } from './generation-trace.ts';
import { GeneratorParams, readOption } from './generator-params.ts';
import { createNativeGenerator, guidedFailure } from './guided-generator.ts';
import type { Model } from './model.ts';
import { defaultChunkSize } from './prefill-chunks.ts';
import { QUIET } from './token-stream.ts';
import { checkTokens } from './tokens.ts';
import type { ChatMessage, GenerateInput, GenerateOptions, GenerateResult, TokenChunk } from './types.ts';

type OnChunks = (chunks: readonly TokenChunk[]) => void;

/** Runs a generation to its end; `onChunks` gets the tokens as they come, `cancelSignal` is the stream's own. */
export async function generate(
  model: Model,
  input: GenerateInput,
  options: GenerateOptions,
  onChunks?: OnChunks,
  cancelSignal?: AbortSignal,
): Promise<GenerateResult> {
  const traced = new GenerationTrace(model.directory, input);
  try {
    const result = await generateTraced(model, input, options, traced, onChunks, cancelSignal);
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
  onChunks: OnChunks | undefined,
  cancelSignal: AbortSignal | undefined,
): Promise<GenerateResult> {
  const started = performance.now();
  using _ = model.hold();
  const plan = planGeneration(options, model, model.native.folder.search);
  const signal = anySignal(options.signal, cancelSignal);
  let inputTokens = 0;
  try {
    throwIfAborted(signal);
    const prompt = await abandonOnAbort(encodeInput(model, input), signal);
    inputTokens = prompt.length;
    const { run, ranAt } = await runPrompt(model, prompt, plan, signal, traced, onChunks);
    if (run.reason === 'abort') throwReason(plan, signal);
    return toResult(run, plan, inputTokens, ranAt - started);
  } catch (error) {
    if (signal?.aborted !== true || !Object.is(signal.reason, error)) throw error;
    throwReason(plan, signal);
    return toResult(NOTHING, plan, inputTokens, performance.now() - started);
  }
}

function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter(signal => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

async function encodeInput(model: Model, input: GenerateInput): Promise<Int32Array> {
  const tokens = await tokensOf(model, input);
  if (tokens.length === 0) throw invalidArgument('input', 'at least one token long', input);
  return tokens;
}

function tokensOf(model: Model, input: GenerateInput): Promise<Int32Array> | Int32Array {
  if (typeof input === 'string') return model.tokenizer.encode(input);
  if (input instanceof Int32Array) return checkTokens('input', input, model.vocabSize);
  if (!Array.isArray(input)) {
    throw invalidArgument('input', 'a string, an array of messages, or token ids', input);
  }
  return input.length > 0 && typeof input[0] === 'object'
    ? model.tokenizer.encodeChat(input as readonly ChatMessage[])
    : checkTokens('input', input, model.vocabSize);
}

async function runPrompt(
  model: Model,
  prompt: Int32Array,
  plan: GeneratePlan,
  signal: AbortSignal | undefined,
  traced: GenerationTrace,
  onChunks: OnChunks | undefined,
): Promise<{ run: NativeRunResult; ranAt: number }> {
  const maxNewTokens = newTokensFor(plan, prompt.length, model.contextLength);
  const { generator, ...kind } = await createNative(model, plan, prompt.length, maxNewTokens);
  try {
    throwIfAborted(signal);
    const request = { prompt, maxNewTokens, stop: plan.stop, ...kind };
    traced.prefill(prompt.length, maxNewTokens);
    const onPieces = traced.tokens(onChunks === undefined ? null : chunkWriter(onChunks));
    const ranAt = performance.now();
    const running = callNative(() => generator.run(request, model.tokenizer.native, onPieces));
    const off = onAbort(signal, () => generator.cancel());
    try {
      return { run: await awaitNative(() => running), ranAt };
    } catch (error) {
      throw guidedFailure(error, plan.guidance);
    } finally {
      off();
    }
  } finally {
    // Not waited for, but by the model's dispose(). It fails only for want of a thread, and has freed everything then.
    model.holdUntil(generator.dispose().catch(() => {}));
  }
}

interface MadeGenerator extends Pick<NativeRunRequest, 'beams' | 'guided' | 'bursts'> {
  readonly generator: NativeGenerator;
}

/** The KV cache is allocated for maxLength tokens: as many as this prompt can need, never the whole context. */
async function createNative(
  model: Model,
  { search, guidance, speculative }: GeneratePlan,
  inputTokens: number,
  maxNewTokens: number,
): Promise<MadeGenerator> {
  const { folder } = model.native;
  const { deviceType } = model;
  const chunkSize = search.chunkSize ?? defaultChunkSize(inputTokens, search, { deviceType, search: folder.search });
  const maxLength = inputTokens + maxNewTokens;
  const params = new GeneratorParams(model, { ...search, maxLength, chunkSize, speculative });
  params.useGuidance(guidance);
  const native = params.createNative();
  try {
    return {
      beams: Number(readOption(native, 'numBeams')) > 1,
      guided: guidance !== undefined,
      bursts: params.bursts,
      generator: await createNativeGenerator(model.native, native, 0, guidance),
    };
  } finally {
    native.dispose();
  }
}

function chunkWriter(onChunks: OnChunks): NativeOnPieces {
  let index = 0;
  return (tokens, texts) => {
    onChunks(texts.map((text, i) => ({ index: index++, tokenId: tokens[i] as number, text })));
  };
}

/** Throws the reason of the signal, unless aborting is to return what there is. */
function throwReason({ onAbort: mode }: GeneratePlan, signal: AbortSignal | undefined): void {
  if (mode === 'throw' && signal?.reason !== QUIET) throw signal?.reason;
}

const NOTHING: NativeRunResult = {
  tokens: new Int32Array(0),
  text: '',
  reason: 'abort',
  matchedStop: -1,
  queuedMs: 0,
  ttftMs: 0,
  decodeMs: 0,
  totalMs: 0,
};

function toResult(run: NativeRunResult, plan: GeneratePlan, inputTokens: number, beforeMs: number): GenerateResult {
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
    usage: { inputTokens, outputTokens: count, cachedInputTokens: 0 },
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
