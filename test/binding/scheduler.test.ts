/** The addon's own checks of what a scheduler is given, beneath those of src/core. */
import * as assert from 'uvu/assert';
import type { NativeScheduler, NativeSchedulerSpec, NativeTurnSettings } from '../../src/binding/addon-engine-types.ts';
import type { NativeAddon, NativeTokenizer } from '../../src/binding/addon-types.ts';
import { loadRuntime } from '../../src/binding/runtime.ts';
import { readModelConfig } from '../../src/core/model-folder.ts';
import { readSchedulerFolder } from '../../src/core/scheduler/scheduler-folder.ts';
import { declaredFields } from '../helpers/addon-source.ts';
import { DEMO_MODEL } from '../helpers/demo-model.ts';
import { expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

interface Context {
  readonly addon: NativeAddon;
  readonly tokenizer: NativeTokenizer;
  readonly spec: NativeSchedulerSpec;
  readonly scheduler: NativeScheduler;
}

const test = suite<Context>('scheduler of the addon');

const REQUEST: NativeTurnSettings = { tokens: Int32Array.of(450), maxNewTokens: 2, stop: [], text: false };
const nothing = (): void => {};

test.before(async context => {
  const { addon } = await loadRuntime();
  const model = await addon.createModel(await addon.createConfig(DEMO_MODEL), 0);
  const tokenizer = await addon.createTokenizer(model);
  const { decoder } = await readSchedulerFolder(await readModelConfig(DEMO_MODEL));
  const limits = { threads: 1, rows: 2, capacity: 64, chunk: 16, endTokens: Int32Array.of(32007), bytes: 0 };
  const spec = { ...decoder, ...limits };
  Object.assign(context, { addon, tokenizer, spec, scheduler: await addon.createScheduler(spec, tokenizer) });
});
test.after(({ scheduler }) => scheduler.dispose());

async function codeOf(call: () => unknown): Promise<unknown> {
  return ((await expectRejection(call)) as { code?: unknown }).code;
}

test('what a request resolves with, and the statistics, have the declared fields', async ({ scheduler }) => {
  const result = await scheduler.run(1, { ...REQUEST, text: true }, nothing);
  assert.equal(Object.keys(result).sort(), declaredFields('NativeTurnResult'));
  assert.equal(Object.keys(await scheduler.stats()).sort(), declaredFields('NativeSchedulerStats'));
});

test('what cannot be a request is refused, and the others go on', async ({ scheduler, spec }) => {
  const wrong: readonly object[] = [
    { tokens: new Int32Array(0) },
    { tokens: Int32Array.of(-1) },
    { tokens: Int32Array.of(spec.vocabSize) },
    { tokens: new Int32Array(64).fill(450), maxNewTokens: 1 },
    { tokens: new Int32Array(63).fill(450), maxNewTokens: 2 },
    { maxNewTokens: Number.MAX_SAFE_INTEGER },
    { maxNewTokens: 0 },
    { stop: [''] },
    { minP: 'x' },
    { doSample: true, minP: 2 },
    { doSample: true, temperature: -1 },
    { repetitionPenalty: 0 },
    { presencePenalty: Number.NaN },
  ];
  for (const values of wrong) {
    const call = (): unknown => scheduler.run(2, { ...REQUEST, ...values } as NativeTurnSettings, nothing);
    assert.is(await codeOf(call), 'ERR_GENAI_INVALID_ARGUMENT', JSON.stringify(values));
  }
  assert.is(await codeOf(() => scheduler.run(2, REQUEST, 5 as never)), 'ERR_GENAI_INVALID_ARGUMENT');
  assert.is(await codeOf(() => scheduler.run(-1, REQUEST, nothing)), 'ERR_GENAI_INVALID_ARGUMENT');
  scheduler.cancel(999);
  assert.is((await scheduler.run(3, { ...REQUEST, minNewTokens: 2 }, nothing)).tokens.length, 2);
});

test('a specification that is none is refused, and one that does not fit the graph says why', async context => {
  const { addon, tokenizer, spec } = context;
  const create =
    (values: object): (() => unknown) =>
    () =>
      addon.createScheduler({ ...spec, ...values }, tokenizer);
  for (const values of [
    { path: 5 },
    { rows: 0 },
    { capacity: 0.5 },
    { chunk: -1 },
    { endTokens: [1] },
    { bytes: '' },
  ]) {
    assert.is(await codeOf(create(values)), 'ERR_GENAI_INVALID_ARGUMENT', JSON.stringify(values));
  }
  for (const [values, reason] of [
    [{ inputIds: 'ids' }, 'the graph has no input ids'],
    [{ layers: 5 }, 'the graph has no input past_key_values.4.key'],
    [{ layers: 3 }, 'it has an input that is not known: past_key_values.3.key'],
    [{ kvHeads: 8 }, 'past_key_values.0.key has another shape'],
    [{ logits: 'present.0.key' }, 'the graph has no output present.0.key'],
    [{ vocabSize: 5 }, 'the logits are not of the size of the vocabulary'],
    [{ path: `${spec.path}.data` }, ''],
  ] as const) {
    const error = (await expectRejection(create(values))) as Error & { code: string };
    assert.is(error.code, 'ERR_GENAI_MODEL_INVALID', JSON.stringify(values));
    assert.ok(error.message.includes(reason), error.message);
  }
  for (const limits of [{ rows: 1e6, capacity: 1e9 }, { rows: 2 ** 27, capacity: 2 ** 27 }, { rows: 2 ** 52 }]) {
    assert.is(await codeOf(create(limits)), 'ERR_GENAI_OUT_OF_MEMORY', JSON.stringify(limits));
  }
});

test.run();
