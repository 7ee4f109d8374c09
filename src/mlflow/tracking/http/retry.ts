/** Another try when a server or the network falters: which failures are worth one, how many, and after what wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GenAIError } from '../../../errors.ts';
import { throwIfAborted } from '../../../util/abort.ts';

/** Waits as MLflow's Python client does: `backoffFactor * 2 ** retry` seconds and a random part, none before the first. */
export interface RetryPolicy {
  readonly maxRetries: number;
  /** In seconds. */
  readonly backoffFactor: number;
  /** Most random seconds on top. */
  readonly backoffJitter: number;
}

/** No wait is longer, whatever `Retry-After` says (the limit of Python's client for its own waits). */
const LONGEST_WAIT_MS = 120_000;

/** Nobody listens there: a server that restarts is back soon, a wrong address never is. Python would wait four minutes. */
const MAX_CONNECT_RETRIES = 3;

/**
 * `unsent`: nothing reached the server. `refused`: it said that it did nothing (408, 429, 503). `unknown`: it may have done
 * the work (500, 502, 504, a connection that broke). `final`: another try would end the same.
 */
export type Outcome = 'unsent' | 'refused' | 'unknown' | 'final';

/** Why one attempt failed. The error is made at the end, when the number of retries is known. */
export class FailedAttempt extends Error {
  readonly outcome: Outcome;
  readonly toError: (retries: number) => GenAIError;
  readonly retryAfterMs: number | undefined;
  /** Of the answer, where there was one that says that it failed. */
  readonly status: number | undefined;

  constructor(outcome: Outcome, toError: (retries: number) => GenAIError, retryAfterMs?: number, status?: number) {
    super(outcome);
    this.outcome = outcome;
    this.toError = toError;
    this.retryAfterMs = retryAfterMs;
    this.status = status;
  }
}

/** What an attempt may reset to zero when it got further than the one before it. */
export interface RetryState {
  retries: number;
}

/**
 * Runs `attempt` until it succeeds, or fails in a way that another try does not mend.
 *
 * Python's client repeats every request. Here one that would do harm when it is done twice (`repeatable: false`, such as
 * creating a run) is repeated only when the server cannot have done it: else a lost answer makes two runs.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  { repeatable, signal }: { repeatable: boolean; signal?: AbortSignal | undefined },
  attempt: (state: RetryState) => Promise<T>,
): Promise<T> {
  const state: RetryState = { retries: 0 };
  for (;;) {
    throwIfAborted(signal);
    try {
      return await attempt(state);
    } catch (error) {
      throwIfAborted(signal);
      if (!(error instanceof FailedAttempt)) throw error;
      if (state.retries >= mostRetries(policy, error.outcome, repeatable)) throw error.toError(state.retries);
      await pause(waitMs(policy, state.retries, error.retryAfterMs), signal);
      state.retries++;
    }
  }
}

function mostRetries(policy: RetryPolicy, outcome: Outcome, repeatable: boolean): number {
  if (outcome === 'final' || (outcome === 'unknown' && !repeatable)) return 0;
  return outcome === 'unsent' ? Math.min(policy.maxRetries, MAX_CONNECT_RETRIES) : policy.maxRetries;
}

function waitMs({ backoffFactor, backoffJitter }: RetryPolicy, retries: number, retryAfterMs = 0): number {
  const backoff = retries === 0 ? 0 : backoffFactor * 2 ** retries;
  const ms = Math.max((backoff + Math.random() * backoffJitter) * 1000, retryAfterMs);
  return Math.min(ms, LONGEST_WAIT_MS);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  }
}

/** Milliseconds that a `Retry-After` header asks for: a number of seconds or an HTTP date. Nonsense asks for nothing. */
export function retryAfterMs(header: unknown, now: number = Date.now()): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = /[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
