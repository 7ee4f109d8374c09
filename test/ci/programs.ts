/** What a user writes. */

/** Prints one JSON object: the answers of both entry points, and what the libraries are. */
const BODY = `
  const model = await Model.load('models/phi3-demo');
  const { text } = await model.generate([{ role: 'user', content: 'What is the capital of France?' }]);
  const phi3 = new Phi3Model();
  await phi3.loadContext({ artifacts: { 'phi3-mini-onnx': 'models/phi3-demo' } });
  const joke = await phi3.predict(null, { prompt: '<|user|>Tell me a joke about atom<|end|><|assistant|>' });
  console.log(JSON.stringify({ text, joke, signature: String(inferSignature({ prompt: 'x' }, ['Run'])), capabilities: await capabilities() }));
  await phi3.dispose();
  await model.dispose();
`;

export interface Printed {
  readonly text: string;
  readonly joke: string;
  readonly signature: string;
  readonly capabilities: { readonly source: string; readonly variant: string; readonly genaiLibrary: string };
}

export const ESM = `
import { capabilities, Model } from 'onnxruntime-genai-node';
import { inferSignature } from 'onnxruntime-genai-node/mlflow';
import { Phi3Model } from 'onnxruntime-genai-node/phi3';
${BODY}`;

export const COMMON_JS = `
const { capabilities, Model } = require('onnxruntime-genai-node');
const { inferSignature } = require('onnxruntime-genai-node/mlflow');
const { Phi3Model } = require('onnxruntime-genai-node/phi3');
(async () => {${BODY}})();
`;

/** Prints the code and the message of the error. */
export const LOAD_ONLY = `
import { Model } from 'onnxruntime-genai-node';
await Model.load('models/phi3-demo').catch(({ code, message }) => console.log(JSON.stringify({ code, message })));
`;

/** The expected errors are there to see that nothing has become \`any\`. */
export const TYPESCRIPT = `
import { capabilities, type GenerateResult, isGenAIError, Model } from 'onnxruntime-genai-node';
import { enableTracing, type LoadedModel, loadModel, MlflowClient } from 'onnxruntime-genai-node/mlflow';
import { Phi3Model } from 'onnxruntime-genai-node/phi3';

const model = await Model.load('models/phi3-demo', { signal: AbortSignal.timeout(1000) });
const result: GenerateResult = await model.generate([{ role: 'user', content: 'Hello' }], { maxNewTokens: 5 });
const count: number = result.usage.outputTokens;
for await (const text of model.stream('Hello').text) console.log(text.toUpperCase(), count);
const phi3 = new Phi3Model();
const answer: string = await phi3.predict(null, { prompt: 'Hello' });
const { source } = await capabilities();
const loaded: LoadedModel = await loadModel('models:/phi3@champion', { client: new MlflowClient() });
const tracing = await enableTracing();
console.log(isGenAIError(undefined), answer, source, loaded.task, tracing.stop);

// @ts-expect-error no such option
await model.generate('Hello', { maxTokens: 5 });
// @ts-expect-error no such source
console.log(source === 'nowhere');
`;

export const TYPESCRIPT_COMMON_JS = `
import genai = require('onnxruntime-genai-node');
import mlflow = require('onnxruntime-genai-node/mlflow');
import phi3 = require('onnxruntime-genai-node/phi3');

console.log(mlflow.inferSignature({ prompt: 'x' }).inputs?.length);
const model: Promise<genai.Model> = genai.Model.load('models/phi3-demo');
console.log(model, new phi3.Phi3Model());

// @ts-expect-error no such function
genai.nothing();
`;
