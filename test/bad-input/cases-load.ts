/** Options of `Model.load`, and the execution providers that this build does not have. */
import { type ErrorCode, Model } from '../../src/index.ts';
import { DEMO_MODEL } from '../helpers/demo-model.ts';
import { type BadCase, each, refused, type Table, table } from './case.ts';

function load(text: string, options: unknown, code: ErrorCode = 'ERR_GENAI_INVALID_ARGUMENT'): BadCase {
  return refused(code, text, async () => {
    await using _ = await Model.load(DEMO_MODEL, options as never);
  });
}

const CIRCLE: Record<string, unknown> = {};
CIRCLE['self'] = CIRCLE;

const OPTIONS: Table = {
  'load options null': load('options must be an object, but is null', null),
  'load options a string': load('options must be an object, but is "cpu"', 'cpu'),
  'load options an array': load('options must be an object, but is an array of 0', []),
  'executionProvider empty': load('executionProvider must be the name of a provider', { executionProvider: '' }),
  'executionProvider a number': load('executionProvider must be a string, but is number', { executionProvider: 5 }),
  'executionProvider null': load('executionProvider must be a string, but is null', { executionProvider: null }),
  'executionProvider with NUL': load('executionProvider must not contain a NUL', { executionProvider: 'cpu\0' }),
  'providerOptions alone': load('providerOptions must be given together with an executionProvider', {
    providerOptions: { device_id: '0' },
  }),
  'providerOptions of the CPU': load('providerOptions must be given together with an executionProvider other', {
    executionProvider: 'cpu',
    providerOptions: {},
  }),
  'providerOptions of numbers': load('providerOptions.device_id must be a string, but is number', {
    executionProvider: 'cuda',
    providerOptions: { device_id: 0 },
  }),
  'providerOptions a number': load('providerOptions must be an object of strings, but is 5', {
    executionProvider: 'cuda',
    providerOptions: 5,
  }),
  'providerOptions an array': load('providerOptions must be an object of strings', {
    executionProvider: 'cuda',
    providerOptions: ['0'],
  }),
  'providerOptions null': load('providerOptions must be an object of strings', {
    executionProvider: 'cuda',
    providerOptions: null,
  }),
  'configOverlay a string': load('configOverlay must be an object', { configOverlay: 'x' }),
  'configOverlay null': load('configOverlay must be an object', { configOverlay: null }),
  'configOverlay an array': load('configOverlay must be an object', { configOverlay: [] }),
  'configOverlay a circle': load('configOverlay must be plain data', { configOverlay: CIRCLE }),
  'configOverlay a bigint': load('configOverlay must be plain data', { configOverlay: { search: { top_k: 1n } } }),
  'configOverlay with an unknown model key': load('nonsense', { configOverlay: { model: { nonsense: 1 } } }),
  'configOverlay with an unknown search key': load('nonsense', { configOverlay: { search: { nonsense: 1 } } }),
  'configOverlay with a value of the wrong type': load(
    'model.context_length must be a positive integer',
    { configOverlay: { model: { context_length: 'x' } } },
    'ERR_GENAI_MODEL_INVALID',
  ),
  'intraOpNumThreads 0': load('intraOpNumThreads must be an integer from 1 to 1024', { intraOpNumThreads: 0 }),
  'intraOpNumThreads fractional': load('intraOpNumThreads must be an integer', { intraOpNumThreads: 1.5 }),
  'intraOpNumThreads NaN': load('intraOpNumThreads must be an integer', { intraOpNumThreads: Number.NaN }),
  'intraOpNumThreads a string': load('intraOpNumThreads must be an integer', { intraOpNumThreads: '2' }),
  'intraOpNumThreads of 2^40': load('intraOpNumThreads must be an integer from 1 to', { intraOpNumThreads: 2 ** 40 }),
  'load signal no signal': load('signal must be an AbortSignal', { signal: {} }),
  'onProgress a number': load('onProgress must be a function, but is 1', { onProgress: 1 }),
};

const PROVIDERS: Table = each(['cuda', 'CUDA', 'dml', 'webgpu', 'QNN', 'OpenVINO', 'nonsense'], name => [
  `provider ${name} of a CPU build`,
  load(
    `The execution provider "${name}" is not in the loaded ONNX Runtime, which has `,
    { executionProvider: name },
    'ERR_GENAI_PROVIDER_UNAVAILABLE',
  ),
]);

export const LOAD: Table = table(OPTIONS, PROVIDERS);
