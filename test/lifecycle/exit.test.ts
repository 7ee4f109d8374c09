import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { ROOT } from '../helpers/demo-model.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('exit');

const ENDLESS = '{ minLength: 4000, maxNewTokens: 4000 }';

test('process.exit() in every state keeps its code and prints nothing', async () => {
  const states: Record<string, string> = {
    'during load': 'await (await loadDemoModel()).dispose(); void loadDemoModel(); void loadDemoModel();',
    'in prefill': 'const m = await loadDemoModel(); void m.generate(noise(3500)); void m.generate(noise(3500));',
    'in decode': `const m = await loadDemoModel(); for (let i = 0; i < 3; i++) void m.generate(STORY, ${ENDLESS});`,
    'while streaming': `const m = await loadDemoModel(); void (async () => { for await (const _ of m.stream(STORY, ${ENDLESS})); })();`,
    'while encoding':
      "const m = await loadDemoModel(); for (let i = 0; i < 8; i++) void m.tokenizer.encode('a'.repeat(300_000));",
    'while making generators':
      'const m = await loadDemoModel(); for (let i = 0; i < 9; i++) void m.createGenerator({ maxLength: 4096 });',
    'while disposing':
      'const m = await loadDemoModel(); const g = await m.createGenerator(); void g.dispose(); void m.dispose();',
    idle: 'const m = await loadDemoModel(); await m.generate(SPAIN, { maxNewTokens: 3 });',
  };
  const queue = Object.entries(states).map(([state, source], i) => ({ state, source, delay: i * 13 }));
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { state, source, delay } = next;
      const result = await runInChild(`${source}\nawait sleep(${delay}); process.exit(7);`);
      assert.equal(result, { code: 7, signal: null, stdout: '', stderr: '' }, state);
    }
  };
  await Promise.all([worker(), worker()]);
});

test('an uncaught exception in a generation: code 1, and only Node says something', async () => {
  const { code, signal, stdout, stderr } = await runInChild(`
    const model = await loadDemoModel();
    for (let i = 0; i < 2; i++) void model.generate(STORY, ${ENDLESS});
    setTimeout(() => { throw new Error('mine'); }, 80);
  `);
  assert.equal([code, signal, stdout], [1, null, '']);
  assert.match(stderr, 'Error: mine');
  assert.not.match(stderr, /onnx[^/]*:|terminate called|Segmentation/);
});

test('a throw in the reader of a stream that nobody catches', async () => {
  const { code, signal, stderr } = await runInChild(`
    const model = await loadDemoModel();
    for await (const { index } of model.stream(STORY, ${ENDLESS})) if (index === 4) throw new Error('mine');
  `);
  assert.equal([code, signal], [1, null]);
  assert.match(stderr, 'Error: mine');
});

test('without dispose a program ends by itself when everything is done', async () => {
  const { stdout, ...rest } = await runInChild(`
    const model = await loadDemoModel();
    const generator = await model.createGenerator();
    await generator.appendTokens([1, 2]);
    const stream = model.stream(SPAIN, { maxNewTokens: 5 });
    for await (const _ of stream);
    model.tokenizer.createStream();
    const ended = Date.now();
    process.on('exit', () => console.log(Date.now() - ended));
  `);
  assert.equal(rest, { code: 0, signal: null, stderr: '' });
  assert.ok(Number(stdout) < 500, `${stdout.trim()} ms from the last line to the end`);
});

test('what runs keeps the process alive to its end', async () => {
  const result = await runInChild(`
    const model = await loadDemoModel();
    void model.generate(SPAIN, { maxNewTokens: 20 }).then(({ text }) => console.log(text.includes('Madrid')));
    void model.tokenizer.encode('a').then(({ length }) => console.log(length > 0));
  `);
  assert.equal([result.code, result.stdout.trim().split('\n')], [0, ['true', 'true']]);
});

test('a program that does everything prints nothing of its own accord', async () => {
  const result = await runInChild(
    `
    const model = await loadDemoModel({ onProgress: () => {} });
    await model.generate(noise(500), { numBeams: 2, maxNewTokens: 5 });
    await model.generate(SPAIN, { signal: AbortSignal.timeout(30), onAbort: 'return' });
    await model.generate(noise(4000), { signal: AbortSignal.timeout(30) }).catch(() => {});
    await model.generate([{ role: 'user', content: 'x' }], { maxNewTokens: 3, temperature: 1 });
    await model.tokenizer.applyChatTemplate([{ role: 'user', content: 'x' }], { template: '{% if' }).catch(() => {});
    await Model.load('nowhere').catch(() => {});
    await Model.load(DEMO_MODEL, { executionProvider: 'cuda' }).catch(() => {});
    const generator = await model.createGenerator();
    await generator.generateNextToken().catch(() => {});
    await generator.dispose();
    await model.dispose();
  `,
  );
  assert.equal(result, { code: 0, signal: null, stdout: '', stderr: '' });
});

test('SIGINT ends a generating process as it ends any other', async () => {
  const program = `
    import { Model } from './src/index.ts';
    const model = await Model.load('models/phi3-demo');
    const story = '<|user|>\\nTell me a long story about the sea.<|end|>\\n<|assistant|>\\n';
    const stream = model.stream(story, ${ENDLESS});
    for await (const { index } of stream) if (index === 5) console.log('go');
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  assert.equal([code, signal, stderr], [null, 'SIGINT', '']);
});

test.run();
