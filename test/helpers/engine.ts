/** Engines, their requests, and the two models with paged attention. */
import { join } from 'node:path';
import {
  type Engine,
  Model,
  type ModelLoadOptions,
  type Turn,
  type TurnEvent,
  type TurnOptions,
  type TurnResult,
} from '../../src/index.ts';
import { ROOT } from './demo-model.ts';

/** Upstream's: 64 tokens, 128 of context, 8 requests at once, blocks of 4. What follows depends on the whole prompt. */
export const SYNTHETIC_PAGED = join(ROOT, 'test/fixtures/engine/synthetic-paged');

/** Ours: after token t comes t + 1, after the last one 2; 4 requests at once, 8 blocks of 16; verifies drafts. */
export const COUNTING_PAGED = join(ROOT, 'test/fixtures/engine/counting-paged');

export const PAGED_VOCABULARY = 64;

export function loadPaged(folder: string = SYNTHETIC_PAGED, options: ModelLoadOptions = {}): Promise<Model> {
  return Model.load(folder, { intraOpNumThreads: 1, ...options });
}

/** `count` tokens that are neither of the two special ones; another `salt`, others. */
export function pagedPrompt(count: number, salt = 0): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => 2 + ((i * 7 + salt * 11) % (PAGED_VOCABULARY - 2)));
}

/** What one turn of a new request gives; the request is closed. */
export async function answerOf(
  engine: Engine,
  tokens: Int32Array | readonly number[],
  options: TurnOptions = {},
): Promise<TurnResult> {
  await using request = await engine.createRequest();
  return await request.beginTurn(tokens, options).result;
}

/** All events of a turn. */
export async function eventsOf(turn: Turn): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of turn) events.push(event);
  return events;
}
