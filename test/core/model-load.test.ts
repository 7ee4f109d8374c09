import { cpSync, mkdtempSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type LoadProgress, Model } from '../../src/index.ts';
import { DEMO_MODEL, loadDemoModel, noise, SPAIN } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ folder: string }>('model load');

test.before(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'models-'));
});
test.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** The model loads and answers: what failed before it has done no harm. */
async function demandGoodModel(): Promise<void> {
  await using model = await Model.load(DEMO_MODEL, { intraOpNumThreads: 1 });
  assert.match((await model.generate(SPAIN, { maxNewTokens: 8 })).text, 'Madrid');
}

test('a failed load prints nothing: neither stdout nor stderr is ours', async ({ folder }) => {
  const copy = join(folder, 'cut-weights');
  cpSync(DEMO_MODEL, copy, { recursive: true });
  truncateSync(join(copy, 'model.onnx.data'), 1000);
  const { code, stdout, stderr } = await runInChild(`
    await Model.load(${JSON.stringify(copy)}).catch(error => process.exitCode = error.code === 'ERR_GENAI_MODEL_INVALID' ? 5 : 6);
  `);
  assert.equal([code, stdout, stderr], [5, '', '']);
});

test('a path with spaces and other scripts, relative, through a link', async ({ folder }) => {
  const copy = join(folder, 'mit Leerzeichen ü 模型 ☃');
  symlinkSync(DEMO_MODEL, copy, 'dir');
  await using model = await Model.load(copy, { intraOpNumThreads: 1 });
  assert.is(model.directory, copy);
  assert.match((await model.generate(SPAIN, { maxNewTokens: 8 })).text, 'Madrid');
  await using relative = await Model.load('models/phi3-demo', { intraOpNumThreads: 1 });
  assert.is(relative.directory, DEMO_MODEL);
});

test('what a model says of itself', async () => {
  await using model = await loadDemoModel();
  const { type, deviceType, contextLength, vocabSize, directory } = model;
  assert.equal(
    { type, deviceType, contextLength, vocabSize, directory },
    { type: 'phi3', deviceType: 'CPU', contextLength: 4096, vocabSize: 32064, directory: DEMO_MODEL },
  );
});

test('the cpu provider by its names', async () => {
  for (const executionProvider of ['cpu', 'CPU', 'CPUExecutionProvider']) {
    await using model = await Model.load(DEMO_MODEL, { executionProvider, intraOpNumThreads: 1 });
    assert.is(model.deviceType, 'CPU');
  }
});

test('configOverlay is in effect', async () => {
  const search = { max_length: 40, top_k: 7 };
  await using model = await loadDemoModel({ configOverlay: { model: { context_length: 64 }, search } });
  assert.is(model.contextLength, 64);
  await expectError(model.generate(noise(64)), 'ERR_GENAI_INPUT_TOO_LONG', '64');
  const { usage } = await model.generate(SPAIN, { minLength: 64 });
  assert.is(usage.outputTokens, 54);
  await using eos = await loadDemoModel({ configOverlay: { model: { eos_token_id: [3681] } } });
  assert.ok(eos.tokenizer.eosTokenIds.includes(3681), 'the library adds to arrays');
});

test('threads: 1, 2, more than there are', async () => {
  const answers: string[] = [];
  for (const intraOpNumThreads of [1, 2, 5]) {
    await using model = await Model.load(DEMO_MODEL, { intraOpNumThreads });
    answers.push((await model.generate(SPAIN, { maxNewTokens: 8 })).text);
  }
  await using model = await Model.load(DEMO_MODEL);
  answers.push((await model.generate(SPAIN, { maxNewTokens: 8 })).text);
  assert.is(new Set(answers).size, 1);
});

test('onProgress: phases in order, with the size; what it throws ends the load', async () => {
  const progress: LoadProgress[] = [];
  const model = await loadDemoModel({ onProgress: step => progress.push(step) });
  await model.dispose();
  assert.equal(
    progress.map(({ phase }) => phase),
    ['runtime', 'model', 'tokenizer', 'done'],
  );
  assert.ok(progress.every(({ sizeInBytes }) => sizeInBytes > 5e6));
  for (const at of ['runtime', 'model', 'tokenizer', 'done']) {
    const mine = new Error(at);
    const onProgress = ({ phase }: LoadProgress): void => {
      if (phase === at) throw mine;
    };
    assert.is(await expectRejection(loadDemoModel({ onProgress })), mine);
  }
  await demandGoodModel();
});

test('abort: before, and in every phase, at once and with the reason', async () => {
  const early = new Error('early');
  const seen: string[] = [];
  const signal = AbortSignal.abort(early);
  assert.is(await expectRejection(loadDemoModel({ signal, onProgress: ({ phase }) => seen.push(phase) })), early);
  assert.equal(seen, []);

  for (const at of ['runtime', 'model', 'tokenizer'] as const) {
    const controller = new AbortController();
    const reason = new Error(at);
    let aborted = Number.NaN;
    const loading = loadDemoModel({
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase !== at) return;
        setImmediate(() => {
          aborted = performance.now();
          controller.abort(reason);
        });
      },
    });
    assert.is(await expectRejection(loading), reason);
    const late = performance.now() - aborted;
    assert.ok(late < 30, `${at}: rejected ${late} ms after the abort`);
  }
  await demandGoodModel();

  const controller = new AbortController();
  await using model = await loadDemoModel({ signal: controller.signal });
  controller.abort();
  assert.match((await model.generate(SPAIN, { maxNewTokens: 8 })).text, 'Madrid');
});

test('many loads at once', async () => {
  const models = await Promise.all(Array.from({ length: 6 }, () => Model.load(DEMO_MODEL, { intraOpNumThreads: 1 })));
  const answers = await Promise.all(models.map(model => model.generate(SPAIN, { maxNewTokens: 8 })));
  assert.is(new Set(answers.map(({ text }) => text)).size, 1);
  await Promise.all(models.map(model => model.dispose()));
});

test.run();
