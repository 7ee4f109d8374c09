/** Options of a scheduler and their defaults. */
import { invalidArgument } from '../../errors.ts';
import { availableCores } from '../../util/cores.ts';
import type { SchedulerFolder } from './scheduler-folder.ts';

export interface SchedulerOptions {
  /** Most requests in one step, 1 .. 256. Default 16. */
  readonly maxBatchSize?: number | undefined;
  /** Most requests that wait for a place; more are refused. Default: no limit. */
  readonly maxWaiting?: number | undefined;
  /**
   * Most tokens of a request, prompt and answer together. Default: the context length of the model, at most 8,192; models
   * with long and short rotary factors (Phi-3-mini-128k) have at most 4,096. What a request may have is reserved as
   * addresses, and takes memory as it is used.
   */
  readonly maxLength?: number | undefined;
  /**
   * Most tokens of prompts that are read between two steps, 1 .. 1,024. Default 128. Attention takes 4 bytes times
   * `chunkSize`, `maxLength` and the heads of the model while it reads them.
   */
  readonly chunkSize?: number | undefined;
  /** Threads of one operator. Default: what `genai_config.json` says, else the cores that this process may use. */
  readonly intraOpNumThreads?: number | undefined;
}

const DEFAULTS = { maxBatchSize: 16, chunkSize: 128, maxLength: 8192 };
const MOST_THREADS = 1024;

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` */
export function checkSchedulerOptions(
  options: SchedulerOptions,
  { folder: { sessionOptions }, mostTokens }: Pick<SchedulerFolder, 'folder' | 'mostTokens'>,
): { readonly [Name in keyof SchedulerOptions]-?: number } {
  const { maxWaiting = Number.POSITIVE_INFINITY } = options;
  if (maxWaiting !== Number.POSITIVE_INFINITY) checkCount('maxWaiting', maxWaiting, 0, Number.MAX_SAFE_INTEGER);
  const count = (name: keyof SchedulerOptions, ordinary: number, most: number): number => {
    const value = options[name] ?? ordinary;
    checkCount(name, value, 1, most);
    return value;
  };
  const configured = sessionOptions['intra_op_num_threads'];
  const threads = typeof configured === 'number' && configured > 0 ? configured : availableCores();
  return {
    maxWaiting,
    maxBatchSize: count('maxBatchSize', DEFAULTS.maxBatchSize, 256),
    maxLength: count('maxLength', Math.min(mostTokens, DEFAULTS.maxLength), mostTokens),
    chunkSize: count('chunkSize', DEFAULTS.chunkSize, 1024),
    intraOpNumThreads: count('intraOpNumThreads', Math.min(threads, MOST_THREADS), MOST_THREADS),
  };
}

function checkCount(name: string, value: unknown, least: number, most: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return;
  const upto = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw invalidArgument(name, `an integer ${upto}`, value);
}
