/**
 * uvu's `suite`, for tests in which a `GenAIError` may escape: uvu prints `error.details` as a text, throws on an object,
 * and ends the suite without a word about this test and those after it.
 */
import { type Context, type Test, suite as uvuSuite } from 'uvu';

export function suite<Shared extends Context = Context>(name: string): Test<Shared> {
  const test = uvuSuite<Shared>(name);
  const guarded = (title: string, handler: (context: Shared) => unknown): void =>
    test(title, async context => {
      try {
        await handler(context as Shared);
      } catch (error) {
        throw printable(error);
      }
    });
  const before = Object.assign((hook: (context: Shared) => unknown) => {
    test.before(async context => {
      try {
        await hook(context as Shared);
      } catch (error) {
        console.log(printable(error));
        throw error;
      }
    });
  }, test.before);
  return Object.assign(guarded, test, { before }) as Test<Shared>;
}

function printable(error: unknown): unknown {
  if (!(error instanceof Error)) return new Error(`threw ${String(error)}`);
  const { details, code } = error as { details?: unknown; code?: unknown };
  if (details === undefined || typeof details === 'string') return error;
  return Object.assign(new Error(`${String(code)} ${error.message}`), { stack: error.stack });
}
