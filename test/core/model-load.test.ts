import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type ErrorCode, type LoadProgress, Model, type ModelLoadOptions } from '../../src/index.ts';
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

type Json = { [key: string]: Json } & { [key: string]: unknown };

function editConfig(edit: (config: Json) => void): (folder: string) => void {
  return folder => {
    const file = join(folder, 'genai_config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as Json;
    edit(config);
    writeFileSync(file, JSON.stringify(config));
  };
}

const write = (name: string, text: string | Buffer) => (folder: string) => writeFileSync(join(folder, name), text);
const remove = (name: string) => (folder: string) => rmSync(join(folder, name));
const cut = (name: string, bytes: number) => (folder: string) => truncateSync(join(folder, name), bytes);

/** How a copy of the demo model is broken, the code of the error, and what its message holds. */
const BROKEN: Record<string, [spoil: (folder: string) => void, code: ErrorCode, text: string]> = {
  'empty folder': [
    folder => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    },
    'ERR_GENAI_MODEL_NOT_FOUND',
    'genai_config.json',
  ],
  'config missing': [remove('genai_config.json'), 'ERR_GENAI_MODEL_NOT_FOUND', 'genai_config.json'],
  'config empty': [write('genai_config.json', ''), 'ERR_GENAI_MODEL_INVALID', 'genai_config.json'],
  'config no JSON': [write('genai_config.json', '{"model":'), 'ERR_GENAI_MODEL_INVALID', 'JSON'],
  'config an array': [write('genai_config.json', '[]'), 'ERR_GENAI_MODEL_INVALID', 'a JSON object'],
  'config null': [write('genai_config.json', 'null'), 'ERR_GENAI_MODEL_INVALID', 'a JSON object'],
  'no model section': [write('genai_config.json', '{}'), 'ERR_GENAI_MODEL_INVALID', 'model.type'],
  'no context_length': [
    editConfig(config => Reflect.deleteProperty(config['model'] as Json, 'context_length')),
    'ERR_GENAI_MODEL_INVALID',
    'context_length',
  ],
  'context_length 0': [
    editConfig(config => Object.assign(config['model'] as Json, { context_length: 0 })),
    'ERR_GENAI_MODEL_INVALID',
    'context_length',
  ],
  'vocab_size a string': [
    editConfig(config => Object.assign(config['model'] as Json, { vocab_size: '32064' })),
    'ERR_GENAI_MODEL_INVALID',
    'vocab_size',
  ],
  'no type': [
    editConfig(config => Reflect.deleteProperty(config['model'] as Json, 'type')),
    'ERR_GENAI_MODEL_INVALID',
    'model.type',
  ],
  'unknown type': [
    editConfig(config => Object.assign(config['model'] as Json, { type: 'nonsense' })),
    'ERR_GENAI_MODEL_INVALID',
    'nonsense',
  ],
  'unknown key': [
    editConfig(config => Object.assign(config['model'] as Json, { nonsense: 1 })),
    'ERR_GENAI_MODEL_INVALID',
    'nonsense',
  ],
  'no decoder': [
    editConfig(config => Reflect.deleteProperty(config['model'] as Json, 'decoder')),
    'ERR_GENAI_MODEL_INVALID',
    '',
  ],
  'ONNX missing': [remove('model.onnx'), 'ERR_GENAI_MODEL_NOT_FOUND', 'model.onnx'],
  'ONNX empty': [cut('model.onnx', 0), 'ERR_GENAI_MODEL_INVALID', 'empty'],
  'ONNX truncated': [cut('model.onnx', 2000), 'ERR_GENAI_MODEL_INVALID', 'model.onnx'],
  'ONNX garbage': [write('model.onnx', Buffer.alloc(5000, 7)), 'ERR_GENAI_MODEL_INVALID', 'model.onnx'],
  'ONNX a folder': [
    folder => {
      rmSync(join(folder, 'model.onnx'));
      mkdirSync(join(folder, 'model.onnx'));
    },
    'ERR_GENAI_MODEL_INVALID',
    '',
  ],
  'weights missing': [remove('model.onnx.data'), 'ERR_GENAI_MODEL_INVALID', 'model.onnx.data'],
  'tokenizer missing': [remove('tokenizer.json'), 'ERR_GENAI_MODEL_INVALID', 'tokenizer.json'],
  'tokenizer empty': [cut('tokenizer.json', 0), 'ERR_GENAI_MODEL_INVALID', 'tokenizer'],
  'tokenizer truncated': [cut('tokenizer.json', 10_000), 'ERR_GENAI_MODEL_INVALID', 'tokenizer'],
  'tokenizer {}': [write('tokenizer.json', '{}'), 'ERR_GENAI_MODEL_INVALID', 'tokenizer'],
  'tokenizer_config missing': [remove('tokenizer_config.json'), 'ERR_GENAI_MODEL_INVALID', 'tokenizer_config'],
  'tokenizer_config broken': [write('tokenizer_config.json', '{'), 'ERR_GENAI_MODEL_INVALID', 'tokenizer'],
};

test('broken folders, each with its code; the good model loads after each', async ({ folder }) => {
  for (const [name, [spoil, code, text]] of Object.entries(BROKEN)) {
    const copy = join(folder, 'broken');
    cpSync(DEMO_MODEL, copy, { recursive: true });
    spoil(copy);
    const error = await expectError(Model.load(copy, { intraOpNumThreads: 1 }), code, text);
    const where = error.message.includes(copy) || name.startsWith('tokenizer');
    assert.ok(where, `${name}: the message does not say where: ${error.message}`);
    await demandGoodModel();
    rmSync(copy, { recursive: true, force: true });
  }
});

test('a failed load prints nothing: neither stdout nor stderr is ours', async ({ folder }) => {
  const copy = join(folder, 'cut-weights');
  cpSync(DEMO_MODEL, copy, { recursive: true });
  truncateSync(join(copy, 'model.onnx.data'), 1000);
  const { code, stdout, stderr } = await runInChild(`
    await Model.load(${JSON.stringify(copy)}).catch(error => process.exitCode = error.code === 'ERR_GENAI_MODEL_INVALID' ? 5 : 6);
  `);
  assert.equal([code, stdout, stderr], [5, '', '']);
});

test('no folder at all', async ({ folder }) => {
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  const bad: [unknown, ErrorCode, string][] = [
    [join(folder, 'nowhere'), 'ERR_GENAI_MODEL_NOT_FOUND', 'nowhere'],
    [file, 'ERR_GENAI_MODEL_NOT_FOUND', 'is a file'],
    [join(DEMO_MODEL, 'genai_config.json'), 'ERR_GENAI_MODEL_NOT_FOUND', 'is a file'],
    ['', 'ERR_GENAI_INVALID_ARGUMENT', 'path of a folder'],
    [undefined, 'ERR_GENAI_INVALID_ARGUMENT', 'must be a string'],
    [{}, 'ERR_GENAI_INVALID_ARGUMENT', 'must be a string'],
    ['models\0', 'ERR_GENAI_INVALID_ARGUMENT', 'NUL'],
  ];
  for (const [path, code, text] of bad) await expectError(Model.load(path as string), code, text);
  await demandGoodModel();
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

test('options of the wrong type or value', async () => {
  const bad: [object, string][] = [
    [{ executionProvider: '' }, 'executionProvider'],
    [{ executionProvider: 5 }, 'executionProvider'],
    [{ executionProvider: null }, 'executionProvider'],
    [{ providerOptions: { device_id: '0' } }, 'providerOptions'],
    [{ executionProvider: 'cpu', providerOptions: {} }, 'providerOptions'],
    [{ executionProvider: 'cuda', providerOptions: { device_id: 0 } }, 'providerOptions.device_id'],
    [{ configOverlay: 'x' }, 'configOverlay'],
    [{ configOverlay: null }, 'configOverlay'],
    [{ configOverlay: [] }, ''],
    [{ configOverlay: { model: { context_length: 'x' } } }, ''],
    [{ intraOpNumThreads: 0 }, 'intraOpNumThreads'],
    [{ intraOpNumThreads: 1.5 }, 'intraOpNumThreads'],
    [{ intraOpNumThreads: '2' }, 'intraOpNumThreads'],
    [{ intraOpNumThreads: 2 ** 40 }, ''],
  ];
  for (const [options, text] of bad) {
    const error = await expectRejection(Model.load(DEMO_MODEL, options));
    const { code, message } = error as { code?: unknown; message: string };
    const allowed = ['ERR_GENAI_INVALID_ARGUMENT', 'ERR_GENAI_MODEL_INVALID'];
    assert.ok(allowed.includes(code as string), `${JSON.stringify(options)}: ${String(code)} ${message}`);
    assert.ok(message.includes(text), message);
  }
  await demandGoodModel();
});

test('more options that are none of ours are refused with a code', async () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const bad: [string, unknown][] = [
    ['signal', {}],
    ['onProgress', 1],
    ['configOverlay', circular],
    ['configOverlay', { search: { top_k: 1n } }],
    ['executionProvider', 'cpu\0'],
    ['executionprovider', 'cuda'],
  ];
  for (const [name, value] of bad) {
    await expectError(Model.load(DEMO_MODEL, { [name]: value } as ModelLoadOptions), 'ERR_GENAI_INVALID_ARGUMENT');
  }
});

test('providers that this build does not have', async () => {
  for (const executionProvider of ['cuda', 'CUDA', 'dml', 'webgpu', 'QNN', 'OpenVINO', 'nonsense']) {
    await expectError(Model.load(DEMO_MODEL, { executionProvider }), 'ERR_GENAI_PROVIDER_UNAVAILABLE');
  }
  await demandGoodModel();
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

test('an overlay with an unknown key is refused by name', async () => {
  for (const configOverlay of [{ model: { nonsense: 1 } }, { search: { nonsense: 1 } }]) {
    await expectError(Model.load(DEMO_MODEL, { configOverlay }), 'ERR_GENAI_INVALID_ARGUMENT', 'nonsense');
  }
  await demandGoodModel();
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
