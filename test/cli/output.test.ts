import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startProgress } from '../../src/cli/progress.ts';
import { fakeOutput } from './fake-output.ts';

const test = suite('output of ort-genai');

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

test('notes are dim on a terminal, and plain elsewhere, with NO_COLOR and on a dumb terminal', () => {
  for (const [isTTY, env, expected] of [
    [true, {}, '\x1b[2mnote\x1b[22m\n'],
    [true, { NO_COLOR: '1' }, 'note\n'],
    [true, { TERM: 'dumb' }, 'note\n'],
    [false, {}, 'note\n'],
  ] as const) {
    const { stderr, output } = fakeOutput(isTTY, env);
    output.note('note');
    assert.is(stderr.text, expected);
  }
});

test('what a model says cannot command a terminal; a file gets it as it is', () => {
  const text = 'a\x1b[2J\x9b1m\x07b\r\n\tc🎈';
  const { stdout, output } = fakeOutput(true);
  output.write(text);
  assert.is(stdout.text, 'a[2J1mb\n\tc🎈');
  const file = fakeOutput(false);
  file.output.write(text);
  assert.is(file.stdout.text, text);
});

test('a closed pipe is told by `closed`; another failure is an error', () => {
  const { stdout, output } = fakeOutput(false);
  assert.throws(() => stdout.fail(Object.assign(new Error('disk full'), { code: 'ENOSPC' })), /disk full/);
  assert.is(output.closed.aborted, false);
  stdout.fail(Object.assign(new Error('closed'), { code: 'EPIPE' }));
  assert.is(output.closed.aborted, true);
  output.write('late');
  assert.is(stdout.text, '');
});

test('progress is a spinner on a terminal that leaves nothing behind', async () => {
  const { stderr, output } = fakeOutput(true);
  const stop = startProgress(output, { label: () => 'Loading…', delayMs: 5 });
  await pause(250);
  stop();
  assert.match(stderr.text.replaceAll('\x1b', '␛'), /^(\r␛\[K\S Loading… 0 s){2,}\r␛\[K$/);
  const { length } = stderr.text;
  stop();
  await pause(150);
  assert.is(stderr.text.length, length);
});

test('progress is one plain line, or none, elsewhere', async () => {
  const { stderr, output } = fakeOutput(false);
  const stop = startProgress(output, { label: () => 'Loading…', delayMs: 5 });
  startProgress(output, { label: () => 'never', delayMs: 5, plain: false });
  startProgress(output, { label: () => 'stopped before', delayMs: 5 })();
  await pause(250);
  stop();
  assert.is(stderr.text, 'Loading…\n');
});

test('nothing is shown of what is over soon', async () => {
  const { stderr, output } = fakeOutput(true);
  const stop = startProgress(output, { label: () => 'Loading…' });
  await pause(100);
  stop();
  assert.is(stderr.text, '');
});

test.run();
