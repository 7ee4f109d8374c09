/** What saveModel and logModel are told, and its checks: everything that can be known before anything is written. */
import { readModelFolder } from '../../core/model-folder.ts';
import { GenAIError, invalidArgument } from '../../errors.ts';
import { type ModelConfig, Phi3Model, searchOptionsOf } from '../../phi3/index.ts';
import { checkSignal } from '../../util/abort.ts';
import type { ModelSignature } from '../format/schema/signature.ts';
import type { ChatSignature } from './chat-signature.ts';
import { CHAT_TASK, MODEL_ARTIFACT, type ModelTask, PROMPT_TASK } from './names.ts';

/** Bytes that are done, of all artifacts. */
export interface SaveProgress {
  /** The file that is being copied, relative to the model directory. */
  readonly file: string;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What a model consists of. Exactly one of `phi3Model`, `modelDir` and `artifacts["phi3-mini-onnx"]` names the weights. */
export interface PackageOptions {
  /** A loaded model: its folder and its configuration. */
  readonly phi3Model?: Phi3Model | undefined;
  /** A folder with `genai_config.json`, ONNX files and tokenizer. */
  readonly modelDir?: string | undefined;
  /** Files and folders by name; `"phi3-mini-onnx"` is the one that is run. */
  readonly artifacts?: Readonly<Record<string, string>> | undefined;
  /** `"prompt"` (default): a prompt in, a text out; `"llm/v1/chat"`: messages in, a completion out. */
  readonly task?: ModelTask | undefined;
  /** Stored with the model and shown by MLflow; default: the seed's for the task; null: none. */
  readonly inputExample?: unknown;
  /** Parameters of the example call; the signature gets them with these values as defaults. */
  readonly inputExampleParams?: Readonly<Record<string, unknown>> | undefined;
  /** Default: of a prompt model, inferred from the example; of a chat model, `chatSignature`. */
  readonly signature?: ModelSignature | undefined;
  /** Which signature a chat model gets: `"seed"` (default), of MLflow 2.11 to 2.14, or `"3.x"`, that of 3.17. */
  readonly chatSignature?: ChatSignature | undefined;
  /** Any plain data, shown by MLflow; `task` is set for a chat model. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Search options by their upstream names, such as `{ max_length: 300 }`; over those of `phi3Model`. */
  readonly modelConfig?: ModelConfig | undefined;
  /** The whole of requirements.txt. Default: MLflow and the official onnxruntime-genai, pinned. */
  readonly pipRequirements?: readonly string[] | undefined;
  /** Added to the default requirements; not together with `pipRequirements`. */
  readonly extraPipRequirements?: readonly string[] | undefined;
  /** Python of the environment that MLflow builds for the model. Default 3.11.7. */
  readonly pythonVersion?: string | undefined;
  /** npm packages with their versions, for who loads the model in Node. Default: this package at its version. */
  readonly nodeDependencies?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for every 2 MiB or so, and at the end of each file. */
  readonly onProgress?: ((progress: SaveProgress) => void) | undefined;
}

/** The names of `PackageOptions`, for `checkOptions`. */
export const PACKAGE_OPTIONS: readonly string[] = [
  'phi3Model',
  'modelDir',
  'artifacts',
  'task',
  'inputExample',
  'inputExampleParams',
  'signature',
  'chatSignature',
  'metadata',
  'modelConfig',
  'pipRequirements',
  'extraPipRequirements',
  'pythonVersion',
  'nodeDependencies',
  'signal',
  'onProgress',
] satisfies (keyof PackageOptions)[];

/** Options with their defaults, as far as these can be known without looking at a file. */
export interface CheckedOptions {
  readonly artifacts: Readonly<Record<string, string>>;
  readonly task: ModelTask;
  readonly modelConfig: ModelConfig | undefined;
  readonly options: PackageOptions;
}

/** @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` naming the option */
export function checkPackageOptions(options: PackageOptions): CheckedOptions {
  const { task = PROMPT_TASK, chatSignature, pythonVersion, onProgress } = options;
  if (task !== PROMPT_TASK && task !== CHAT_TASK) throw invalidArgument('task', '"prompt" or "llm/v1/chat"', task);
  if (chatSignature !== undefined && chatSignature !== 'seed' && chatSignature !== '3.x') {
    throw invalidArgument('chatSignature', '"seed" or "3.x"', chatSignature);
  }
  if (chatSignature !== undefined && task !== CHAT_TASK) {
    throw invalidArgument('chatSignature', 'left out where the task is not "llm/v1/chat"', chatSignature);
  }
  if (pythonVersion !== undefined && !/^3\.\d+\.\d+$/.test(pythonVersion)) {
    throw invalidArgument('pythonVersion', 'a whole version such as "3.11.7"', pythonVersion);
  }
  checkTexts('pipRequirements', options.pipRequirements);
  checkTexts('extraPipRequirements', options.extraPipRequirements);
  if (options.pipRequirements !== undefined && options.extraPipRequirements !== undefined) {
    throw invalidArgument(
      'extraPipRequirements',
      'left out together with pipRequirements',
      options.extraPipRequirements,
    );
  }
  checkRecord('nodeDependencies', options.nodeDependencies, isText, 'a version');
  checkRecord('metadata', options.metadata, () => true, '');
  checkRecord('inputExampleParams', options.inputExampleParams, () => true, '');
  if (options.metadata?.['task'] !== undefined && options.metadata['task'] !== CHAT_TASK && task === CHAT_TASK) {
    throw invalidArgument('metadata.task', 'left out, for it says "llm/v1/chat"', options.metadata['task']);
  }
  checkSignal(options.signal);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgument('onProgress', 'a function', onProgress);
  }
  return { artifacts: artifactsOf(options), task, modelConfig: modelConfigOf(options), options };
}

/** What of the model folder a package records. */
export interface ModelFacts {
  readonly type: string;
  readonly providers: readonly string[];
}

/** @throws {GenAIError} as `Model.load` for a folder that is no model, before anything is copied */
export async function readModelFacts(artifacts: Readonly<Record<string, string>>): Promise<ModelFacts> {
  const { type, sessionOptions } = await readModelFolder(artifacts[MODEL_ARTIFACT]);
  const configured = sessionOptions['provider_options'];
  return { type, providers: (Array.isArray(configured) ? configured : []).flatMap(entry => Object.keys(entry ?? {})) };
}

function artifactsOf({ phi3Model, modelDir, artifacts = {} }: PackageOptions): Readonly<Record<string, string>> {
  checkRecord('artifacts', artifacts, isText, 'the path of a file or folder');
  if (phi3Model !== undefined && !(phi3Model instanceof Phi3Model)) {
    throw invalidArgument('phi3Model', 'a Phi3Model', phi3Model);
  }
  if (phi3Model !== undefined && phi3Model.directory === undefined) {
    throw invalidArgument('phi3Model', 'loaded: await loadContext() first', phi3Model);
  }
  if (modelDir !== undefined && !isText(modelDir)) throw invalidArgument('modelDir', 'the path of a folder', modelDir);
  const named = [phi3Model?.directory, modelDir, artifacts[MODEL_ARTIFACT]].filter(path => path !== undefined);
  if (named.length !== 1) {
    throw new GenAIError(
      'ERR_GENAI_INVALID_ARGUMENT',
      `The model must be named once, by phi3Model, modelDir or artifacts["${MODEL_ARTIFACT}"], but is ${named.length} times.`,
      { details: { argument: 'modelDir' } },
    );
  }
  return { [MODEL_ARTIFACT]: String(named[0]), ...artifacts };
}

/** Undefined when nobody has set anything: MLflow then lets nobody change it on load. */
function modelConfigOf({ phi3Model, modelConfig }: PackageOptions): ModelConfig | undefined {
  checkRecord(
    'modelConfig',
    modelConfig,
    value => typeof value === 'number' || typeof value === 'boolean',
    'a number or a boolean',
  );
  const merged = { ...phi3Model?.modelConfig, ...modelConfig };
  searchOptionsOf(merged);
  return Object.keys(merged).length === 0 ? undefined : merged;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function checkTexts(name: string, texts: unknown): void {
  if (texts === undefined) return;
  if (!Array.isArray(texts)) throw invalidArgument(name, 'an array of texts', texts);
  const bad = texts.findIndex(text => !isText(text) || /[\r\n]/.test(text));
  if (bad >= 0) throw invalidArgument(`${name}[${bad}]`, 'one line of text', texts[bad]);
}

function checkRecord(name: string, record: unknown, fits: (value: unknown) => boolean, expected: string): void {
  if (record === undefined) return;
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw invalidArgument(name, 'an object', record);
  }
  for (const [key, value] of Object.entries(record)) {
    if (!fits(value)) throw invalidArgument(`${name}[${JSON.stringify(key)}]`, expected, value);
  }
}
