import * as assert from 'uvu/assert';
import { capabilities, NamedTensors, Tensor, type TensorData, type TensorType } from '../../src/index.ts';
import { detach, resizableBuffer } from '../helpers/buffers.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('tensor');

test.before(async () => {
  await capabilities();
});

/** Smallest and largest values, and for floats what is no number. */
const VALUES: { readonly [Type in TensorType]: TensorData[Type] } = {
  float32: Float32Array.of(0, -1.5, 3.4e38, Number.POSITIVE_INFINITY, 1e-45, -0),
  float64: Float64Array.of(0, -1.5, 1e300, Number.NEGATIVE_INFINITY, 5e-324, Math.PI),
  float16: Uint16Array.of(0x3c00, 0xbc00, 0x7c00, 0x7bff, 1, 0x8000),
  bfloat16: Uint16Array.of(0x3f80, 0xbf80, 0x7f80, 0x7f7f, 1, 0x8000),
  int8: Int8Array.of(0, 1, -1, 127, -128, 5),
  uint8: Uint8Array.of(0, 1, 2, 127, 255, 5),
  int16: Int16Array.of(0, 1, -1, 32767, -32768, 5),
  uint16: Uint16Array.of(0, 1, 2, 32767, 65535, 5),
  int32: Int32Array.of(0, 1, -1, 2147483647, -2147483648, 5),
  uint32: Uint32Array.of(0, 1, 2, 2147483647, 4294967295, 5),
  int64: BigInt64Array.of(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 5n),
  uint64: BigUint64Array.of(0n, 1n, 2n, 2n ** 63n, 2n ** 64n - 1n, 5n),
  bool: Uint8Array.of(0, 1, 1, 0, 1, 0),
};

for (const [type, data] of Object.entries(VALUES) as [TensorType, TensorData[TensorType]][]) {
  test(`${type}: what goes in comes out`, () => {
    const tensor = new Tensor(type, [2, 3], data);
    assert.is(tensor.type, type);
    assert.equal(tensor.shape, [2, 3]);
    assert.is(tensor.size, 6);
    assert.is(tensor.data.constructor, data.constructor);
    assert.equal(tensor.data, data);
    const before = data.slice();
    data.fill((typeof data[0] === 'bigint' ? 0n : 0) as never);
    assert.equal(tensor.data, before, 'it was copied');
    assert.ok(
      new Tensor(type, [4]).data.every(value => Number(value) === 0),
      'zeros by default',
    );
  });
}

test('shapes of every rank', () => {
  for (const shape of [[], [1], [6], [1, 6], [3, 1, 2], [1, 1, 1, 1, 1, 1, 1, 6], [0], [5, 0, 3]]) {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const tensor = new Tensor('int16', shape, new Int16Array(size).fill(7));
    assert.equal(tensor.shape, shape);
    assert.equal([tensor.size, tensor.data.length], [size, size]);
    assert.ok(tensor.data.every(value => value === 7));
  }
  const shape = [2, 2];
  const tensor = new Tensor('bool', shape);
  shape[0] = 9;
  assert.equal(tensor.shape, [2, 2]);
  assert.throws(() => {
    (tensor.shape as number[])[0] = 9;
  });
});

test('parts of a buffer, shared memory and views of all kinds', () => {
  const buffer = Int32Array.from({ length: 8 }, (_, i) => i);
  assert.equal(new Tensor('int32', [3], buffer.subarray(2, 5)).data, Int32Array.of(2, 3, 4));
  const shared = new Float32Array(new SharedArrayBuffer(12));
  shared.set([1, 2, 3]);
  assert.equal([...new Tensor('float32', [3], shared).data], [1, 2, 3]);
  assert.equal(new Tensor('uint8', [3], Buffer.from('abc')).data, Uint8Array.of(97, 98, 99));
});

test('data is the memory of the tensor', () => {
  const tensor = new Tensor('float32', [2, 2]);
  const { data } = tensor;
  data.set([1, 2, 3, 4]);
  assert.is(tensor.data, data, 'the same array each time');
  using set = new NamedTensors({ x: tensor });
  assert.equal([...(set.get('x') as Tensor<'float32'>).data], [1, 2, 3, 4]);
  tensor.dispose();
  // The set has it still; the object that was disposed of is not given again.
  const again = set.get('x') as Tensor<'float32'>;
  assert.is.not(again, tensor);
  assert.equal([...again.data], [1, 2, 3, 4]);
  data[0] = 9;
  assert.is(again.data[0], 9);
});

test('what was read stays after dispose', async () => {
  const tensor = new Tensor('float64', [1000]);
  const { data } = tensor;
  data.fill(0.5);
  tensor.dispose();
  tensor.dispose();
  await expectError(() => tensor.data, 'ERR_GENAI_DISPOSED', 'The Tensor was disposed');
  assert.ok(data.every(value => value === 0.5));
  assert.equal([tensor.type, tensor.shape], ['float64', [1000]]);
});

test('a buffer that is detached: nothing is read from it', async () => {
  const given = detach(new Float32Array(4).fill(1));
  const error = await expectError(() => new Tensor('float32', [4], given), 'ERR_GENAI_INVALID_ARGUMENT');
  assert.match(error.message, 'data must have 4 elements for the shape [4], but has 0');
  // What a tensor gives cannot be sent away: newer versions of Node refuse that, older ones send a copy.
  const tensor = new Tensor('float32', [4]);
  try {
    structuredClone(tensor.data, { transfer: [tensor.data.buffer as ArrayBuffer] });
  } catch {}
  assert.is(tensor.data.length, 4);
});

test('a buffer that is resized: only what is there counts', async () => {
  const buffer = resizableBuffer(16, 32);
  const tracking = new Int32Array(buffer);
  tracking.set([1, 2, 3, 4]);
  assert.equal([...new Tensor('int32', [4], tracking).data], [1, 2, 3, 4]);
  buffer.resize(8);
  assert.equal([...new Tensor('int32', [2], tracking).data], [1, 2]);
  await expectError(() => new Tensor('int32', [4], tracking), 'ERR_GENAI_INVALID_ARGUMENT', 'but has 2');
  buffer.resize(32);
  assert.equal(new Tensor('int32', [8], tracking).data.length, 8);
  const fixed = new Int32Array(buffer, 0, 8);
  buffer.resize(4);
  await expectError(() => new Tensor('int32', [8], fixed), 'ERR_GENAI_INVALID_ARGUMENT', 'but has 0');
});

test('a tensor whose memory was given away says so', async () => {
  const tensor = new Tensor('int8', [8]);
  const buffer = tensor.data.buffer as ArrayBuffer & { transfer?(): ArrayBuffer };
  if (buffer.transfer === undefined) return; // Node 20
  buffer.transfer();
  await expectError(() => tensor.data, 'ERR_GENAI_INVALID_ARGUMENT', 'its ArrayBuffer was transferred');
});

test('before a runtime is loaded there is no tensor', async () => {
  const { stdout } = await runInChild(`
    import { NamedTensors, Tensor } from '../../src/index.ts';
    for (const make of [() => new Tensor('int8', [1]), () => new NamedTensors()]) {
      try { make(); } catch (error) { console.log((error as GenAIError).code, (error as Error).message); }
    }
    await capabilities();
    console.log(new NamedTensors({ x: new Tensor('int8', [1]) }).size);
  `);
  const message = 'No runtime is loaded yet: load a model, or await capabilities(), before.';
  const refused = `ERR_GENAI_RUNTIME_NOT_FOUND ${message}\n`;
  assert.is(stdout, `${refused}${refused}1\n`);
});

test('NamedTensors: a map of tensors', async () => {
  const one = new Tensor('int64', [1], BigInt64Array.of(1n));
  const two = new Tensor('float32', [2], Float32Array.of(2, 3));
  using set = new NamedTensors({ one });
  assert.equal([set.size, set.names(), set.get('two')], [1, ['one'], undefined]);
  assert.is(set.set('two', two), set);
  assert.equal(set.names().sort(), ['one', 'two']);
  assert.is(set.get('two'), two);
  assert.is(new Map(set).get('one'), one);
  set.set('two', one);
  assert.is(set.get('two'), one);
  set.delete('one');
  set.delete('one');
  assert.equal([set.size, set.get('one')], [1, undefined]);
  using copy = new NamedTensors(set);
  assert.equal([copy.size, copy.get('two')], [1, one]);
  assert.is(new NamedTensors().size, 0);
  set.dispose();
  set.dispose();
  await expectError(() => set.names(), 'ERR_GENAI_DISPOSED', 'The NamedTensors were disposed');
  assert.is(copy.get('two'), one, 'the tensors of a set that is gone live on');
  assert.equal([...one.data], [1n]);
});

test.run();
