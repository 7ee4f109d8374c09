/** Types of onnxruntime-genai-node/mlflow, as its users meet them. */
import { expectTypeOf } from 'expect-type';
import {
  type Autolog,
  autolog,
  enforceInput,
  inferSignature,
  type LoadedModel,
  type LoggedModelInfo,
  loadModel,
  logModel,
  MlflowClient,
  type ModelSignature,
  type ModelVersion,
  type Prediction,
  type Run,
  registerModel,
  type Schema,
  saveModel,
  startRun,
  withRun,
} from '../../src/mlflow/index.ts';
import type { ChatCompletion, ChatCompletionChunk } from '../../src/phi3/index.ts';

expectTypeOf(saveModel({ path: 'x', modelDir: 'y' }))
  .resolves.toHaveProperty('path')
  .toEqualTypeOf<string>();
expectTypeOf(saveModel).parameter(0).toHaveProperty('task').toEqualTypeOf<'prompt' | 'llm/v1/chat' | undefined>();
// @ts-expect-error a path is needed
saveModel({ modelDir: 'y' });
// @ts-expect-error no such task
saveModel({ path: 'x', modelDir: 'y', task: 'chat' });

expectTypeOf(loadModel('models:/phi3@champion')).resolves.toEqualTypeOf<LoadedModel>();
declare const model: LoadedModel;
expectTypeOf(model.predict({ prompt: 'x' })).resolves.toEqualTypeOf<string>();
expectTypeOf(model.predict('x')).resolves.toEqualTypeOf<string>();
expectTypeOf(model.predict(['x', { prompt: 'y' }])).resolves.toEqualTypeOf<string[]>();
expectTypeOf(model.predict({ messages: [{ role: 'user', content: 'x' }], max_tokens: 5 })).resolves.toEqualTypeOf<
  ChatCompletion[]
>();
expectTypeOf(model.predict({ text: 'x' })).resolves.toEqualTypeOf<Prediction>();
expectTypeOf(model.predictStream({ prompt: 'x' })).toEqualTypeOf<AsyncGenerator<string, void>>();
expectTypeOf(model.predictStream({ messages: [] })).toEqualTypeOf<AsyncGenerator<ChatCompletionChunk, void>>();
expectTypeOf(model.signature).toEqualTypeOf<ModelSignature | null>();

declare const client: MlflowClient;
declare const run: Run;
expectTypeOf(logModel({ name: 'x', modelDir: 'y', run })).resolves.toEqualTypeOf<LoggedModelInfo>();
// @ts-expect-error a logged model has a name
logModel({ modelDir: 'y' });
expectTypeOf(registerModel('models:/m-1', 'x', { client })).resolves.toEqualTypeOf<ModelVersion>();
expectTypeOf(startRun({ client })).resolves.toEqualTypeOf<Run>();
expectTypeOf(withRun({ client }, async ({ runId }) => runId.length)).resolves.toEqualTypeOf<number>();
expectTypeOf(autolog(run)).toEqualTypeOf<Autolog>();
expectTypeOf(new MlflowClient().getRun('x')).resolves.toHaveProperty('info');

expectTypeOf(inferSignature({ prompt: 'x' }, ['Run']).inputs).toEqualTypeOf<Schema | null>();
expectTypeOf(enforceInput({ prompt: 'x' }, null).rows).toMatchTypeOf<readonly Record<string, unknown>[]>();
