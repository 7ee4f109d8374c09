/** What the compiler must accept and refuse of engines; checked by `tsc`, never run. */
import { expectTypeOf } from 'expect-type';
import {
  Engine,
  type EngineCapabilities,
  type EngineOptions,
  EngineRequest,
  type EngineRequestOptions,
  type FinishReason,
  type Model,
  type SpeculativeStats,
  Turn,
  type TurnEndEvent,
  type TurnEvent,
  type TurnOptions,
  type TurnResult,
  type TurnTokenEvent,
  type Usage,
} from '../../src/index.ts';

declare const model: Model;
declare const engine: Engine;
declare const request: EngineRequest;
declare const turn: Turn;

// Making them.
expectTypeOf(model.createEngine()).resolves.toEqualTypeOf<Engine>();
expectTypeOf<Parameters<Model['createEngine']>[0]>().toEqualTypeOf<EngineOptions | undefined>();
expectTypeOf(engine.createRequest()).resolves.toEqualTypeOf<EngineRequest>();
expectTypeOf<Parameters<Engine['createRequest']>[0]>().toEqualTypeOf<EngineRequestOptions | undefined>();
expectTypeOf(request.beginTurn([1])).toEqualTypeOf<Turn>();
expectTypeOf<Parameters<EngineRequest['beginTurn']>[0]>().toEqualTypeOf<Int32Array | readonly number[]>();
expectTypeOf<Parameters<EngineRequest['beginTurn']>[1]>().toEqualTypeOf<TurnOptions | undefined>();
model.createEngine({ onBlocked: () => {} });
model.createEngine({ onBlocked: undefined });
engine.createRequest({ maxSessionTokens: undefined });
// @ts-expect-error an Engine is made by a model
new Engine();
// @ts-expect-error the batch is the model's
model.createEngine({ maxBatchSize: 8 });
// @ts-expect-error a function
model.createEngine({ onBlocked: true });
// @ts-expect-error a number
engine.createRequest({ maxSessionTokens: '50' });

// Turns.
request.beginTurn(Int32Array.of(1), {
  maxNewTokens: 5,
  minNewTokens: 1,
  doSample: 'model',
  temperature: 1,
  topK: 5,
  topP: 0.9,
  repetitionPenalty: 1.1,
  noRepeatNgramSize: 2,
  seed: 1,
  stop: ['a', 'b'],
  text: true,
  signal: new AbortController().signal,
  timeoutMs: 100,
});
request.beginTurn([1], { responseFormat: { type: 'json_schema', schema: { type: 'object' } } });
request.beginTurn([1], { responseFormat: { type: 'regex', pattern: 'a+' } });
request.beginTurn([1], { responseFormat: { type: 'lark', grammar: 'start: "a"' } });
request.beginTurn([1], { delimitedGuidance: { openingToken: 1, closingToken: 2, grammar: 'start: "a"' } });
// @ts-expect-error the tokens are missing
request.beginTurn();
// @ts-expect-error text is for the tokenizer
request.beginTurn('Hello');
// @ts-expect-error options are spelled in camelCase
request.beginTurn([1], { max_new_tokens: 5 });
// @ts-expect-error the engine has no beams
request.beginTurn([1], { numBeams: 2 });
// @ts-expect-error true or false
request.beginTurn([1], { text: 'yes' });
// @ts-expect-error a pattern belongs to it
request.beginTurn([1], { responseFormat: { type: 'regex' } });
// @ts-expect-error no such type
request.beginTurn([1], { responseFormat: { type: 'json' } });
// @ts-expect-error a grammar belongs to it
request.beginTurn([1], { delimitedGuidance: { openingToken: 1, closingToken: 2 } });

// What comes of them.
expectTypeOf<Turn>().toMatchTypeOf<AsyncIterable<TurnEvent>>();
expectTypeOf<Turn>().not.toMatchTypeOf<PromiseLike<unknown>>();
expectTypeOf(turn.result).resolves.toEqualTypeOf<TurnResult>();
expectTypeOf(turn.id).toEqualTypeOf<number>();
expectTypeOf(turn.cancel()).toEqualTypeOf<void>();
expectTypeOf<TurnEvent>().toEqualTypeOf<TurnTokenEvent | TurnEndEvent>();
expectTypeOf<TurnResult['finishReason']>().toEqualTypeOf<'stop' | 'length' | 'abort'>();
expectTypeOf<TurnResult['finishReason']>().toMatchTypeOf<FinishReason>();
expectTypeOf<TurnResult['usage']>().toEqualTypeOf<Usage>();
expectTypeOf<TurnResult['text']>().toEqualTypeOf<string | undefined>();
expectTypeOf<TurnResult['tokenIds']>().toMatchTypeOf<Int32Array>();
for await (const event of turn) {
  if (event.type === 'token') expectTypeOf(event.tokenId).toEqualTypeOf<number>();
  else expectTypeOf(event.usage).toEqualTypeOf<Usage>();
  // @ts-expect-error only a token has one
  void event.tokenId;
  // @ts-expect-error read-only
  event.type = 'end';
}
// @ts-expect-error a Turn is made by a request
new Turn();

// The rest.
expectTypeOf(engine.capabilities()).resolves.toEqualTypeOf<EngineCapabilities>();
expectTypeOf(engine.getSpeculativeStats()).resolves.toEqualTypeOf<SpeculativeStats>();
expectTypeOf<SpeculativeStats['acceptanceRate']>().toEqualTypeOf<number>();
expectTypeOf<SpeculativeStats['acceptedLengths']>().toEqualTypeOf<readonly number[]>();
expectTypeOf<Engine>().toMatchTypeOf<Disposable & AsyncDisposable>();
expectTypeOf<EngineRequest>().toMatchTypeOf<AsyncDisposable>();
expectTypeOf(request.close()).toEqualTypeOf<Promise<void>>();
expectTypeOf(request.rewindToStartOfTurn(1)).toEqualTypeOf<Promise<void>>();
expectTypeOf(request.setDraftTokens([1])).toEqualTypeOf<Promise<void>>();
expectTypeOf(engine.isDead).toEqualTypeOf<boolean>();
expectTypeOf(engine.maxDraftTokens).toEqualTypeOf<number>();
// @ts-expect-error read-only
request.tokenCount = 5;
// @ts-expect-error no such count
void (null as unknown as SpeculativeStats).drafts;
// @ts-expect-error a request is made by an engine
new EngineRequest();
