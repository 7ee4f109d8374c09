/** The addon's own checks of what an engine is given, beneath those of src/core. */
import * as assert from 'uvu/assert';
import type { NativeEngine, NativeEngineRequest, NativeTurnSettings } from '../../src/binding/addon-engine-types.ts';
import type { NativeModel } from '../../src/binding/addon-types.ts';
import { loadRuntime } from '../../src/binding/runtime.ts';
import { declaredFields } from '../helpers/addon-source.ts';
import { DEMO_MODEL } from '../helpers/demo-model.ts';
import { expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: NativeModel; engine: NativeEngine; request: NativeEngineRequest }>('engine of the addon');

const TURN: NativeTurnSettings = { tokens: Int32Array.of(450), maxNewTokens: 2, stop: [], text: false };

test.before(async context => {
  const { addon } = await loadRuntime();
  context.model = await addon.createModel(await addon.createConfig(DEMO_MODEL), 0);
  const tokenizer = await addon.createTokenizer(context.model);
  context.engine = await addon.createEngine(context.model, tokenizer, false, 0);
  context.request = await context.engine.createRequest(0);
});
test.after(async ({ model, engine }) => {
  await engine.dispose();
  await model.dispose();
});

async function codeOf(call: () => unknown): Promise<unknown> {
  return ((await expectRejection(call)) as { code?: unknown }).code;
}

test('what a turn resolves with has the declared fields, and its events the declared types', async ({ engine }) => {
  const request = await engine.createRequest(0);
  const events: [Int32Array, string[], boolean][] = [];
  const result = await request.beginTurn({ ...TURN, text: true }, (...event) => events.push(event));
  assert.equal(Object.keys(result).sort(), declaredFields('NativeTurnResult'));
  assert.instance(result.tokens, Int32Array);
  assert.equal(
    events.flatMap(([tokens]) => [...tokens]),
    [...result.tokens],
  );
  assert.is(events.flatMap(([, texts]) => texts).join(''), result.text);
  assert.ok(events.every(([, , blocked]) => blocked === false));
  await request.close();
});

test('what cannot be a turn is refused with a code, and nothing begins', async ({ request }) => {
  const nothing = (): void => {};
  const begin =
    (values: object, callback: unknown = nothing) =>
    () =>
      request.beginTurn({ ...TURN, ...values } as never, callback as never);
  const calls = [
    () => request.beginTurn(null as never, nothing),
    () => request.beginTurn(5 as never, nothing),
    begin({}, null),
    begin({}, {}),
    begin({ tokens: [1] }),
    begin({ tokens: new Int32Array(0) }),
    begin({ tokens: undefined }),
    begin({ maxNewTokens: 0 }),
    begin({ maxNewTokens: -1 }),
    begin({ maxNewTokens: Number.NaN }),
    begin({ maxNewTokens: undefined }),
    begin({ minNewTokens: 1.5 }),
    begin({ stop: 'x' }),
    begin({ stop: [''] }),
    begin({ text: 1 }),
    begin({ text: undefined }),
    begin({ doSample: 1 }),
    begin({ temperature: '1' }),
    begin({ temperature: 1e39 }),
    begin({ topP: Number.NaN }),
    begin({ topK: 2 ** 31 }),
    begin({ topK: Number.NaN }),
    begin({ noRepeatNgramSize: -(2 ** 32) }),
    begin({ seed: -1 }),
    begin({ guidance: 'x' }),
    begin({ guidance: { type: 'regex' } }),
    begin({ delimitedGuidance: { openingToken: 1, closingToken: '2', grammar: 'x' } }),
    () => request.rewindToStartOfTurn(-1),
    () => request.rewindToStartOfTurn('1' as never),
    () => request.setDraftTokens([1] as never),
  ];
  for (const call of calls) assert.is(await codeOf(call), 'ERR_GENAI_INVALID_ARGUMENT', call.toString());
  await request.cancelTurn();
  assert.equal((await request.beginTurn(TURN, nothing)).tokens.length, 2);
});

test('wrong arguments of an engine', async ({ engine }) => {
  for (const wrong of [-1, 1.5, Number.NaN, '5', null, undefined, {}]) {
    assert.is(await codeOf(() => engine.createRequest(wrong as number)), 'ERR_GENAI_INVALID_ARGUMENT');
  }
});

test('after dispose everything is refused, also of its requests', async ({ model }) => {
  const { addon } = await loadRuntime();
  const engine = await addon.createEngine(model, await addon.createTokenizer(model), false, 0);
  const request = await engine.createRequest(0);
  await engine.dispose();
  const calls = [
    () => engine.createRequest(0),
    () => engine.capabilities(),
    () => engine.getSpeculativeStats(),
    () => engine.dispose(),
    () => request.beginTurn(TURN, () => {}),
    () => request.cancelTurn(),
    () => request.rewindToStartOfTurn(1),
    () => request.setDraftTokens(Int32Array.of(1)),
    () => request.close(),
  ];
  for (const call of calls) assert.is(await codeOf(call), 'ERR_GENAI_DISPOSED', call.toString());
  assert.equal([engine.isDead(), engine.isBlocked(), engine.maxDraftTokens()], [false, false, 0]);
});

test.run();
