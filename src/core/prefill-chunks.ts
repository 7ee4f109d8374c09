/**
 * Long prompts in pieces, by the library's `chunk_size`. On a CPU that takes no longer, needs less memory (2,000 tokens of
 * Phi-3-mini's shape: 1.1 GB instead of 2.0, for the logits of every token are computed) and lets an abort take effect
 * sooner: a node of the graph cannot be interrupted, and the nodes are as much smaller as the pieces.
 */
import { GenAIError, invalidArgument } from '../errors.ts';
import type { JsonObject } from '../util/objects.ts';
import type { SearchOptions } from './search-options.ts';

/** Tokens of a piece on a CPU: of 64 to 512 none was faster, and 2,000 tokens stop within 80 ms on two slow cores. */
const CPU_CHUNK = 256;

/** What decides on pieces. */
interface ChunkedModel {
  readonly deviceType: string;
  readonly search: JsonObject;
}

/** The piece for a prompt where neither the caller nor the model has chosen one; undefined: all at once. */
export function defaultChunkSize(
  promptTokens: number,
  options: SearchOptions,
  { deviceType, search }: ChunkedModel,
): number | undefined {
  const chosen = search['chunk_size'] !== undefined || rows(options, search) > 1;
  if (chosen || deviceType !== 'CPU' || promptTokens <= CPU_CHUNK) return undefined;
  // A single token would be multiplied by another kernel, whose sums differ in the last bits.
  let size = CPU_CHUNK;
  while (promptTokens % size === 1) size--;
  return size;
}

/**
 * Pieces go with one row only: with several the library computes nonsense or crashes (0.14.1 and 0.18.0).
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`
 */
export function refuseChunksOfRows(options: SearchOptions, search: JsonObject): void {
  if (rows(options, search) === 1) return;
  const { chunkSize = 0 } = options;
  if (chunkSize > 0) {
    throw invalidArgument('chunkSize', '0 or left out where batchSize or numBeams is above 1', chunkSize);
  }
  const configured = search['chunk_size'];
  // 0.14 does not let an option take the place of what the config says.
  if (typeof configured !== 'number' || configured <= 0) return;
  throw new GenAIError(
    'ERR_GENAI_INVALID_ARGUMENT',
    `genai_config.json sets chunk_size to ${configured}, which goes with a batchSize and numBeams of 1 only; ` +
      'load the model with the configOverlay { search: { chunk_size: 0 } }.',
  );
}

function rows({ numBeams, batchSize }: SearchOptions, search: JsonObject): number {
  return Number(numBeams ?? search['num_beams'] ?? 1) * Number(batchSize ?? search['batch_size'] ?? 1);
}
