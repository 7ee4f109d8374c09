/** ONNX files that are given as bytes. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Config, Model } from '../../src/index.ts';
import { DEMO_MODEL, loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { embedWeights } from '../helpers/embed-weights.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

interface Shared {
  /** A folder without ONNX files. */
  folder: string;
  onnx: Uint8Array;
  /** With its weights. */
  whole: Uint8Array;
  answer: string;
}

const test = suite<Shared>('model data');

const DIRECTLY = {
  model: { decoder: { session_options: { 'session.use_ort_model_bytes_directly': '1' } } },
};

test.before(async context => {
  context.folder = mkdtempSync(join(tmpdir(), 'model-data-'));
  for (const file of ['genai_config.json', 'tokenizer.json', 'tokenizer_config.json']) {
    cpSync(join(DEMO_MODEL, file), join(context.folder, file));
  }
  context.onnx = readFileSync(join(DEMO_MODEL, 'model.onnx'));
  context.whole = embedWeights(context.onnx, readFileSync(join(DEMO_MODEL, 'model.onnx.data')));
  await using model = await loadDemoModel();
  context.answer = (await model.generate(SPAIN)).text;
});
test.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('a model whose ONNX file is nowhere but in memory', async ({ folder, whole, answer }) => {
  const sizes: number[] = [];
  const buffer = whole.slice().buffer;
  for (const bytes of [Buffer.from(whole), whole, buffer]) {
    const modelData = { 'model.onnx': bytes };
    await using model = await Model.load(folder, {
      modelData,
      intraOpNumThreads: 2,
      onProgress: ({ sizeInBytes }) => void sizes.push(sizeInBytes),
    });
    assert.is((await model.generate(SPAIN)).text, answer);
  }
  assert.equal(new Set(sizes), new Set([whole.byteLength]));
  await expectError(Model.load(folder), 'ERR_GENAI_MODEL_NOT_FOUND', 'model.onnx');
});

test('the graph from memory, the weights from the folder', async ({ onnx, answer }) => {
  await using model = await loadDemoModel({ modelData: { 'model.onnx': onnx } });
  assert.is((await model.generate(SPAIN)).text, answer);
});

test('bytes are copied: what becomes of the buffer afterwards does not matter', async ({ folder, whole, answer }) => {
  using config = await Config.load(folder);
  const bytes = whole.slice();
  config.addModelData('model.onnx', bytes);
  bytes.fill(0);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  await using model = await Model.load(config);
  assert.is((await model.generate(SPAIN)).text, answer);
});

test('a part of a larger buffer, and one that can be resized', async ({ folder, whole, answer }) => {
  const larger = new Uint8Array(whole.length + 20).fill(255);
  larger.set(whole, 7);
  const Resizable = ArrayBuffer as unknown as new (
    size: number,
    options: object,
  ) => ArrayBuffer & { resize?(to: number): void };
  const resizable = new Resizable(whole.length, { maxByteLength: whole.length * 2 });
  const tracking = new Uint8Array(resizable);
  tracking.set(whole);
  for (const bytes of [larger.subarray(7, 7 + whole.length), tracking]) {
    using config = await Config.load(folder);
    config.addModelData('model.onnx', bytes);
    resizable.resize?.(bytes === tracking ? 10 : whole.length);
    await using model = await Model.load(config);
    assert.is((await model.generate(SPAIN)).text, answer);
  }
});

test('the model outlives Config and buffer, also where sessions read from the bytes', async ({
  folder,
  whole,
  answer,
}) => {
  for (const overlay of [{}, DIRECTLY]) {
    const config = await Config.load(folder);
    config.overlay(overlay);
    config.addModelData('model.onnx', whole);
    await using model = await Model.load(config);
    config.removeModelData('model.onnx');
    config.dispose();
    gc?.();
    assert.is((await model.generate(SPAIN)).text, answer);
  }
});

test('taken back and replaced', async ({ folder, onnx, whole }) => {
  using config = await Config.load(folder);
  config.addModelData('model.onnx', onnx);
  await expectError(() => config.addModelData('model.onnx', whole), 'ERR_GENAI_INVALID_ARGUMENT', 'added previously');
  config.removeModelData('model.onnx');
  await expectError(() => config.removeModelData('model.onnx'), 'ERR_GENAI_INVALID_ARGUMENT', 'not found');
  await expectError(Model.load(config), 'ERR_GENAI_MODEL_NOT_FOUND');
  config.addModelData('model.onnx', whole);
  await (await Model.load(config)).dispose();
});

test('broken bytes, and bytes for a file that the model does not have', async ({ folder, whole }) => {
  const load = (modelData: Record<string, Uint8Array>) => Model.load(folder, { modelData });
  await expectError(load({ 'model.onnx': Buffer.from('garbage') }), 'ERR_GENAI_MODEL_INVALID');
  await expectError(load({ 'model.onnx': whole.subarray(0, whole.length / 2) }), 'ERR_GENAI_MODEL_INVALID');
  await expectError(
    load({ 'model.onnx': whole, 'weights.onnx': whole }),
    'ERR_GENAI_INVALID_ARGUMENT',
    'modelData must be an ONNX file of the model (model.onnx; other files, such as weights beside it, stay in the folder), but is "weights.onnx"',
  );
  using config = await Config.load(folder);
  config.addModelData('other.onnx', whole);
  await expectError(Model.load(config), 'ERR_GENAI_INVALID_ARGUMENT', 'other.onnx');
});

test('a buffer that is detached while the load begins', async ({ folder, whole }) => {
  const bytes = whole.slice();
  const loading = Model.load(folder, { modelData: { 'model.onnx': bytes } });
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  await expectError(loading, 'ERR_GENAI_INVALID_ARGUMENT');
});

test.run();
