/** What the compiler must accept and refuse; checked by `tsc`, never run. */
import { expectTypeOf } from 'expect-type';
import {
  type Capabilities,
  type ChatMessage,
  type ChatSession,
  Config,
  capabilities,
  configureRuntime,
  ERROR_CODES,
  type ErrorCode,
  type FinishReason,
  type GenAIError,
  type GenerateInput,
  type GenerateOptions,
  type GenerateResult,
  type Generator,
  type GeneratorOptions,
  type GeneratorParams,
  getCurrentGpuDeviceId,
  isGenAIError,
  type LogCallback,
  type Logits,
  Model,
  registerExecutionProviderLibrary,
  setCurrentGpuDeviceId,
  setLogCallback,
  setLogOptions,
  setTelemetryEnabled,
  type TokenChunk,
  Tokenizer,
  type TokenStream,
  type Usage,
} from '../../src/index.ts';
import { type ChatCompletion, type Phi3Context, Phi3Model, type Phi3Prompt } from '../../src/phi3/index.ts';

declare const model: Model;
declare const phi3: Phi3Model;

// Loading.
expectTypeOf(Model.load('x')).resolves.toEqualTypeOf<Model>();
expectTypeOf(model.tokenizer).toEqualTypeOf<Tokenizer>();
expectTypeOf(model.dispose()).toEqualTypeOf<Promise<void>>();
expectTypeOf<Model>().toMatchTypeOf<Disposable & AsyncDisposable>();
expectTypeOf(capabilities()).resolves.toEqualTypeOf<Capabilities>();
configureRuntime({ variant: 'cuda' });
Model.load('x', { executionProvider: 'cpu', signal: undefined, onProgress: undefined });
// @ts-expect-error a Model is made by load()
new Model();
// @ts-expect-error no such option
Model.load('x', { threads: 2 });
// @ts-expect-error provider options are strings
Model.load('x', { executionProvider: 'cuda', providerOptions: { device_id: 0 } });
// @ts-expect-error no such variant
configureRuntime({ variant: 'tpu' });
// @ts-expect-error read-only
model.contextLength = 5;

// Configurations.
declare const config: Config;
expectTypeOf(Config.load('x')).resolves.toEqualTypeOf<Config>();
expectTypeOf(Config.fromPackage('x', 'cuda')).resolves.toEqualTypeOf<Config>();
expectTypeOf(Model.load(config)).resolves.toEqualTypeOf<Model>();
expectTypeOf<Config>().toMatchTypeOf<Disposable>();
Model.load(config, { signal: undefined, onProgress: ({ phase }) => void phase });
Model.load('x', {
  modelData: { 'model.onnx': new Uint8Array(1) },
  hardwareDevice: { type: 'NPU', id: 1, vendorId: null },
});
Model.load('x', { runtimeSettings: { dawnProcTable: 4096n } });
config.setHardwareDevice('openvino', { type: null });
config.addModelData('model.onnx', new ArrayBuffer(1));
config.addModelData('model.onnx', Buffer.alloc(1));
// @ts-expect-error a Config is made by load()
new Config();
// @ts-expect-error a Config has its changes already
Model.load(config, { configOverlay: {} });
// @ts-expect-error no such type of device
config.setHardwareDevice('openvino', { type: 'TPU' });
// @ts-expect-error bytes, not numbers
config.addModelData('model.onnx', [1, 2]);
// @ts-expect-error an overlay is an object, not JSON
config.overlay('{}');
// @ts-expect-error an address is a bigint
Model.load('x', { runtimeSettings: { dawnProcTable: 4096 } });
// @ts-expect-error options of providers are strings
config.setProviderOption('cuda', 'device_id', 0);

// Log and process.
expectTypeOf(setLogOptions({ enabled: true, filename: null })).toEqualTypeOf<Promise<void>>();
expectTypeOf(setLogCallback).parameter(0).toEqualTypeOf<LogCallback | null>();
expectTypeOf(getCurrentGpuDeviceId()).resolves.toEqualTypeOf<number>();
setLogCallback(text => text.length);
setTelemetryEnabled(false);
configureRuntime({ telemetry: true });
registerExecutionProviderLibrary('mine', 'libmine.so');
// @ts-expect-error by its name in Python
setLogOptions({ generate_next_token: true });
// @ts-expect-error not a level, a switch
setLogOptions({ enabled: 'warning' });
// @ts-expect-error a function or null
setLogCallback(undefined);
// @ts-expect-error a number
setCurrentGpuDeviceId('0');

// Generating.
expectTypeOf(model.generate('x')).resolves.toEqualTypeOf<GenerateResult>();
expectTypeOf(model.stream('x')).toEqualTypeOf<TokenStream>();
expectTypeOf(model.stream('x').result).resolves.toEqualTypeOf<GenerateResult>();
expectTypeOf(model.stream('x').text).toMatchTypeOf<AsyncIterable<string>>();
expectTypeOf(model.stream('x').toReadableStream()).toMatchTypeOf<ReadableStream<TokenChunk>>();
expectTypeOf<TokenStream>().toMatchTypeOf<AsyncIterable<TokenChunk>>();
expectTypeOf<TokenStream>().not.toMatchTypeOf<PromiseLike<unknown>>();
expectTypeOf<TokenStream>().not.toHaveProperty('then');
expectTypeOf<GenerateResult['finishReason']>().toEqualTypeOf<'stop' | 'length' | 'abort' | 'tool-calls'>();
expectTypeOf<FinishReason>().toEqualTypeOf<GenerateResult['finishReason']>();
expectTypeOf<GenerateResult['usage']>().toEqualTypeOf<Usage>();
expectTypeOf<GenerateResult['tokenIds']>().toMatchTypeOf<Int32Array>();
expectTypeOf<GenerateResult['matchedStop']>().toEqualTypeOf<string | undefined>();
expectTypeOf<string | ChatMessage[] | readonly ChatMessage[] | Int32Array | number[]>().toMatchTypeOf<GenerateInput>();

model.generate([{ role: 'user', content: 'x' }], { stop: ['a'], onAbort: 'return', doSample: 'model' });
model.generate('x', { stop: undefined, signal: undefined, maxNewTokens: undefined, topK: undefined });
const chat = model.createChat({ system: 'x', messages: [], tools: [{}], template: 'x', temperature: 1, stop: 'x' });
expectTypeOf(chat).toEqualTypeOf<ChatSession>();
expectTypeOf(
  chat.send('x', { signal: AbortSignal.abort(), onAbort: 'return' }),
).resolves.toEqualTypeOf<GenerateResult>();
expectTypeOf(chat.stream([{ role: 'tool', content: 'x' }])).toEqualTypeOf<TokenStream>();
expectTypeOf(chat.messages).toEqualTypeOf<ChatMessage[]>();
expectTypeOf(chat.fork()).toEqualTypeOf<ChatSession>();
expectTypeOf(chat.rewind).parameters.toEqualTypeOf<[turns: number]>();
// @ts-expect-error a signal belongs to a turn
model.createChat({ signal: AbortSignal.abort() });
// @ts-expect-error the history is changed by turns
chat.messages = [];
// @ts-expect-error tokens are for generate
chat.send([1, 2, 3]);
// @ts-expect-error an unknown role
model.generate([{ role: 'function', content: 'x' }]);
// @ts-expect-error options are spelled in camelCase
model.generate('x', { top_k: 5 });
// @ts-expect-error belongs to createGenerator
model.generate('x', { batchSize: 2 });
// @ts-expect-error belongs to createGenerator
model.generate('x', { numReturnSequences: 2 });
// @ts-expect-error a word, not a boolean
model.generate('x', { onAbort: true });
// @ts-expect-error the input is missing
model.generate();
// @ts-expect-error no such option
model.stream('x', { maxTokens: 5 });
// @ts-expect-error read-only
(await model.generate('x')).text = '';
expectTypeOf<GenerateOptions>().not.toHaveProperty('pastPresentShareBuffer');
expectTypeOf<GenerateOptions['doSample']>().toEqualTypeOf<boolean | 'model' | undefined>();

// exactOptionalPropertyTypes: a result never has `matchedStop: undefined`.
declare const withoutStop: Omit<GenerateResult, 'matchedStop'>;
// @ts-expect-error either absent or a string
export const wrong: GenerateResult = { ...withoutStop, matchedStop: undefined };
export const right: GenerateResult = withoutStop;

// Low level.
expectTypeOf(model.createGenerator()).resolves.toEqualTypeOf<Generator>();
expectTypeOf(model.createGenerator).parameter(0).toEqualTypeOf<GeneratorOptions | GeneratorParams | undefined>();
expectTypeOf<Generator['appendTokens']>().returns.toEqualTypeOf<Promise<void>>();
expectTypeOf<Generator['getLogits']>().returns.toEqualTypeOf<Promise<Logits>>();
expectTypeOf<Generator['tokenCount']>().toEqualTypeOf<number>();
expectTypeOf<Generator>().toMatchTypeOf<Disposable & AsyncDisposable>();
declare const params: GeneratorParams;
expectTypeOf(params.get('topK')).toEqualTypeOf<number>();
expectTypeOf(params.get('doSample')).toEqualTypeOf<boolean>();
// @ts-expect-error no such option
params.get('nonsense');
// @ts-expect-error no such option
params.set({ nonsense: 1 });

// Tokenizer.
expectTypeOf(model.tokenizer.encode('x')).resolves.toMatchTypeOf<Int32Array>();
expectTypeOf(model.tokenizer.toTokenId('x')).toEqualTypeOf<number | null>();
expectTypeOf(model.tokenizer.botTokenId).toEqualTypeOf<number | null>();
expectTypeOf(model.tokenizer.eosTokenIds).toEqualTypeOf<readonly number[]>();

expectTypeOf(Tokenizer.fromPath('x')).resolves.toEqualTypeOf<Tokenizer>();
expectTypeOf(Tokenizer.fromConfig(config)).resolves.toEqualTypeOf<Tokenizer>();
expectTypeOf<Tokenizer>().toMatchTypeOf<Disposable>();
model.tokenizer.updateOptions({ addSpecialTokens: true, skipSpecialTokens: undefined, chatTemplateKwargs: { a: 1 } });
model.tokenizer.applyChatTemplate([], { chatTemplateKwargs: { enable_thinking: false } });
// @ts-expect-error a boolean, not the library's text
model.tokenizer.updateOptions({ addSpecialTokens: 'true' });
// @ts-expect-error variables by name
model.tokenizer.applyChatTemplate([], { chatTemplateKwargs: [] });
// @ts-expect-error from a folder or a Config, not a model
Tokenizer.fromConfig(model);

// Errors.
declare const error: unknown;
if (isGenAIError(error)) expectTypeOf(error).toEqualTypeOf<GenAIError>();
if (isGenAIError(error, 'ERR_GENAI_BUSY')) expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
// @ts-expect-error no such code
isGenAIError(error, 'ERR_GENAI_NONSENSE');
expectTypeOf<keyof typeof ERROR_CODES>().toEqualTypeOf<ErrorCode>();
expectTypeOf(ERROR_CODES.ERR_GENAI_BUSY).toMatchTypeOf<string>();

/** A new code that is not named here is a compile error: a switch over the codes can be exhaustive. */
export function severity(code: ErrorCode): 'setup' | 'model' | 'caller' | 'later' | 'bug' {
  switch (code) {
    case 'ERR_GENAI_RUNTIME_NOT_FOUND':
    case 'ERR_GENAI_RUNTIME_INCOMPATIBLE':
    case 'ERR_GENAI_RUNTIME_LOADED':
    case 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY':
    case 'ERR_GENAI_PROVIDER_UNAVAILABLE':
    case 'ERR_MLFLOW_NO_TRACKING_URI':
    case 'ERR_MLFLOW_PACKAGE_MISSING':
      return 'setup';
    case 'ERR_GENAI_MODEL_NOT_FOUND':
    case 'ERR_GENAI_MODEL_INVALID':
    case 'ERR_MLFLOW_FORMAT':
    case 'ERR_MLFLOW_FLAVOR':
    case 'ERR_MLFLOW_UNSAFE_PATH':
      return 'model';
    case 'ERR_GENAI_INVALID_ARGUMENT':
    case 'ERR_GENAI_TOKEN_OUT_OF_RANGE':
    case 'ERR_GENAI_INPUT_TOO_LONG':
    case 'ERR_GENAI_GUIDANCE_REFUSED':
    case 'ERR_GENAI_NO_OBJECT':
    case 'ERR_GENAI_DISPOSED':
    case 'ERR_MLFLOW_SIGNATURE':
    case 'ERR_MLFLOW_PATH_EXISTS':
    case 'ERR_MLFLOW_URI':
      return 'caller';
    case 'ERR_GENAI_BUSY':
    case 'ERR_GENAI_OVERLOADED':
    case 'ERR_GENAI_OUT_OF_MEMORY':
    case 'ERR_MLFLOW_HTTP':
    case 'ERR_MLFLOW_TRANSFER':
      return 'later';
    case 'ERR_GENAI_ENGINE_DEAD':
    case 'ERR_GENAI_NATIVE':
      return 'bug';
    default:
      return code satisfies never;
  }
}

// Phi3Model.
expectTypeOf(phi3.predict(null, 'x')).resolves.toEqualTypeOf<string>();
expectTypeOf(phi3.predict(null, { prompt: 'x' })).resolves.toEqualTypeOf<string>();
expectTypeOf(phi3.predict(null, ['x', { prompt: 'y' }])).resolves.toEqualTypeOf<string[]>();
expectTypeOf(phi3.predict(null, [])).resolves.toEqualTypeOf<string[]>();
expectTypeOf(phi3.predictStream(null, 'x')).toEqualTypeOf<TokenStream>();
expectTypeOf(phi3.chat([{ role: 'user', content: 'x' }])).resolves.toEqualTypeOf<ChatCompletion>();
expectTypeOf<ChatCompletion['choices'][number]['finish_reason']>().toEqualTypeOf<'stop' | 'length'>();
expectTypeOf<{ prompt: string }>().toMatchTypeOf<Phi3Prompt>();
phi3.loadContext({ artifacts: { 'phi3-mini-onnx': 'x' }, modelConfig: { max_length: 5, do_sample: true } });
expectTypeOf<Phi3Context['modelConfig']>().toEqualTypeOf<Readonly<Record<string, number | boolean>> | undefined>();
new Phi3Model();
// @ts-expect-error no prompt
phi3.predict(null, { text: 'x' });
// @ts-expect-error streams answer one prompt
phi3.predictStream(null, ['x']);
// @ts-expect-error numbers and booleans only
phi3.loadContext({ artifacts: {}, modelConfig: { top_k: '5' } });
// @ts-expect-error MLflow's names on this surface
phi3.chat([], { maxTokens: 5 });
