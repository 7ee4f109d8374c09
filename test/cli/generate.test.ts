import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demoModel, ENDLESS, finished, runCli, SOON, startCli } from './run-cli.ts';

const test = suite('ort-genai generate');
/** Windows knows no SIGINT that one process sends to another. */
const posix = process.platform === 'win32' ? test.skip : test;

const RAW = '<|user|>\nWhat is 2+2?<|end|>\n<|assistant|>\n';

async function json(args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runCli(['generate', '--json', ...args]);
  assert.is(stderr, '');
  assert.is(code, 0);
  assert.match(stdout, /^[^\n]+\n$/);
  return JSON.parse(stdout);
}

test('answers the argument with the plain text and nothing else', async () => {
  assert.equal(await runCli(['generate', 'What is 2+2?']), {
    code: 0,
    signal: null,
    stdout: '2 + 2 = 4.\n',
    stderr: '',
  });
});

for (const args of [['generate'], ['generate', '-']]) {
  test(`answers stdin: ${args.join(' ')}`, async () => {
    const { code, stdout, stderr } = await runCli([...args, '--usage'], { input: 'What is 2+2?\n' });
    assert.is(stdout, '2 + 2 = 4.\n');
    assert.match(stderr, /^10 \+ 9 tokens, first after \d[\d.]* m?s, \d+ tokens\/s\n$/);
    assert.is(code, 0);
  });
}

test('--json gives one object', async () => {
  const { metrics, ...rest } = await json(['What is 2+2?']);
  assert.equal(rest, {
    text: '2 + 2 = 4.',
    finishReason: 'stop',
    matchedStop: null,
    usage: { inputTokens: 10, outputTokens: 9, cachedInputTokens: 0 },
    model: { directory: demoModel, type: 'phi3', deviceType: 'CPU' },
  });
  const names = ['queuedMs', 'prefillMs', 'decodeMs', 'ttftMs', 'decodeTokensPerSecond', 'totalMs'];
  assert.equal(Object.keys(metrics as object), names);
  assert.ok(Object.values(metrics as object).every(value => typeof value === 'number' && value > 0));
});

test('--raw lets control tokens count; a message does not', async () => {
  const raw = await json(['--raw', RAW]);
  assert.is(raw['text'], '2 + 2 = 4.');
  assert.equal(raw['usage'], { inputTokens: 10, outputTokens: 9, cachedInputTokens: 0 });
  const message = await json([RAW]);
  assert.ok((message['usage'] as { inputTokens: number }).inputTokens > 20);
});

test('--system goes before the prompt', async () => {
  const { usage } = await json(['--system', 'Be concise.', 'What is 2+2?']);
  assert.ok((usage as { inputTokens: number }).inputTokens > 10);
});

test('--stop ends before the first of several texts', async () => {
  const result = await json(['What is the capital of Spain?', '--stop', 'largest', '--stop', 'Madrid']);
  assert.is(result['text'], 'The capital of Spain is ');
  assert.is(result['matchedStop'], 'Madrid');
});

test('--max-new-tokens ends the answer, and the usage line says so', async () => {
  const { code, stdout, stderr } = await runCli(['generate', '-n', '3', '--usage', 'What is the capital of Spain?']);
  assert.is(code, 0);
  assert.is(stdout, 'The capital of\n');
  assert.match(stderr, /^10 \+ 3 tokens, .*, limit reached\n$/);
});

test('the same seed gives the same answer', async () => {
  const args = ['generate', '--temperature', '9', '--top-k', '0', '-n', '20', 'Hi', '--seed'];
  const [first, second, other] = await Promise.all(['7', '7', '8'].map(seed => runCli([...args, seed])));
  assert.is(first?.code, 0);
  assert.is(first?.stdout, second?.stdout);
  assert.is.not(first?.stdout, other?.stdout);
});

test('an empty prompt is refused before the model is looked at', async () => {
  const { code, stdout, stderr } = await runCli(['generate', '--model', '/nowhere']);
  assert.equal({ code, stdout, stderr }, { code: 2, stdout: '', stderr: 'ort-genai: the prompt is empty.\n' });
});

test('a missing model: message, code, no stack', async () => {
  const { code, stdout, stderr } = await runCli(['generate', '--model', '/nowhere', 'Hi']);
  assert.match(stderr, /^ort-genai: The model folder does not exist: \/nowhere\. .*\nERR_GENAI_MODEL_NOT_FOUND\n$/);
  assert.is(stdout, '');
  assert.is(code, 1);
});

test('the environment names the model, the flag wins, NODE_DEBUG=genai shows the stack', async () => {
  const env = { ORT_GENAI_MODEL: '/from-env', NODE_DEBUG: 'genai' };
  const named = await runCli(['generate', 'Hi'], { env });
  assert.match(named.stderr, /: \/from-env\. .*\nERR_GENAI_MODEL_NOT_FOUND\n[\s\S]*\n {4}at /);
  const flag = await runCli(['generate', 'Hi', '--model', demoModel], { env });
  assert.is(flag.code, 0);
});

test('a reader that goes away ends it quietly', async () => {
  const child = startCli(['generate', ...ENDLESS, '--usage', 'Hi']);
  child.stdin.end();
  let started = 0;
  child.stdout.once('data', () => {
    started = performance.now();
    child.stdout.destroy();
  });
  const { code, signal, stderr } = await finished(child);
  assert.equal({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  assert.ok(performance.now() - started < SOON);
});

posix('Ctrl-C keeps what was written and gives exit code 130', async () => {
  const child = startCli(['generate', ...ENDLESS, '--usage', 'Hi']);
  child.stdin.end();
  let started = 0;
  child.stdout.once('data', () => {
    started = performance.now();
    child.kill('SIGINT');
  });
  const { code, signal, stdout, stderr } = await finished(child);
  assert.equal({ code, signal }, { code: 130, signal: null });
  assert.ok(stdout.length > 1 && stdout.endsWith('\n'));
  assert.match(stderr, /^4 \+ \d+ tokens, .*, cancelled\n$/);
  assert.ok(performance.now() - started < SOON);
});

test.run();
