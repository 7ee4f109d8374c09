/** Which models the scheduler can run, and what it must know of one. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { NativeSchedulerSpec } from '../../binding/addon-engine-types.ts';
import { GenAIError } from '../../errors.ts';
import { isObject, type JsonObject } from '../../util/objects.ts';
import { describeModel, type ModelConfigFile, type ModelFolder } from '../model-folder.ts';

/** What a decoder is, without what the caller decides. */
export type DecoderSpec = Omit<NativeSchedulerSpec, 'threads' | 'rows' | 'capacity' | 'chunk' | 'endTokens' | 'bytes'>;

export interface SchedulerFolder {
  readonly folder: ModelFolder;
  readonly decoder: DecoderSpec;
  /** Most tokens of a request: the context length, or less. */
  readonly mostTokens: number;
}

/** The attention that takes rows of different lengths, and a shared buffer of keys and values. */
const ATTENTION = 'GroupQueryAttention';

/**
 * Models with two sets of rotary factors (LongRoPE, such as Phi-3-mini-128k) choose one by the width of the attention mask,
 * which is that of the longest row: a row of more tokens than this would change what its neighbours get.
 */
const LONG_ROPE = ['cos_cache_large', 'rotemb_caches_subgraph'];
const ORIGINAL_LENGTH = 4096;
const ORIGINAL_LENGTHS: Readonly<Record<string, number>> = { phi3: 4096, phimoe: 4096, phi3small: 8192 };

/** The nodes of a graph come before its weights. */
const MOST_SEARCHED = 256 * 2 ** 20;

const NUMBERED = ['pastKey', 'pastValue', 'presentKey', 'presentValue'] as const;

/**
 * @throws {GenAIError} `ERR_GENAI_MODEL_NOT_FOUND`, `ERR_GENAI_MODEL_INVALID` with the reason for a model that cannot be
 *   scheduled
 */
export async function readSchedulerFolder(file: ModelConfigFile): Promise<SchedulerFolder> {
  const folder = await describeModel(file);
  const model = section(file.config, 'model');
  const decoder = section(model, 'decoder');
  const [inputs, outputs] = [section(decoder, 'inputs'), section(decoder, 'outputs')];
  const other = Object.keys(model).find(key => key !== 'decoder' && isObject(model[key]));
  if (other !== undefined) throw misfit(file, `it has a part "${other}" beside its decoder`);
  if (!isOnCpu(decoder)) throw misfit(file, 'it runs on another device than the CPU');
  if (section(decoder, 'sliding_window')['slide_key_value_cache'] === true) {
    throw misfit(file, 'its KV cache slides (sliding_window.slide_key_value_cache)');
  }
  for (const [key, ordinary] of [
    ['num_beams', 1],
    ['no_repeat_ngram_size', 0],
  ] as const) {
    const value = folder.search[key] ?? ordinary;
    if (value !== ordinary) throw misfit(file, `search.${key} of its config is ${value}, and must be ${ordinary}`);
  }
  if (folder.dynamicBatching !== null) throw misfit(file, 'it was exported with paged attention; use an Engine');
  const text = (from: JsonObject, key: string, ordinary: string): string => {
    const value = from[key] ?? ordinary;
    return typeof value === 'string' && value !== '' ? value : ordinary;
  };
  const count = (key: string): number => {
    const value = decoder[key];
    if (!(Number.isSafeInteger(value) && (value as number) > 0)) throw misfit(file, `its config has no decoder.${key}`);
    return value as number;
  };
  const path = join(file.directory, text(decoder, 'filename', 'model.onnx'));
  const spec: DecoderSpec = {
    path,
    layers: count('num_hidden_layers'),
    kvHeads: count('num_key_value_heads'),
    headSize: count('head_size'),
    vocabSize: folder.vocabSize,
    inputIds: text(inputs, 'input_ids', 'input_ids'),
    attentionMask: text(inputs, 'attention_mask', 'attention_mask'),
    pastKey: text(inputs, 'past_key_names', 'past_key_values.%d.key'),
    pastValue: text(inputs, 'past_value_names', 'past_key_values.%d.value'),
    logits: text(outputs, 'logits', 'logits'),
    presentKey: text(outputs, 'present_key_names', 'present.%d.key'),
    presentValue: text(outputs, 'present_value_names', 'present.%d.value'),
  };
  if (NUMBERED.some(name => spec[name].split('%d').length !== 2)) {
    throw misfit(file, 'the names of its keys and values are not numbered by one %d');
  }
  const found = await search(path, [ATTENTION, ...LONG_ROPE]);
  if (!found.has(ATTENTION)) throw misfit(file, `its graph has no ${ATTENTION}`);
  const original = ORIGINAL_LENGTHS[folder.type] ?? ORIGINAL_LENGTH;
  const isLong = folder.type in ORIGINAL_LENGTHS || LONG_ROPE.some(text => found.has(text));
  const mostTokens = isLong ? Math.min(folder.contextLength, original) : folder.contextLength;
  return { folder, decoder: spec, mostTokens };
}

/** @internal */
export function misfit({ directory }: Pick<ModelConfigFile, 'directory'>, reason: string, cause?: unknown): GenAIError {
  return new GenAIError(
    'ERR_GENAI_MODEL_INVALID',
    `A Scheduler cannot run the model at ${directory}: ${reason}. Models that the model builder of onnxruntime-genai ` +
      'writes for the CPU fit; for others use model.generate() or an Engine.',
    { cause, details: { path: directory, reason } },
  );
}

function isOnCpu(decoder: JsonObject): boolean {
  const providers = section(decoder, 'session_options')['provider_options'];
  const names = Array.isArray(providers) ? providers.flatMap(each => (isObject(each) ? Object.keys(each) : [])) : [];
  return names.every(name => name.toLowerCase() === 'cpu');
}

function section(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

/** Which of the texts stand in the file. */
async function search(path: string, texts: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const longest = Math.max(...texts.map(text => text.length));
  await using file = await open(path);
  const buffer = Buffer.alloc(2 ** 20);
  let kept = 0; // of the piece before, so that no border is missed
  for (let at = 0; at < MOST_SEARCHED; ) {
    const { bytesRead } = await file.read(buffer, kept, buffer.length - kept, at);
    if (bytesRead === 0) break;
    const end = kept + bytesRead;
    const piece = buffer.subarray(0, end);
    for (const text of texts) if (piece.includes(text)) found.add(text);
    kept = Math.min(longest, end);
    buffer.copyWithin(0, end - kept, end);
    at += bytesRead;
  }
  return found;
}
