/** The inputs of a multimodal model, as far as the library does not look at them itself. */
import { invalidArgument } from '../errors.ts';
import { NamedTensors } from './named-tensors.ts';
import type { Tensor } from './tensor.ts';

/** How many tokens a picture or recording stands for: read by the library as int64, and memory is taken for so many. */
const COUNTS = ['num_image_tokens', 'num_img_tokens', 'num_audio_tokens'];

interface Limits {
  readonly batchSize: number;
  readonly maxLength: number;
}

/**
 * @returns how many tokens a row of the inputs has
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` where the library would read what is not there
 */
export function checkInputs(inputs: unknown, { batchSize, maxLength }: Limits): number {
  if (!(inputs instanceof NamedTensors)) throw invalidArgument('inputs', 'NamedTensors', inputs);
  for (const name of COUNTS) {
    const counts = inputs.get(name);
    if (counts !== undefined) checkCounts(name, counts, maxLength * batchSize);
  }
  const tokens = inputs.get('input_ids');
  if (tokens === undefined) return 0;
  const { type, shape } = tokens;
  if (type !== 'int32' || shape.length !== 2 || shape[0] !== batchSize || shape[1] === 0) {
    throw invalidArgument('input_ids', `int32 of the shape [${batchSize}, tokens] (batchSize)`, describe(tokens));
  }
  return shape[1] as number;
}

function checkCounts(name: string, counts: Tensor, most: number): void {
  if (counts.type !== 'int64') throw invalidArgument(name, 'of type int64', describe(counts));
  let sum = 0n;
  for (const count of counts.data as BigInt64Array) {
    sum += count;
    if (count >= 0n && sum <= BigInt(most)) continue;
    throw invalidArgument(name, `counts of tokens, together at most ${most} (maxLength)`, count);
  }
}

function describe({ type, shape }: Tensor): string {
  return `${type} [${shape.join(', ')}]`;
}
