/** uvu has no `assert.rejects`. */
import * as assert from 'uvu/assert';
import { type ErrorCode, GenAIError } from '../../src/index.ts';

/** Awaits the failure of a promise (or of a function) and checks its code, and that its message holds `text`. */
export async function expectError(
  work: Promise<unknown> | (() => unknown),
  code: ErrorCode,
  text = '',
): Promise<GenAIError> {
  const error = await expectRejection(work);
  if (!(error instanceof GenAIError)) throw error;
  assert.is(error.code, code, error.message);
  assert.ok(error.message.includes(text), `"${error.message}" does not hold "${text}"`);
  return error;
}

/** Awaits the failure of a promise (or of a function) and returns what it failed with. */
export async function expectRejection(work: Promise<unknown> | (() => unknown)): Promise<unknown> {
  let value: unknown;
  try {
    value = await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error(`Expected a failure, but got ${String(value)}`);
}
