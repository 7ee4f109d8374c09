import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { EndEvent } from '../../diagnostics.ts';
import { invalidArgument } from '../../errors.ts';
import { checkSignal, onAbort } from '../../util/abort.ts';
import { checkOptions } from '../../util/options.ts';
import type { MetricInput } from '../tracking/batches.ts';
import type { Run } from '../tracking/run.ts';

export interface AutologOptions {
  /** How often metrics are sent, in milliseconds; default 1000. */
  readonly everyMs?: number | undefined;
}

/** Metrics that wait while the server does not answer; the oldest go first. */
const MOST_WAITING = 50_000;

/** The logging of generations to a run, until `stop`. */
export class Autolog {
  readonly #run: Run;
  readonly #timer: NodeJS.Timeout;
  readonly #listener = (event: unknown): void => this.#add(event as EndEvent);
  /** Fires when the caller of `stop` has waited long enough. */
  readonly #giveUp = new AbortController();
  #waiting: MetricInput[] = [];
  #sending: Promise<void> = Promise.resolve();
  #busy = false;
  #step = 0;
  #dropped = 0;

  /** @internal */
  constructor(run: Run, everyMs: number) {
    this.#run = run;
    subscribe('genai:generate:end', this.#listener);
    // What fails now waits for the next time; stop() tells of what fails at last.
    this.#timer = setInterval(() => {
      if (!this.#busy) void this.flush().catch(() => {});
    }, everyMs).unref();
  }

  /** Metrics that were given up because the server did not answer for so long. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Sends what waits, after what is being sent; settles when the server has it. What could not be sent waits for the next
   * time.
   *
   * @throws {GenAIError} `ERR_MLFLOW_HTTP`
   */
  flush(): Promise<void> {
    const next = this.#sending.catch(() => {}).then(() => this.#send());
    this.#sending = next;
    return next;
  }

  /**
   * Ends the logging and sends the rest. The run goes on. A server that is away is asked as often as the client's settings
   * say, which may take minutes; a signal ends that.
   *
   * @throws {GenAIError} `ERR_MLFLOW_HTTP`; or the signal's reason
   */
  async stop(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    checkOptions(options, ['signal']);
    checkSignal(options.signal);
    unsubscribe('genai:generate:end', this.#listener);
    clearInterval(this.#timer);
    const off = onAbort(options.signal, () => this.#giveUp.abort(options.signal?.reason));
    try {
      await this.flush();
    } finally {
      off();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #add({ result }: EndEvent): void {
    const step = this.#step++;
    const timestamp = Date.now();
    for (const [key, value] of Object.entries(result === null ? { failed: 1 } : metricsOf(result))) {
      this.#waiting.push({ key, value, step, timestamp });
    }
    const surplus = this.#waiting.length - MOST_WAITING;
    if (surplus <= 0) return;
    this.#waiting.splice(0, surplus);
    this.#dropped += surplus;
  }

  async #send(): Promise<void> {
    const metrics = this.#waiting;
    if (metrics.length === 0) return;
    this.#waiting = [];
    this.#busy = true;
    try {
      await this.#run.logMetrics(metrics, { signal: this.#giveUp.signal });
    } catch (error) {
      this.#waiting = [...metrics, ...this.#waiting];
      throw error;
    } finally {
      this.#busy = false;
    }
  }
}

/** Milliseconds and tokens; `tokens_per_second` counts the tokens after the first one. */
function metricsOf({ usage, metrics }: NonNullable<EndEvent['result']>): Record<string, number> {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    queued_ms: metrics.queuedMs,
    ttft_ms: metrics.ttftMs,
    tokens_per_second: metrics.decodeTokensPerSecond,
    total_ms: metrics.totalMs,
  };
}

/**
 * Logs every generation of this thread to a run, from now on: `input_tokens`, `output_tokens`, `queued_ms`, `ttft_ms`,
 * `tokens_per_second` and `total_ms`, or `failed`, with the number of the generation as step. They are sent in the
 * background; a server that is away delays no generation.
 *
 * ```ts
 * const logging = autolog(run);
 * await model.generate(messages);
 * await logging.stop();
 * ```
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`
 */
export function autolog(run: Run, options: AutologOptions = {}): Autolog {
  checkOptions(options, ['everyMs']);
  const { everyMs = 1000 } = options;
  // A longer time of a Node timer is 1 ms.
  if (!(everyMs >= 1 && everyMs < 2 ** 31)) throw invalidArgument('everyMs', 'from 1 to 2147483647', everyMs);
  if (typeof run?.logMetrics !== 'function') throw invalidArgument('run', 'what startRun returned', run);
  return new Autolog(run, everyMs);
}
