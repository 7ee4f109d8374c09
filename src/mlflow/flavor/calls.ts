/** How a model is called: its signature and its example, which must fit each other and the task. */
import { SEARCH_BOOLEANS, SEARCH_NUMBERS } from '../../core/search-options.ts';
import { GenAIError } from '../../errors.ts';
import { enforceInput } from '../format/schema/enforce.ts';
import { enforceParams } from '../format/schema/enforce-params.ts';
import { inferSignature } from '../format/schema/infer.ts';
import type { ParamSpec } from '../format/schema/schema-types.ts';
import { ModelSignature } from '../format/schema/signature.ts';
import { chatSignature } from './chat-signature.ts';
import { CHAT_TASK, type ModelTask, PROMPT_TASK } from './names.ts';
import type { CheckedOptions } from './save-options.ts';

/** The seed's two examples, by task. */
export const EXAMPLES = {
  prompt: {
    prompt: '<|system|>You are a stand-up comedian.<|end|><|user|>Tell me a joke about atom<|end|><|assistant|>',
  },
  'llm/v1/chat': { messages: [{ role: 'user', content: 'What is the capital of Spain?' }] },
} as const;

/** What the seed infers the outputs from. */
const OUTPUT = ['Run'];

/** Parameters that a call may have: search options by their upstream names, and stop strings. */
export const CALL_PARAMETERS: readonly string[] = [
  ...Object.values(SEARCH_NUMBERS).map(({ upstream }) => upstream),
  ...Object.values(SEARCH_BOOLEANS),
  'stop',
];

export interface Calls {
  readonly signature: ModelSignature;
  /** Null when there is to be none. */
  readonly example: { readonly input: unknown; readonly params: Readonly<Record<string, unknown>> | undefined } | null;
}

/** @throws {GenAIError} `ERR_MLFLOW_SIGNATURE` when example, signature and task contradict each other */
export function callsOf({ task, options }: CheckedOptions): Calls {
  const { inputExample = EXAMPLES[task], inputExampleParams: params } = options;
  const signature = options.signature ?? defaultSignature(task, inputExample, options);
  if (!(signature instanceof ModelSignature)) {
    throw contradiction('signature must be a ModelSignature: make one by new ModelSignature() or inferSignature().');
  }
  checkTask(signature, task);
  if (inputExample === null) return { signature, example: null };
  try {
    enforceInput(inputExample, signature.inputs);
    enforceParams(params, signature.params);
  } catch (cause) {
    const message = `The input example contradicts the signature: ${(cause as Error).message}`;
    throw contradiction(message, cause);
  }
  return { signature, example: { input: inputExample, params } };
}

function defaultSignature(task: ModelTask, example: unknown, options: CheckedOptions['options']): ModelSignature {
  const { inputExampleParams, chatSignature: kind = 'seed' } = options;
  const inferred = inferSignature(
    task === CHAT_TASK ? EXAMPLES[PROMPT_TASK] : (example ?? EXAMPLES[task]),
    OUTPUT,
    inputExampleParams,
  );
  const { inputs, outputs } = task === PROMPT_TASK ? inferred : chatSignature(kind);
  return new ModelSignature({ inputs, outputs, params: inferred.params?.map(asReal) ?? null });
}

/** JavaScript's 1 may be meant as 1.0: a parameter of type long would take no 1.2. */
function asReal(param: ParamSpec): ParamSpec {
  const isReal = Object.values(SEARCH_NUMBERS).some(rule => rule.upstream === param.name && rule.integer !== true);
  return isReal && param.type === 'long' ? { ...param, type: 'double' } : param;
}

/** Our loaders read one text column, or `messages`; nothing else would ever be looked at. */
function checkTask({ inputs, params }: ModelSignature, task: ModelTask): void {
  const columns = (inputs ?? []).map(({ name, type }) => ({ name, type }));
  if (inputs !== null && task === CHAT_TASK && !columns.some(({ name }) => name === 'messages')) {
    throw contradiction('The signature of a "llm/v1/chat" model needs an input "messages".');
  }
  const prompt = columns.find(({ name }) => name === 'prompt') ?? (columns.length === 1 ? columns[0] : undefined);
  if (inputs !== null && task === PROMPT_TASK && prompt?.type !== 'string') {
    const hint = columns.some(({ name }) => name === 'messages') ? ' For messages, set task to "llm/v1/chat".' : '';
    throw contradiction(`A prompt model takes one input of type string, which should be called "prompt".${hint}`);
  }
  const unknown = params?.find(({ name }) => !CALL_PARAMETERS.includes(name));
  if (unknown !== undefined) {
    throw contradiction(
      `The signature has a parameter "${unknown.name}", which the model does not know; it knows ${CALL_PARAMETERS.join(', ')}.`,
    );
  }
}

function contradiction(message: string, cause?: unknown): GenAIError {
  return new GenAIError('ERR_MLFLOW_SIGNATURE', message, cause === undefined ? {} : { cause });
}
