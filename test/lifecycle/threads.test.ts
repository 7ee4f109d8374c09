import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('worker threads');

/** Programs of this file start workers from the same source; a worker registers tsx itself. */
const WORKERS = `
  import { Worker } from 'node:worker_threads';
  import { once } from 'node:events';
  import { pathToFileURL } from 'node:url';
  const INDEX = JSON.stringify(pathToFileURL(process.cwd() + '/src/index.ts').href);
  const start = (body: string) => new Worker(
    \`const { parentPort } = require('node:worker_threads');
    (async () => {
      (await import('tsx/esm/api')).register();
      const { Model } = await import(\${INDEX});
      const DIR = \${JSON.stringify(DEMO_MODEL)}, SPAIN = \${JSON.stringify(SPAIN)}, STORY = \${JSON.stringify(STORY)};
      const ENDLESS = { minLength: 4000, maxNewTokens: 4000 };
      \${body}
    })();\`,
    { eval: true },
  );
  const exitOf = (worker: Worker) => once(worker, 'exit').then(([code]) => code as number);
`;

test('two at once and the main thread answer alike, and end by themselves', async () => {
  const result = await runInChild(`${WORKERS}
    const body = 'const model = await Model.load(DIR); parentPort.postMessage((await model.generate(SPAIN)).text);';
    const answers = [start(body), start(body)].map(async worker => {
      const [[text], code] = await Promise.all([once(worker, 'message'), exitOf(worker)]);
      return [text as string, code] as const;
    });
    const { text } = await (await loadDemoModel()).generate(SPAIN);
    for (const [answer, code] of await Promise.all(answers)) console.log(answer === text, code);
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'true 0\ntrue 0\n', stderr: '' });
});

test('one is terminated in a prefill, a decode, a load, while the main thread goes on', async () => {
  const result = await runInChild(`${WORKERS}
    const bodies = [
      'const model = await Model.load(DIR); model.stream(STORY, ENDLESS); model.stream(STORY, ENDLESS); setTimeout(() => parentPort.postMessage(1), 60);',
      'const model = await Model.load(DIR); model.generate(new Int32Array(4000).fill(450)); setTimeout(() => parentPort.postMessage(1), 40);',
      'await Model.load(DIR); parentPort.postMessage(1); await Promise.all([Model.load(DIR), Model.load(DIR)]);',
      'const model = await Model.load(DIR); for await (const { index } of model.stream(STORY, ENDLESS)) if (index === 20) parentPort.postMessage(1);',
    ];
    const model = await loadDemoModel();
    const expected = (await model.generate(SPAIN)).text;
    for (const body of bodies) {
      const worker = start(body);
      await once(worker, 'message');
      const running = model.generate(SPAIN);
      console.log(await worker.terminate(), (await running).text === expected);
    }
    console.log((await model.generate(SPAIN)).text === expected);
  `);
  assert.equal(result, { code: 0, signal: null, stdout: `${'1 true\n'.repeat(4)}true\n`, stderr: '' });
});

test('workers one after the other, when the main thread has none', async () => {
  const result = await runInChild(`${WORKERS}
    for (let i = 0; i < 4; i++) {
      const worker = start('const model = await Model.load(DIR); await model.generate(SPAIN, { maxNewTokens: 3 });' + (i % 2 ? 'await model.dispose();' : ''));
      console.log(await exitOf(worker));
    }
  `);
  assert.equal(result, { code: 0, signal: null, stdout: '0\n'.repeat(4), stderr: '' });
});

const COPY = `
  import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
  import { createRequire } from 'node:module';
  import { tmpdir } from 'node:os';
  import { join } from 'node:path';
  import { loadRuntime } from '../../src/binding/runtime.ts';
  import type { NativeAddon } from '../../src/binding/addon-types.ts';
  const { addon, info } = await loadRuntime();
  const folder = mkdtempSync(join(tmpdir(), 'copy-'));
  const file = join(folder, 'copy.node');
  const built = readdirSync('build/Release').find(name => name.endsWith('.node')) as string;
  copyFileSync(join('build/Release', built), file);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const paths = { onnxruntime: info.onnxruntimeLibrary, genai: info.genaiLibrary };
  void addon;
`;

test('two copies of the addon in one process, at work at the same time', async () => {
  const result = await runInChild(`${COPY}
    const copy = createRequire(import.meta.url)(file) as NativeAddon;
    await copy.loadRuntime(paths);
    const model = await loadDemoModel();
    const running = model.generate(SPAIN);
    const other = await copy.createModel(await copy.createConfig(DEMO_MODEL), 0);
    const params = copy.createGeneratorParams(other);
    params.setSearchNumber('max_length', 60);
    const generator = await copy.createGenerator(other, params, 0);
    const prompt = await model.tokenizer.encode(SPAIN);
    const { text } = await generator.run(
      { prompt, maxNewTokens: 20, stop: [], beams: false }, await copy.createTokenizer(other), null);
    console.log((await running).text.startsWith(text));
    try { addon.createGeneratorParams(other); } catch (error) { console.log((error as { code: string }).code); }
    await generator.dispose();
    await other.dispose();
    console.log((await model.generate(SPAIN)).text.startsWith(text));
  `);
  // An object of another copy is of the same class: the type tags are the same.
  assert.equal([result.code, result.signal, result.stderr], [0, null, '']);
  assert.match(result.stdout, /^true\n(.*\n)?true\n$/);
});

test('a second copy that ends with its worker leaves the first one working', async () => {
  const result = await runInChild(`${COPY}${WORKERS}
    const model = await loadDemoModel();
    const expected = (await model.generate(SPAIN)).text;
    for (let i = 0; i < 2; i++) {
      const worker = new Worker(
        \`const copy = require(\${JSON.stringify(file)});
        copy.loadRuntime(\${JSON.stringify(paths)})
          .then(() => copy.createConfig(\${JSON.stringify(DEMO_MODEL)}))
          .then(config => copy.createModel(config, 0))
          .then(model => model.dispose());\`,
        { eval: true },
      );
      const running = model.generate(SPAIN);
      console.log(await exitOf(worker), (await running).text === expected);
      console.log((await model.generate(SPAIN)).text === expected);
    }
  `);
  assert.equal(result, { code: 0, signal: null, stdout: '0 true\ntrue\n'.repeat(2), stderr: '' });
});

test.run();
