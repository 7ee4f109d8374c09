/** What `Tensor`, `NamedTensors`, `Adapters` and the tensors of a `Generator` are given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Adapters, type Generator, NamedTensors, Tensor } from '../../src/index.ts';
import { detach, resizableBuffer } from '../helpers/buffers.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { ALPHA } from '../helpers/fixture-models.ts';
import { type BadCase, each, HELD, invalid, refused, since, type Table, table } from './case.ts';

const INVALID = 'ERR_GENAI_INVALID_ARGUMENT';

function tensor(text: string, type: unknown, shape: unknown, data?: unknown): BadCase {
  return invalid(text, () => new Tensor(type as 'int8', shape as number[], data as Int8Array));
}

const TYPES: Table = each(
  [undefined, null, '', 'float', 'string', 'complex64', 'FLOAT32', '__proto__', 1, ['float32']],
  wrong => [`tensor type ${JSON.stringify(wrong) ?? 'undefined'}`, tensor('type must be one of float32, ', wrong, [1])],
);

const SHAPES: Table = table(
  each([undefined, null, 4, '22', { length: 1 }, Int32Array.of(2)], wrong => [
    `tensor shape ${wrong?.constructor.name ?? String(wrong)}`,
    tensor('shape must be an array of integers >= 0', 'int8', wrong),
  ]),
  each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '2', 2n, null, undefined], wrong => [
    `tensor shape of ${typeof wrong} ${String(wrong)}`,
    tensor('shape[1] must be an integer >= 0', 'int8', [2, wrong]),
  ]),
  {
    'tensor shape of a hole': tensor('shape[0] must be an integer >= 0', 'int8', new Array(2)),
    'tensor larger than the machine': refused(
      'ERR_GENAI_OUT_OF_MEMORY',
      'is more than this machine can hold',
      () => new Tensor('float32', [2 ** 40, 2 ** 40]),
    ),
  },
);

function shrunk(): Float32Array {
  const buffer = resizableBuffer(16, 16);
  const array = new Float32Array(buffer, 0, 4);
  buffer.resize(8);
  return array;
}

const DATA: Table = table(
  each([3, 5, 0], length => [
    `tensor data of ${length} for a shape of 4`,
    tensor(`data must have 4 elements for the shape [2, 2], but has ${length}`, 'int8', [2, 2], new Int8Array(length)),
  ]),
  {
    'tensor data detached': tensor('data must have 4 elements', 'float32', [4], detach(new Float32Array(4))),
    'tensor data that lost its buffer': tensor('data must have 4 elements', 'float32', [4], shrunk()),
    'tensor data one too many for a number': tensor('data must have 1 elements', 'int8', [], new Int8Array(2)),
    'tensor bool of 2': tensor('data must be zeros and ones', 'bool', [2], Uint8Array.of(1, 2)),
  },
  each(
    [
      ['float32', new Float64Array(4)],
      ['float16', new Float32Array(4)],
      ['bfloat16', new Int16Array(4)],
      ['int64', new Float64Array(4)],
      ['int64', new BigUint64Array(4)],
      ['uint8', new Uint8ClampedArray(4)],
      ['int32', [1, 2, 3, 4]],
      ['int8', new ArrayBuffer(4)],
      ['int8', new DataView(new ArrayBuffer(4))],
      ['int8', 'abcd'],
      ['int8', null],
    ] as const,
    ([type, wrong]) => [
      `tensor data ${type} of ${wrong === null ? 'null' : wrong.constructor.name}`,
      tensor(`for elements of type ${type}, but is `, type, [4], wrong),
    ],
  ),
);

const NO_TENSOR = [undefined, null, {}, new Float32Array(2), { native: {} }] as const;
const some = (): Tensor => new Tensor('int8', [1]);

const NAMED: Table = table(
  each(NO_TENSOR, wrong => [
    `set with ${wrong?.constructor.name ?? String(wrong)}${wrong !== null && typeof wrong === 'object' && 'native' in wrong ? ' with native' : ''}`,
    invalid('tensor must be a Tensor', () => new NamedTensors({ x: wrong as never })),
  ]),
  {
    'set with a disposed tensor': refused('ERR_GENAI_DISPOSED', 'The Tensor was disposed', () => {
      using gone = some();
      gone.dispose();
      new NamedTensors({ x: gone });
    }),
    'set without a name': invalid('name must be the name of a tensor', () => new NamedTensors({ '': some() })),
    'set with NUL in the name': invalid('name must not contain a NUL', () => new NamedTensors({ 'a\0': some() })),
    'set get without a name': invalid('name must be a string, but is ', () =>
      new NamedTensors().get(undefined as never),
    ),
    'set delete without a name': invalid('name must be a string, but is ', () => new NamedTensors().delete(5 as never)),
    'set of null': invalid('tensors must be an object of tensors', () => new NamedTensors(null as never)),
    'set of a number': invalid('tensors must be an object of tensors', () => new NamedTensors(5 as never)),
  },
);

function fresh(text: string, act: (generator: Generator) => unknown): BadCase {
  return invalid(text, async ({ model }) => {
    await using generator = await model.createGenerator({ maxLength: 20 });
    await act(generator);
  });
}

/** `int32 [1, 2]` for one that takes only tokens: what is wrong is told before that. */
function inputs(text: string, name: string, make: () => Tensor): BadCase {
  return fresh(text, generator => generator.setInputs(new NamedTensors({ [name]: make() })));
}

const GENERATOR: Table = table(
  each([undefined, null, {}, new Map(), { input_ids: 1 }] as const, wrong => [
    `setInputs ${wrong?.constructor.name ?? String(wrong)}${wrong !== null && typeof wrong === 'object' && 'input_ids' in wrong ? ' of numbers' : ''}`,
    invalid('inputs must be NamedTensors, but is ', ({ generator }) => generator.setInputs(wrong as never)),
  ]),
  each(NO_TENSOR.slice(0, 4), wrong => [
    `setModelInput ${wrong?.constructor.name ?? String(wrong)}`,
    invalid('hiddenStates must be a Tensor', async ({ generator }) => {
      await expectError(() => generator.setModelInput('x', wrong as never), INVALID, 'tensor must be a Tensor');
      await generator.setHiddenStates(wrong as never);
    }),
  ]),
  {
    'setInputs with float tokens': inputs(
      'input_ids must be int32 of the shape [1, tokens]',
      'input_ids',
      () => new Tensor('float32', [1, 2]),
    ),
    'setInputs with int64 tokens': inputs('input_ids must be int32', 'input_ids', () => new Tensor('int64', [1, 2])),
    'setInputs with flat tokens': inputs('input_ids must be int32', 'input_ids', () => new Tensor('int32', [2])),
    'setInputs with rows too many': inputs('input_ids must be int32', 'input_ids', () => new Tensor('int32', [2, 2])),
    'setInputs without a token': inputs('input_ids must be int32', 'input_ids', () => new Tensor('int32', [1, 0])),
    'setInputs with counts of another type': inputs(
      'num_image_tokens must be of type int64',
      'num_image_tokens',
      () => new Tensor('float16', [1]),
    ),
    'setInputs with counts too high': inputs(
      'num_audio_tokens must be counts of tokens',
      'num_audio_tokens',
      () => new Tensor('int64', [2], BigInt64Array.of(20n, 1n)),
    ),
    'setInputs with counts below 0': inputs(
      'num_img_tokens must be counts of tokens',
      'num_img_tokens',
      () => new Tensor('int64', [2], BigInt64Array.of(-1n, 1n)),
    ),
    'setInputs beyond maxLength': refused('ERR_GENAI_INPUT_TOO_LONG', '53 tokens', ({ generator }) =>
      generator.setInputs(new NamedTensors({ input_ids: new Tensor('int32', [1, 50]) })),
    ),
    'setInputs of a model for tokens': inputs(
      'SetInputs is not supported',
      'input_ids',
      () => new Tensor('int32', [1, 2]),
    ),
    'setModelInput after tokens': invalid('generator must be without tokens', ({ generator }) =>
      generator.setModelInput('x', some()),
    ),
    'setModelInput without a name': fresh('name must be the name of an input', generator =>
      generator.setModelInput('', some()),
    ),
    'setModelInput with NUL': fresh('name must not contain a NUL', generator => generator.setModelInput('\0', some())),
    ...since('generatorTensors', {
      'getInput of a name that is not there': invalid("'nonsense' was not found", ({ generator }) =>
        generator.getInput('nonsense'),
      ),
      'getOutput of a name that is not there': invalid("'nonsense' was not found", ({ generator }) =>
        generator.getOutput('nonsense'),
      ),
    }),
    'getInput of a number': invalid('name must be a string, but is ', ({ generator }) =>
      generator.getInput(1 as never),
    ),
    'getOutput of a number': invalid('name must be a string, but is ', ({ generator }) =>
      generator.getOutput(1 as never),
    ),
    'getInput before tokens': fresh('given tokens first', generator => generator.getInput('input_ids')),
    'getOutput before tokens': fresh('given tokens first', generator => generator.getOutput('logits')),
    'snapshotState before tokens': fresh('given tokens first', generator => generator.snapshotState()),
  },
);

const ADAPTERS: Table = table(
  each([undefined, null, {}, 'alpha'] as const, wrong => [
    `adapters ${typeof wrong === 'string' ? 'a string' : String(wrong)}`,
    invalid('model must be a Model', async ({ generator }) => {
      await expectError(generator.setActiveAdapter(wrong as never, 'x'), INVALID, 'adapters must be Adapters');
      assert.is(generator.tokenCount, HELD.length);
      new Adapters(wrong as never);
    }),
  ]),
  {
    'adapter without a path': invalid('path must be a non-empty string', ({ model }) =>
      new Adapters(model).load('', 'x'),
    ),
    'adapter without a name': invalid('name must be a non-empty string', ({ model }) =>
      new Adapters(model).load(ALPHA, ''),
    ),
    'adapter of no file': invalid('path must be a file that can be read', ({ model, folder }) =>
      new Adapters(model).load(join(folder, 'x.onnx_adapter'), 'x'),
    ),
    'adapter of a folder': invalid('path must be a file that can be read', ({ model, folder }) =>
      new Adapters(model).load(folder, 'x'),
    ),
    'adapter of a broken file': invalid('cannot be loaded', ({ model, folder }) => {
      const path = join(folder, 'x.onnx_adapter');
      writeFileSync(path, 'no adapter');
      return new Adapters(model).load(path, 'x');
    }),
    'adapter of a name that is taken': invalid('An adapter is loaded as "x" already', async ({ model }) => {
      using adapters = new Adapters(model);
      await adapters.load(ALPHA, 'x');
      await adapters.load(ALPHA, 'x');
    }),
    'adapter unknown': invalid('No adapter is loaded as "x"', ({ model, generator }) =>
      generator.setActiveAdapter(new Adapters(model), 'x'),
    ),
    'adapter unknown to unload': invalid('No adapter is loaded as "x"', ({ model }) => new Adapters(model).unload('x')),
    'adapter with NUL in its name': invalid('name must not contain a NUL', ({ model, generator }) =>
      generator.setActiveAdapter(new Adapters(model), 'x\0'),
    ),
    'adapter unloaded while it is used': refused('ERR_GENAI_BUSY', 'is used by 1 generator', async ({ model }) => {
      using adapters = new Adapters(model);
      await adapters.load(ALPHA, 'x');
      await using generator = await model.createGenerator({ maxLength: 20 });
      await generator.setActiveAdapter(adapters, 'x');
      await adapters.unload('x');
    }),
  },
);

/** The option of generate, stream and chats. */
function option(text: string, make: (adapters: Adapters) => unknown): BadCase {
  return invalid(text, async ({ model }) => {
    using adapters = new Adapters(model);
    const options = { maxNewTokens: 1, adapter: make(adapters) as never };
    await expectError(model.stream('x', options).result, INVALID, text);
    await expectError(() => model.createChat().send('x', options), INVALID, text);
    await model.generate('x', options);
  });
}

const ADAPTER_OPTION: Table = {
  'adapter option a string': option('adapter must be an object { adapters, name }', () => 'alpha'),
  'adapter option null': option('adapter must be an object { adapters, name }', () => null),
  'adapter option without adapters': option('adapter.adapters must be Adapters', () => ({ name: 'x' })),
  'adapter option with a folder': option('adapter.adapters must be Adapters', () => ({ adapters: 'x', name: 'x' })),
  'adapter option without a name': option('adapter.name must be a string', adapters => ({ adapters })),
  'adapter option with an empty name': option('adapter.name must be a non-empty', adapters => ({ adapters, name: '' })),
  'adapter option of a name that is not loaded': option('No adapter is loaded as "x"', adapters => ({
    adapters,
    name: 'x',
  })),
  'adapter option with another field': option('Unknown option "scale"', adapters => ({
    adapters,
    name: 'x',
    scale: 2,
  })),
};

export const TENSOR: Table = table(TYPES, SHAPES, DATA, NAMED, GENERATOR, ADAPTERS, ADAPTER_OPTION);
