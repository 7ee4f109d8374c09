import * as assert from 'uvu/assert';
import type {
  NativeAddon,
  NativeConfig,
  NativeGenerator,
  NativeModel,
  NativeTokenizer,
} from '../../src/binding/addon-types.ts';
import { loadRuntime } from '../../src/binding/runtime.ts';
import { ADDON_SOURCE, declaredFields, declaredMethods } from '../helpers/addon-source.ts';
import { DEMO_MODEL } from '../helpers/demo-model.ts';
import { expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';
import { REFUSALS } from './refusals.ts';

interface Shared {
  addon: NativeAddon;
  config: NativeConfig;
  model: NativeModel;
  tokenizer: NativeTokenizer;
  generator: NativeGenerator;
}

const test = suite<Shared>('contract of the addon');

const CLASSES = [
  'Config',
  'Model',
  'Tokenizer',
  'TokenizerStream',
  'GeneratorParams',
  'Generator',
  'Engine',
  'EngineRequest',
  'Scheduler',
  'Tensor',
  'NamedTensors',
  'Adapters',
  'Images',
  'Audios',
  'MultiModalProcessor',
  'StreamingProcessor',
  'MtpGenerator',
] as const;

test.before(async context => {
  const { addon } = await loadRuntime();
  context.addon = addon;
  context.config = await addon.createConfig(DEMO_MODEL);
  context.model = await addon.createModel(context.config, 0);
  context.tokenizer = await addon.createTokenizer(context.model);
  const params = addon.createGeneratorParams(context.model);
  params.setSearchNumber('max_length', 50);
  context.generator = await addon.createGenerator(context.model, params, 0);
});
test.after(async ({ model, generator }) => {
  await generator.dispose();
  await model.dispose();
});

/** The classes as the addon exports them, which nothing but this test looks at. */
function classesOf(addon: NativeAddon): Record<string, new (...values: unknown[]) => object> {
  return addon as unknown as Record<string, new (...values: unknown[]) => object>;
}

test('every class has the declared methods and no others', ({ addon }) => {
  for (const name of CLASSES) {
    const { prototype } = classesOf(addon)[name] as { prototype: object };
    const methods = Object.getOwnPropertyNames(prototype).filter(method => method !== 'constructor');
    assert.ok(methods.length > 0, name);
    assert.equal(methods.sort(), declaredMethods(`Native${name}`), name);
  }
});

test('the addon exports the declared functions and the classes, nothing else', ({ addon }) => {
  assert.equal(Object.keys(addon).sort(), [...declaredMethods('NativeAddon'), ...CLASSES].sort());
});

test('every class of the addon is declared', () => {
  const withMethods = [...ADDON_SOURCE.matchAll(/export interface Native(\w+) \{/g)]
    .map(match => match[1] as string)
    .filter(name => name !== 'Addon' && declaredMethods(`Native${name}`).length > 0);
  assert.equal(withMethods.sort(), [...CLASSES].sort());
});

test('what run resolves with has the declared fields', async ({ generator, tokenizer }) => {
  const pieces: [Int32Array, string[]][] = [];
  const result = await generator.run(
    { prompt: Int32Array.of(1, 450), maxNewTokens: 3, stop: [], beams: false, guided: false, bursts: false },
    tokenizer,
    (tokens, texts) => pieces.push([tokens, texts]),
  );
  assert.equal(Object.keys(result).sort(), declaredFields('NativeRunResult'));
  assert.instance(result.tokens, Int32Array);
  assert.is(pieces.flatMap(([tokens]) => [...tokens]).length, 3);
  assert.is(pieces.flatMap(([, texts]) => texts).join(''), result.text);
});

test('no class can be constructed from JS', async ({ addon }) => {
  for (const name of CLASSES) {
    const Class = classesOf(addon)[name] as new (...values: unknown[]) => object;
    for (const values of [[], [{}], [null], [1, 2], ['x']]) {
      const error = await expectRejection(() => new Class(...values));
      assert.instance(error, TypeError, name);
    }
    await expectRejection(() => (Class as unknown as () => object)());
  }
});

test('a subclass cannot be constructed either', async ({ addon }) => {
  class Mine extends (classesOf(addon)['Model'] as new () => object) {}
  assert.instance(await expectRejection(() => new Mine()), TypeError);
});

test('a method on a wrong receiver is refused', async ({ addon, model, tokenizer, generator, config }) => {
  const objects = { Config: config, Model: model, Tokenizer: tokenizer, Generator: generator };
  for (const name of CLASSES) {
    const { prototype } = classesOf(addon)[name] as { prototype: Record<string, () => unknown> };
    const others = Object.entries(objects).filter(([other]) => other !== name);
    const receivers = [
      undefined,
      null,
      {},
      1,
      Object.create(prototype),
      prototype,
      ...others.map(([, object]) => object),
    ];
    for (const method of declaredMethods(`Native${name}`)) {
      for (const receiver of receivers) {
        const error = await expectRejection(() => (prototype[method] as () => unknown).call(receiver));
        assert.instance(error, TypeError, `${name}.${method}`);
      }
    }
  }
});

test('a wrong object as an argument is refused with a code', async ({ addon, model, tokenizer, generator, config }) => {
  const params = addon.createGeneratorParams(model);
  const loose = addon as unknown as Record<string, (...values: unknown[]) => unknown>;
  const request = { prompt: Int32Array.of(1), maxNewTokens: 1, stop: [], beams: false, guided: false, bursts: false };
  const run = (values: object, ...rest: unknown[]) =>
    generator.run({ ...request, ...values }, ...(rest as [NativeTokenizer, null]));
  const fake = Object.create(Object.getPrototypeOf(model) as object) as object;
  const calls: (() => unknown)[] = [];
  for (const wrong of [undefined, null, {}, 1, 'x', Symbol('x'), fake, new Proxy(model, {}), tokenizer, params]) {
    calls.push(
      () => loose['createTokenizer']?.(wrong),
      () => loose['createGeneratorParams']?.(wrong),
      () => loose['createGenerator']?.(wrong, params),
      () => loose['createModel']?.(wrong),
      () => loose['createEngine']?.(wrong, tokenizer, false, 0),
      () => loose['createEngine']?.(model, tokenizer, wrong, 0),
    );
    if (wrong !== params) calls.push(() => loose['createGenerator']?.(model, wrong));
    if (wrong !== tokenizer) {
      calls.push(() => run({}, wrong, null));
      calls.push(() => loose['createEngine']?.(model, wrong, false, 0));
    }
    if (wrong !== 'x') calls.push(() => loose['createConfig']?.(wrong));
    calls.push(() => loose['loadRuntime']?.(wrong));
    calls.push(() => generator.appendTokens(wrong as never));
    calls.push(() => generator.appendTokenSequences(wrong as never));
    calls.push(() => generator.setLogits(wrong as never));
    calls.push(() => tokenizer.decode(wrong as never));
    calls.push(() => tokenizer.decodeBatch(wrong as never));
    calls.push(() => tokenizer.encodeBatch(wrong as never));
    calls.push(() => config.setProviderOption(wrong as never, 'a', 1 as never));
    calls.push(() => config.addModelData('a', wrong as never));
    calls.push(() => tokenizer.applyChatTemplate(null, '[]', null, true, (wrong === 'x' ? 5 : (wrong ?? 5)) as never));
    calls.push(() => tokenizer.updateOptions({ a: (wrong === 'x' ? 5 : wrong) as never }));
    calls.push(
      () => loose['createTokenizerFromConfig']?.(wrong),
      () => loose['createModelWithSettings']?.(DEMO_MODEL, { a: wrong }, 0),
      () => loose['listenToLog']?.(wrong),
      () => loose['changeLog']?.({ enabled: wrong }),
      () => loose['setGpuDevice']?.(wrong === 1 ? -1 : wrong),
      () => loose['setTelemetryEnabled']?.(wrong),
    );
    if (wrong !== 'x') {
      calls.push(
        () => loose['createTokenizerFromFolder']?.(wrong),
        () => loose['createConfigFromPackage']?.(wrong, null),
        () => loose['createModelWithSettings']?.(wrong, {}, 0),
        () => loose['registerExecutionProviderLibrary']?.(wrong, 'x'),
        () => loose['unregisterExecutionProviderLibrary']?.(wrong),
        () => config.setHardwareDeviceType('cuda', (wrong ?? 5) as never),
        () => config.setHardwareDeviceId('cuda', wrong === 1 || wrong === null ? -1 : (wrong as never)),
      );
    }
  }
  calls.push(
    () => generator.run(null as never, tokenizer, null),
    () => run({ prompt: [1] }, tokenizer, null),
    () => run({ maxNewTokens: -1 }, tokenizer, null),
    () => run({ maxNewTokens: Number.POSITIVE_INFINITY }, tokenizer, null),
    () => run({ stop: [''] }, tokenizer, null),
    () => run({ stop: 'x' }, tokenizer, null),
    () => run({ beams: 0 }, tokenizer, null),
    () => run({ guided: 0 }, tokenizer, null),
    () => run({ bursts: 0 }, tokenizer, null),
    () => generator.rewindTo(-1),
    () => generator.rewindTo('1' as never),
    () => generator.getSequence(-1),
    () => generator.appendTokens(new Uint32Array(2) as never),
    () => generator.setLogits(new Float64Array(2) as never),
    () => tokenizer.encode(1 as never),
    () => tokenizer.decodeBatch([[1]] as never),
    () => tokenizer.applyChatTemplate(1 as never, '[]', null, true),
    () => tokenizer.applyChatTemplate(null, '[]', null, 1 as never),
    () => params.setSearchNumber('top_k', '1' as never),
    () => params.setSearchBool('do_sample', 1 as never),
    () => params.setSpeculativeNumber('max_draft_tokens', '1' as never),
    () => params.setSpeculativeNumber('nonsense', 1),
    () => params.setSpeculativeBool('cooldown', 1 as never),
    () => params.getSpeculativeNumber('nonsense'),
    () => params.getSpeculativeBool(1 as never),
    () => params.setGuidance('regex', 1 as never, false),
    () => params.setGuidance('regex', 'a', 1 as never),
    () => config.overlay({} as never),
    () => config.setHardwareVendorId('cuda', 2 ** 32),
    () => config.removeModelData('none'),
    () => config.addModelData('a', new Uint8Array(0)),
    () => tokenizer.updateOptions(null as never),
    () => addon.changeLog(null as never),
    () => addon.changeLog({ nonsense: true }),
    () => addon.changeLog({}, 5 as never),
    () => addon.createModelWithSettings(DEMO_MODEL, { a: 0n }, 0),
    () => addon.createModelWithSettings(DEMO_MODEL, { a: 2n ** 64n }, 0),
  );
  for (const call of calls) {
    const error = (await expectRejection(call)) as { code?: unknown; message?: string };
    assert.ok(REFUSALS.includes(error.code), `${call.toString()}: ${error.message}`);
  }
});

test.run();
