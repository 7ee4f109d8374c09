import { getEventListeners } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { abandonOnAbort, onAbort, throwIfAborted } from '../../src/util/abort.ts';
import { expectRejection } from '../helpers/expect-reject.ts';

const test = suite('abort');

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('throwIfAborted throws the reason, whatever it is', async () => {
  throwIfAborted(undefined);
  throwIfAborted(new AbortController().signal);
  for (const reason of [new Error('x'), 'text', null, 0]) {
    assert.is(await expectRejection(() => throwIfAborted(AbortSignal.abort(reason))), reason);
  }
});

test('onAbort calls once, at once when it has fired, not after it was taken off', () => {
  let calls = 0;
  const count = (): void => {
    calls++;
  };
  onAbort(undefined, count)();
  const controller = new AbortController();
  const off = onAbort(controller.signal, count);
  off();
  off();
  assert.is(listeners(controller.signal), 0);
  onAbort(controller.signal, count);
  assert.is(calls, 0);
  controller.abort();
  controller.abort();
  assert.is(calls, 1);
  assert.is(listeners(controller.signal), 0);
  onAbort(controller.signal, count)();
  assert.is(calls, 2);
});

test('abandonOnAbort settles as the promise does, and leaves no listener', async () => {
  const { signal } = new AbortController();
  assert.is(await abandonOnAbort(Promise.resolve(5), undefined), 5);
  assert.is(await abandonOnAbort(Promise.resolve(5), signal), 5);
  const error = new Error('x');
  assert.is(await expectRejection(abandonOnAbort(Promise.reject(error), signal)), error);
  assert.is(listeners(signal), 0);
});

test('abandonOnAbort rejects with the reason at once, and swallows what comes later', async () => {
  const controller = new AbortController();
  let fail = (_: Error): void => {};
  const never = new Promise<void>((_, reject) => {
    fail = reject;
  });
  const waiting = abandonOnAbort(never, controller.signal);
  const reason = new Error('reason');
  controller.abort(reason);
  assert.is(await expectRejection(waiting), reason);
  fail(new Error('late'));
  await new Promise(resolve => setImmediate(resolve));
  assert.is(
    await expectRejection(
      abandonOnAbort(
        Promise.resolve(5).then(() => never),
        controller.signal,
      ),
    ),
    reason,
  );
});

test.run();
