/** What the addon itself refuses of tensors, adapters and media, whoever calls it. */
import * as assert from 'uvu/assert';
import type { NativeAddon, NativeModel } from '../../src/binding/addon-types.ts';
import { loadRuntime } from '../../src/binding/runtime.ts';
import type { ErrorCode } from '../../src/index.ts';
import { detach, resizableBuffer } from '../helpers/buffers.ts';
import { DEMO_MODEL } from '../helpers/demo-model.ts';
import { expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';
import { REFUSALS } from './refusals.ts';

const test = suite<{ addon: NativeAddon; model: NativeModel }>('contract of tensors and media');

const FLOAT32 = 1;

test.before(async context => {
  const { addon } = await loadRuntime();
  context.addon = addon;
  context.model = await addon.createModel(await addon.createConfig(DEMO_MODEL), 0);
});
test.after(({ model }) => model.dispose());

async function refused(calls: readonly (() => unknown)[], code?: ErrorCode): Promise<void> {
  const codes: readonly unknown[] = code === undefined ? REFUSALS : [code];
  for (const call of calls) {
    const error = (await expectRejection(call)) as { code?: unknown; message?: string };
    assert.ok(codes.includes(error.code), `${call.toString()}: ${error.message}`);
  }
}

test('createTensor: types, shapes and data', async ({ addon }) => {
  const make = (...values: unknown[]) => addon.createTensor(...(values as [number, number[], null]));
  const shrunk = resizableBuffer(16, 16);
  const view = new Float32Array(shrunk, 0, 4);
  shrunk.resize(4);
  await refused([
    ...[0, 8, 14, 15, 17, 999, -1, 1.5e300, Number.NaN].map(type => () => make(type, [1], null)),
    ...['1', null, undefined, {}].map(type => () => make(type, [1], null)),
    ...[null, undefined, 4, 'x', { length: 1 }, [-1], [1.5], ['1'], [2n]].map(shape => () => make(1, shape, null)),
    ...[undefined, 4, 'x', {}, new ArrayBuffer(4), new DataView(new ArrayBuffer(4))].map(
      data => () => make(FLOAT32, [1], data),
    ),
    () => make(FLOAT32, [2], new Float32Array(1)),
    () => make(FLOAT32, [2], new Float32Array(3)),
    () => make(FLOAT32, [4], detach(new Float32Array(4))),
    () => make(FLOAT32, [4], view),
  ]);
  await refused([() => make(FLOAT32, [2 ** 52, 2 ** 52], null)], 'ERR_GENAI_OUT_OF_MEMORY');
  assert.equal(new Float32Array(make(FLOAT32, [2], Float32Array.of(1, 2)).data()), Float32Array.of(1, 2));
});

test('a shape that changes the data while it is read', async ({ addon }) => {
  const data = new Float32Array(4).fill(1);
  const shape = [4];
  Object.defineProperty(shape, 0, {
    get() {
      detach(data);
      return 4;
    },
  });
  await refused([() => addon.createTensor(FLOAT32, shape, data)]);
});

test('objects of another class', async ({ addon, model }) => {
  const tensor = addon.createTensor(FLOAT32, [1], null);
  const set = addon.createNamedTensors();
  const adapters = addon.createAdapters(model);
  const params = addon.createGeneratorParams(model);
  params.setSearchNumber('max_length', 20);
  const generator = await addon.createGenerator(model, params, 0);
  for (const wrong of [undefined, null, {}, 1, 'x', model, Object.create(tensor) as object, new Proxy(tensor, {})]) {
    await refused([
      () => set.set('x', wrong as never),
      () => generator.setModelInput('x', wrong as never),
      () => generator.setHiddenStates(wrong as never),
      () => generator.setInputs(wrong as never),
      () => generator.setActiveAdapter(wrong as never, 'x'),
      () => addon.createMtpGenerator(model, wrong as never, params),
      () => addon.createMtpGenerator(model, model, wrong as never),
    ]);
    if (wrong === model) continue;
    await refused([
      () => addon.createAdapters(wrong as never),
      () => addon.createMultiModalProcessor(wrong as never),
      () => addon.createStreamingProcessor(wrong as never),
      () => addon.createMtpGenerator(wrong as never, model, params),
    ]);
  }
  for (const wrong of [undefined, null, 1, {}]) {
    await refused([
      () => set.set(wrong as never, tensor),
      () => set.get(wrong as never),
      () => set.delete(wrong as never),
      () => generator.setModelInput(wrong as never, tensor),
      () => generator.getInput(wrong as never),
      () => generator.getOutput(wrong as never),
      () => generator.setActiveAdapter(adapters, wrong as never),
      () => adapters.load(wrong as never, 'x'),
      () => adapters.load('x', wrong as never),
      () => adapters.unload(wrong as never),
      () => addon.loadImages(wrong as never),
      () => addon.loadAudios([wrong] as never),
    ]);
  }
  await refused([() => addon.loadImages([]), () => addon.loadAudios([])]);
  await generator.dispose();
});

test('disposed', async ({ addon, model }) => {
  const tensor = addon.createTensor(FLOAT32, [1], null);
  const set = addon.createNamedTensors();
  const adapters = addon.createAdapters(model);
  for (const object of [tensor, set, adapters, tensor, set, adapters]) object.dispose();
  await refused(
    [
      () => tensor.type(),
      () => tensor.shape(),
      () => tensor.data(),
      () => set.names(),
      () => addon.createNamedTensors().set('x', tensor),
      () => adapters.load('x', 'x'),
    ],
    'ERR_GENAI_DISPOSED',
  );
});

test.run();
