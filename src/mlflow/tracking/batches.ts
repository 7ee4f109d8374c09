/** Cutting what is to be logged into requests that the server takes. */
import { invalidArgument } from '../../errors.ts';
import { checkInteger, checkKey, MAX_PARAM_LENGTH, MAX_TAG_LENGTH, type Scalar, toPairs } from './check.ts';

export interface MetricInput {
  readonly key: string;
  /** Also NaN and infinite. */
  readonly value: number;
  /** Milliseconds since 1970; default now. */
  readonly timestamp?: number | undefined;
  /** Default 0. */
  readonly step?: number | undefined;
  /** A logged model that the metric belongs to, besides the run. */
  readonly modelId?: string | undefined;
}

export interface LogBatchInput {
  readonly metrics?: readonly MetricInput[] | undefined;
  readonly params?: Readonly<Record<string, Scalar>> | undefined;
  readonly tags?: Readonly<Record<string, Scalar>> | undefined;
}

/** Source: mlflow/utils/validation.py. */
const MAX_OF = { metrics: 1000, params: 100, tags: 100 } as const;
const MAX_ITEMS = 1000;
/** The server's limit is 1e6 for the whole body; the rest is for the run id and the names around the lists. */
const MAX_BYTES = 990_000;

type Kind = keyof typeof MAX_OF;
export type Batch = Readonly<Record<Kind, readonly object[]>>;

export function toWireMetric(metric: MetricInput, now: number): Record<string, unknown> {
  if (typeof metric !== 'object' || metric === null) throw invalidArgument('A metric', 'an object', metric);
  const { key, value, timestamp = now, step = 0, modelId } = metric;
  checkKey(key, 'The key of a metric');
  if (typeof value !== 'number') throw invalidArgument(`The value of metric "${key}"`, 'a number', value);
  checkInteger(timestamp, `The timestamp of metric "${key}"`, 0);
  checkInteger(step, `The step of metric "${key}"`);
  // JSON has no NaN: protobuf's JSON writes it as a text.
  const wireValue = Number.isFinite(value) ? value : String(value);
  return { key, value: wireValue, timestamp, step, ...(modelId === undefined ? {} : { model_id: modelId }) };
}

/**
 * Requests that together log everything, in the order parameters, tags, metrics: what describes a run is there first.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`, before anything is sent
 */
export function toBatches(input: LogBatchInput): Batch[] {
  const { metrics = [] } = input;
  if (!Array.isArray(metrics)) throw invalidArgument('metrics', 'an array', metrics);
  const now = Date.now();
  const items: [Kind, object][] = [
    ...toPairs(input.params, MAX_PARAM_LENGTH, 'param').map((pair): [Kind, object] => ['params', pair]),
    ...toPairs(input.tags, MAX_TAG_LENGTH, 'tag').map((pair): [Kind, object] => ['tags', pair]),
    ...metrics.map((metric): [Kind, object] => ['metrics', toWireMetric(metric, now)]),
  ];
  return cut(items);
}

function cut(items: readonly [Kind, object][]): Batch[] {
  const batches: Batch[] = [];
  let batch: Record<Kind, object[]> = { metrics: [], params: [], tags: [] };
  let count = 0;
  let bytes = 0;
  for (const [kind, item] of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (count === MAX_ITEMS || batch[kind].length === MAX_OF[kind] || bytes + size > MAX_BYTES) {
      batches.push(batch);
      batch = { metrics: [], params: [], tags: [] };
      count = 0;
      bytes = 0;
    }
    batch[kind].push(item);
    count++;
    bytes += size;
  }
  return count === 0 ? batches : [...batches, batch];
}
