import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ENDLESS, finished, runCli, SOON, startCli } from './run-cli.ts';

const test = suite('ort-genai chat, from a pipe');
/** Windows knows no SIGINT that one process sends to another. */
const posix = process.platform === 'win32' ? test.skip : test;

/** Tokens of the prompt of each answer, from its usage line. */
function inputTokens(stderr: string): number[] {
  return [...stderr.matchAll(/^(\d+) \+ \d+ tokens/gm)].map(([, count]) => Number(count));
}

test('answers line after line with the conversation in mind, until /reset', async () => {
  const input = 'What is 2+2?\n\nWhat is 2+2?\n/reset\nWhat is 2+2?';
  const { code, stdout, stderr } = await runCli(['chat', '--usage'], { input });
  assert.is(code, 0);
  assert.is(stdout.split('\n').filter(line => line === '2 + 2 = 4.').length >= 2, true);
  assert.not.match(stdout, />/);
  assert.match(stderr, /^The conversation is forgotten\.$/m);
  const [first = 0, second = 0, third = 0, ...more] = inputTokens(stderr);
  assert.is(first, 10);
  assert.is(second, first + 9 + 1 + first); // both questions, the answer, its end
  assert.is(third, first);
  assert.equal(more, []);
});

test('--system stands before every question, also after /reset', async () => {
  const args = ['chat', '--usage', '--system', 'Be concise.'];
  const { stderr } = await runCli(args, { input: 'What is 2+2?\n/reset\nWhat is 2+2?\n' });
  const [first = 0, second] = inputTokens(stderr);
  assert.ok(first > 10);
  assert.is(second, first);
});

test('an unknown slash command is named; /help lists those there are; /exit ends it', async () => {
  const { code, stdout, stderr } = await runCli(['chat'], { input: '/foo\n/help\n/exit\nHi\n' });
  assert.match(stderr, /^There is no command \/foo; \/help shows those there are\.$/m);
  assert.match(stderr, /^\/reset .*\n\/help .*\n\/exit /m);
  assert.is(stdout, '');
  assert.is(code, 1, 'a line of the pipe was not answered');
});

test('a message that is too long is taken back; the chat goes on', async () => {
  const input = `What is 2+2?\n${'word '.repeat(5000)}\nWhat is 2+2?\n`;
  const { code, stdout, stderr } = await runCli(['chat', '--usage'], { input });
  assert.match(stderr, /^The input has \d+ tokens, .* \/reset forgets the conversation and makes room\.$/m);
  assert.equal(inputTokens(stderr), [10, 30]);
  assert.is(stdout.split('\n').length, 3);
  assert.is(code, 1);
});

test('no input is no error', async () => {
  assert.equal(await runCli(['chat']), { code: 0, signal: null, stdout: '', stderr: '' });
});

test('a reader that goes away ends it quietly, with the input still open', async () => {
  const child = startCli(['chat', ...ENDLESS]);
  child.stdin.write('Hi\n');
  let started = 0;
  child.stdout.once('data', () => {
    started = performance.now();
    child.stdout.destroy();
  });
  const { code, signal, stderr } = await finished(child);
  assert.equal({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  assert.ok(performance.now() - started < SOON);
});

posix('Ctrl-C ends it with exit code 130, with the input still open', async () => {
  const child = startCli(['chat', ...ENDLESS, '--usage']);
  child.stdin.write('Hi\nHi\n');
  let started = 0;
  child.stdout.once('data', () => {
    started = performance.now();
    child.kill('SIGINT');
  });
  const { code, signal, stderr } = await finished(child);
  assert.equal({ code, signal }, { code: 130, signal: null });
  assert.match(stderr, /^4 \+ \d+ tokens, .*, cancelled\n$/);
  assert.ok(performance.now() - started < SOON);
});

test.run();
