/** The library's log. One for the process, so each test leaves it off. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type LogEvent, type LogOptions, type Model, setLogCallback, setLogOptions } from '../../src/index.ts';
import { withResolvers } from '../../src/util/with-resolvers.ts';
import { loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';
import { WORKERS } from '../lifecycle/workers.ts';

const test = suite<{ model: Model; folder: string }>('log');

const STEPS: LogOptions = { enabled: true, generateNextToken: true };
const QUIET: LogOptions = {
  enabled: false,
  ansiTags: false,
  generateNextToken: false,
  appendNextTokens: false,
  hitEos: false,
  hitMaxLength: false,
  modelInputValues: false,
  modelOutputShapes: false,
  modelOutputValues: false,
  modelLogits: false,
  ortLib: false,
  valueStats: true,
};

test.before(async context => {
  context.model = await loadDemoModel();
  context.folder = mkdtempSync(join(tmpdir(), 'log-'));
});
test.after(async ({ model, folder }) => {
  await model.dispose();
  rmSync(folder, { recursive: true, force: true });
});
test.after.each(async () => {
  await setLogCallback(null);
  await setLogOptions({ ...QUIET, filename: null });
});

/** All that has been logged has been told after a turn of the loop. */
const settle = () => new Promise(resolve => setTimeout(resolve, 20));

async function collect(options: LogOptions, work: () => Promise<unknown>): Promise<string[]> {
  const texts: string[] = [];
  await setLogCallback(text => texts.push(text));
  await setLogOptions(options);
  await work();
  await settle();
  await setLogOptions({ enabled: false });
  return texts;
}

test('a callback is told what was asked for, and nothing else', async ({ model }) => {
  const texts = await collect(STEPS, () => model.generate(SPAIN, { maxNewTokens: 5 }));
  assert.is(texts.length, 5);
  assert.ok(
    texts.every(text => /^ {2}generate_next_token .*sequence length: \d+$/.test(text)),
    texts.join('\n'),
  );
  const silent = await collect({ enabled: false }, () => model.generate(SPAIN, { maxNewTokens: 5 }));
  assert.equal(silent, []);
});

test('every option has its texts', async ({ model }) => {
  const kinds = {
    appendNextTokens: /append_next_tokens/,
    hitEos: /hit_eos/,
    hitMaxLength: /hit_max_length/,
    modelInputValues: /input_ids/,
    modelOutputShapes: /logits.*\[/,
    modelOutputValues: /present\.0\.key/,
    modelLogits: /model_logits/,
  } as const satisfies Partial<Record<keyof LogOptions, RegExp>>;
  for (const [option, pattern] of Object.entries(kinds)) {
    const maxNewTokens = option === 'hitMaxLength' ? 2 : 100;
    const texts = await collect({ ...QUIET, enabled: true, [option]: true }, async () => {
      await model.generate(SPAIN, { maxNewTokens });
      const generator = await model.createGenerator({ maxLength: 5 });
      await generator.appendTokens([1, 450, 7483]);
      while (!generator.isDone()) await generator.generateNextToken();
      await generator.dispose();
    });
    assert.ok(
      texts.some(text => pattern.test(text)),
      `${option}: ${texts.slice(0, 3).join('\n')}`,
    );
  }
  await setLogOptions({ warning: false, valueStats: false, ortLib: true });
  await setLogOptions({ warning: true, valueStats: true, ortLib: false });
});

test('the channel genai:log is told as well; colours only on request', async ({ model }) => {
  const events: LogEvent[] = [];
  const listener = (event: unknown): void => void events.push(event as LogEvent);
  subscribe('genai:log', listener);
  const plain = await collect(STEPS, () => model.generate(SPAIN, { maxNewTokens: 2 }));
  assert.equal(
    events,
    plain.map(text => ({ text, lost: 0 })),
  );
  unsubscribe('genai:log', listener);
  const coloured = await collect({ ...STEPS, ansiTags: true }, () => model.generate(SPAIN, { maxNewTokens: 2 }));
  assert.match(coloured.join(), '\u001b[');
  assert.is(events.length, plain.length);
});

test('generations at once: no text is torn, each has all of its own', async ({ model }) => {
  const texts = await collect({ ...STEPS, appendNextTokens: true, modelInputValues: true }, () =>
    Promise.all([1, 2, 3, 4].map(() => model.generate(SPAIN, { minLength: 90, maxNewTokens: 80 }))),
  );
  const steps = texts.filter(text => text.includes('generate_next_token'));
  assert.is(steps.length, 4 * 80);
  const torn = texts.filter(text => !/^( {2}(\w+)|Name: )/.test(text) || /\0|generate_next_token.*Name:/.test(text));
  assert.equal(torn, []);
});

test('turned on and off in the middle of generations', async ({ model }) => {
  let told = 0;
  await setLogCallback(() => void told++);
  const running = Promise.all([1, 2, 3].map(() => model.generate(SPAIN, { minLength: 400, maxNewTokens: 390 })));
  for (let i = 0; i < 20; i++) {
    await setLogOptions({ ...STEPS, enabled: i % 2 === 0 });
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  const results = await running;
  assert.ok(results.every(({ tokenIds }) => tokenIds.length === 390));
  assert.is(new Set(results.map(({ text }) => text)).size, 1);
  assert.ok(told > 0);
});

test('what a callback throws is a warning, once, and it is told what comes after', async ({ model }) => {
  const warnings: Error[] = [];
  const listener = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listener);
  let told = 0;
  await setLogCallback(() => {
    told++;
    throw new Error('mine');
  });
  await setLogOptions(STEPS);
  const { text } = await model.generate(SPAIN, { maxNewTokens: 8 });
  await settle();
  process.off('warning', listener);
  assert.match(text, 'Madrid');
  assert.is(told, 8);
  assert.is(warnings.length, 1, warnings.join());
  assert.match(warnings[0]?.message ?? '', /^The log callback threw: Error: mine/);
});

test('a callback that is taken away or replaced is not told any more', async ({ model }) => {
  const first: string[] = [];
  const second: string[] = [];
  await setLogCallback(text => first.push(text));
  await setLogOptions(STEPS);
  await setLogCallback(text => second.push(text));
  await model.generate(SPAIN, { maxNewTokens: 2 });
  await settle();
  await setLogCallback(null);
  await model.generate(SPAIN, { maxNewTokens: 2 });
  await settle();
  assert.equal([first.length, second.length], [0, 2]);
});

test('a callback that falls behind loses texts and is told how many', async ({ model }) => {
  const texts: string[] = [];
  const controller = new AbortController();
  let lost = 0;
  const listener = (event: unknown): void => {
    const { text, lost: missing } = event as LogEvent;
    lost += missing;
    if (missing > 0) assert.match(text, /^\d+ texts of the log were lost here/);
  };
  subscribe('genai:log', listener);
  const first = withResolvers();
  await setLogCallback(text => {
    texts.push(text);
    first.resolve();
  });
  // All tensors of a step are some kilobytes of text: 1 MB is there after a few hundred steps.
  await setLogOptions({ enabled: true, modelInputValues: true, modelOutputValues: true, valueStats: false });
  const { signal } = controller;
  const running = model.generate(SPAIN, { minLength: 3900, maxNewTokens: 3900, signal, onAbort: 'return' });
  await first.promise;
  const until = performance.now() + 8000 * Math.min(SLOWNESS, 3);
  while (performance.now() < until);
  controller.abort();
  await running;
  await settle();
  unsubscribe('genai:log', listener);
  assert.ok(lost > 0, `${texts.length} texts, ${texts.join('').length} characters`);
  assert.match(texts.join('\n'), /\d+ texts of the log were lost here/);
});

test('a file: emptied, written, left for the callback again', async ({ model, folder }) => {
  const file = join(folder, 'log.txt');
  writeFileSync(file, 'before\n');
  const texts: string[] = [];
  await setLogCallback(text => texts.push(text));
  await setLogOptions({ ...STEPS, filename: file });
  await model.generate(SPAIN, { maxNewTokens: 3 });
  await setLogOptions({ hitEos: false });
  await model.generate(SPAIN, { maxNewTokens: 3 });
  await setLogOptions({ filename: null });
  await settle();
  assert.equal(texts, []);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.is(lines.length, 6, lines.join('\n'));
  await model.generate(SPAIN, { maxNewTokens: 3 });
  await settle();
  assert.is(texts.length, 3);
  assert.is(readFileSync(file, 'utf8').trimEnd().split('\n').length, 6);
});

test('a file that cannot be written is refused, and the log stays as it was', async ({ model, folder }) => {
  const texts: string[] = [];
  await setLogCallback(text => texts.push(text));
  await setLogOptions(STEPS);
  for (const filename of [join(folder, 'none', 'log.txt'), folder]) {
    await expectError(setLogOptions({ filename }), 'ERR_GENAI_INVALID_ARGUMENT', 'filename must be a file that can be');
  }
  await model.generate(SPAIN, { maxNewTokens: 3 });
  await settle();
  assert.is(texts.length, 3);
});

const LOGGING = `
  import { setLogCallback, setLogOptions } from '../../src/index.ts';
  const model = await loadDemoModel();
  let told = 0;
  await setLogCallback(() => { told++; });
  await setLogOptions({ enabled: true, generateNextToken: true, modelInputValues: true });
`;

const ENDS: Readonly<Record<string, [source: string, code: number]>> = {
  'by itself': ['await model.generate(SPAIN); process.exitCode = told > 0 ? 5 : 6;', 5],
  'by process.exit() while it logs': [
    'void model.generate(STORY, { minLength: 3000, maxNewTokens: 3000 }); setTimeout(() => process.exit(7), 300);',
    7,
  ],
  'by an uncaught exception in an event listener': [
    "process.once('uncaughtException', () => process.exit(8)); void model.generate(STORY); setTimeout(() => { throw new Error('mine'); }, 200);",
    8,
  ],
  'in the callback': [
    'await setLogCallback(() => process.exit(9)); void model.generate(STORY, { minLength: 500, maxNewTokens: 500 });',
    9,
  ],
  'with nothing disposed of and nobody listening': [
    'await setLogCallback(null); await model.generate(SPAIN, { maxNewTokens: 3 }); const g = await model.createGenerator(); await g.appendTokens([1]); process.exitCode = 4;',
    4,
  ],
};

for (const [name, [source, expected]] of Object.entries(ENDS)) {
  test(`a process with a log callback ends ${name}, and prints nothing`, async () => {
    const { code, signal, stdout, stderr } = await runInChild(LOGGING + source);
    assert.equal({ code, signal, stdout, stderr }, { code: expected, signal: null, stdout: '', stderr: '' });
  });
}

test('the callback keeps no process alive', async () => {
  const started = Date.now();
  const { code } = await runInChild(`
    import { setLogCallback } from '../../src/index.ts';
    await setLogCallback(() => {});
  `);
  assert.is(code, 0);
  assert.ok(Date.now() - started < 30_000);
});

test('what waits is told at the exit', async () => {
  const { stdout, stderr } = await runInChild(`
    import { setLogCallback, setLogOptions } from '../../src/index.ts';
    import { writeSync } from 'node:fs';
    const model = await loadDemoModel();
    let told = 0;
    await setLogCallback(() => { told++; });
    await setLogOptions({ enabled: true, generateNextToken: true });
    const generator = await model.createGenerator({ maxLength: 500 });
    await generator.appendTokens([1, 450]);
    process.on('exit', () => writeSync(1, String(told)));
    // The step runs on its own thread, and this one sees nothing of it before the exit.
    void generator.generateNextToken();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    process.exit(0);
  `);
  assert.equal([stdout, stderr], ['1', '']);
});

test('a worker_thread has its own callback; the log survives its end, by itself and by terminate()', async () => {
  const { code, signal, stdout, stderr } = await runInChild(`
    ${WORKERS}
    import { setLogCallback, setLogOptions } from '../../src/index.ts';
    const model = await loadDemoModel();
    let here = 0;
    const body = (end: string) => \`
      const { setLogCallback, setLogOptions } = await import(\${INDEX});
      let there = 0;
      await setLogCallback(() => { there++; });
      await setLogOptions({ enabled: true, generateNextToken: true });
      const model = await Model.load(DIR);
      await model.generate(SPAIN, { maxNewTokens: 4 });
      await new Promise(resolve => setTimeout(resolve, 30));
      parentPort.postMessage(there);
      void model.generate(STORY, { minLength: 2000, maxNewTokens: 2000 }).catch(() => {});
      \${end}
    \`;
    // Alone: nobody listens in this thread.
    const alone = start(body('await new Promise(() => setInterval(() => {}, 1000));'));
    console.log('alone', (await once(alone, 'message'))[0]);
    await alone.terminate();
    await model.generate(SPAIN, { maxNewTokens: 3 });
    await setLogCallback(() => { here++; });
    await setLogOptions({ enabled: true, generateNextToken: true });
    const second = start(body('process.exit(3);'));
    const [there] = await once(second, 'message');
    console.log('both', there >= 4, here >= 4, await exitOf(second));
    const before = here;
    await model.generate(SPAIN, { maxNewTokens: 5 });
    await sleep(30);
    console.log('after', here - before >= 5);
    await model.dispose();
  `);
  assert.equal([code, signal, stderr], [0, null, '']);
  assert.is(stdout, 'alone 4\nboth true true 3\nafter true\n');
});

test('NODE_DEBUG=genai-log: texts on stderr, without the tokens', async () => {
  const { code, stdout, stderr } = await runInChild(
    'const model = await loadDemoModel(); await model.generate(SPAIN, { maxNewTokens: 4 }); await model.dispose();',
    { env: { NODE_DEBUG: 'genai-log' } },
  );
  assert.equal([code, stdout], [0, '']);
  assert.is(stderr.match(/^GENAI-LOG \d+: {3}generate_next_token/gm)?.length, 4, stderr);
  assert.not.match(stderr, /append_next_tokens|input_ids/);
});

test.run();
