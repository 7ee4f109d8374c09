/** Work on many things, a few at a time. */
import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { onAbort, throwIfAborted } from '../../../util/abort.ts';

/**
 * Like `Promise.all`, but when one fails the others are told to stop, and all have ended before it rejects: nobody writes
 * any more into a directory that is about to be removed.
 *
 * @param work gets a signal that fires with the caller's, or when another one has failed
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  signal: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal, index: number) => Promise<Result>,
): Promise<Result[]> {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // as many as are under way: no leak that Node should warn of
  const off = onAbort(signal, () => stop.abort(signal?.reason));
  const limit = pLimit(atOnce);
  let failure: { reason: unknown } | undefined;
  const guarded = async (item: Item, index: number): Promise<Result> => {
    try {
      throwIfAborted(stop.signal);
      return await work(item, stop.signal, index);
    } catch (reason) {
      failure ??= { reason };
      stop.abort(reason);
      throw reason;
    }
  };
  try {
    const results = await Promise.allSettled(items.map((item, index) => limit(() => guarded(item, index))));
    if (failure !== undefined) throw failure.reason;
    return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  } finally {
    off();
  }
}
