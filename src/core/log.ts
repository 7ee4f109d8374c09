/**
 * The log of the onnxruntime-genai library: what it is told to write, and how that reaches this thread. The library has
 * one log for the process; each thread that calls a function of this file is told all of it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { debuglog } from 'node:util';
import type { NativeAddon } from '../binding/addon-types.ts';
import { awaitNative } from '../binding/native-error.ts';
import { loadRuntime } from '../binding/runtime.ts';
import { traceLog } from '../diagnostics.ts';
import { GenAIError, invalidArgument } from '../errors.ts';
import { checkOptions } from '../util/options.ts';
import { checkText } from '../util/text.ts';

/** What the library logs. All are off but `warning` and `valueStats`; nothing is logged unless `enabled`. */
export interface LogOptions {
  /** The master switch. While it is on, generations of this process take turns: the library's log is not thread-safe. */
  readonly enabled?: boolean | undefined;
  /** Colours (escape codes) in the texts. Default false. */
  readonly ansiTags?: boolean | undefined;
  readonly warning?: boolean | undefined;
  /** A text for each step: search options and length. */
  readonly generateNextToken?: boolean | undefined;
  /** The tokens of prompts. */
  readonly appendNextTokens?: boolean | undefined;
  readonly hitEos?: boolean | undefined;
  readonly hitMaxLength?: boolean | undefined;
  /** The tensors that go into the model: shapes, and some of the values. */
  readonly modelInputValues?: boolean | undefined;
  readonly modelOutputShapes?: boolean | undefined;
  /** The tensors that come out of it. */
  readonly modelOutputValues?: boolean | undefined;
  readonly modelLogits?: boolean | undefined;
  /** How ONNX Runtime was found; that has happened before this can be set. */
  readonly ortLib?: boolean | undefined;
  /** Least, greatest and mean value with each tensor. */
  readonly valueStats?: boolean | undefined;
  /**
   * Write into this file, which is emptied first, and tell nobody here; null: no file any more. A relative path is taken
   * from the current directory.
   */
  readonly filename?: string | null | undefined;
}

/** Is told each text of the log, without its line end; a text may have several lines. */
export type LogCallback = (text: string) => void;

const FLAGS = {
  enabled: 'enabled',
  ansiTags: 'ansi_tags',
  warning: 'warning',
  generateNextToken: 'generate_next_token',
  appendNextTokens: 'append_next_tokens',
  hitEos: 'hit_eos',
  hitMaxLength: 'hit_max_length',
  modelInputValues: 'model_input_values',
  modelOutputShapes: 'model_output_shapes',
  modelOutputValues: 'model_output_values',
  modelLogits: 'model_logits',
  ortLib: 'ort_lib',
  valueStats: 'value_stats',
} as const satisfies Record<Exclude<keyof LogOptions, 'filename'>, string>;

/** `NODE_DEBUG=genai-log`: the texts on stderr, and those that say nothing of what was asked from the first load on. */
const debug = debuglog('genai-log');
const DEBUGGED: LogOptions = { enabled: true, generateNextToken: true, hitEos: true, hitMaxLength: true };

let listening = false;
let callback: LogCallback | null = null;
let debugging: Promise<void> | undefined;

/**
 * Changes what the library logs, for the whole process; what is not given stays. The texts go to the channel `genai:log`
 * of `node:diagnostics_channel` and to the callback of `setLogCallback`, never to stdout or stderr. Settles when the
 * change is in effect, which waits for steps and prefills that run.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` (also for a file that cannot be written),
 *   `ERR_GENAI_RUNTIME_NOT_FOUND`, `ERR_GENAI_RUNTIME_INCOMPATIBLE`
 */
export async function setLogOptions(options: LogOptions): Promise<void> {
  const names = Object.keys(FLAGS) as (keyof typeof FLAGS)[];
  checkOptions(options, [...names, 'filename']);
  const flags: Record<string, boolean> = {};
  for (const name of names) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean') throw invalidArgument(name, 'a boolean', value);
    if (value !== undefined) flags[FLAGS[name]] = value;
  }
  const { filename } = options;
  await change(flags, typeof filename === 'string' ? await writable(filename) : filename);
}

/**
 * Has `callback` told each text of the log, on this thread; null: nobody any more. Another thread has its own. What
 * the callback throws becomes a warning of the process, once; it does not keep the process alive. A callback that falls
 * behind misses texts (beyond 1 MB that waits), and is told how many.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`; `ERR_GENAI_RUNTIME_NOT_FOUND`, `ERR_GENAI_RUNTIME_INCOMPATIBLE`, after
 *   which the callback stays for the runtime that is found later
 */
export async function setLogCallback(callbackOrNull: LogCallback | null): Promise<void> {
  if (callbackOrNull !== null && typeof callbackOrNull !== 'function') {
    throw invalidArgument('callback', 'a function or null', callbackOrNull);
  }
  callback = callbackOrNull;
  if (callback !== null) await change({});
}

/** @internal What `NODE_DEBUG` asks for, once. */
export function logForDebugging(): Promise<void> | undefined {
  if (debug.enabled) debugging ??= setLogOptions(DEBUGGED);
  return debugging;
}

async function change(flags: Readonly<Record<string, boolean>>, filename?: string | null): Promise<void> {
  const { addon } = await loadRuntime();
  listen(addon);
  await awaitNative(() => addon.changeLog(flags, filename));
}

function listen(addon: NativeAddon): void {
  if (listening) return;
  addon.listenToLog((texts, lost) => {
    for (const text of texts) tell(text, 0);
    if (lost > 0) tell(`${lost} texts of the log were lost here: the event loop was busy.`, lost);
  });
  listening = true;
  // Not left to the end of the process: with the log on the library then prints what was not disposed of.
  process.once('exit', () => addon.closeLog());
}

function tell(text: string, lost: number): void {
  traceLog({ text, lost });
  debug('%s', text);
  const told = callback;
  try {
    told?.(text);
  } catch (error) {
    callback = told === callback ? quiet(told) : callback;
    process.emitWarning(`The log callback threw: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  }
}

/** A callback that has thrown goes on, but is not warned of again. */
function quiet(callback: LogCallback | null): LogCallback {
  return text => {
    try {
      callback?.(text);
    } catch {}
  };
}

/** The library says nothing when it cannot write the file. */
async function writable(filename: string): Promise<string> {
  checkText('filename', filename);
  if (filename === '') throw invalidArgument('filename', 'the path of a file, or null', filename);
  const path = resolve(filename);
  let file: FileHandle;
  try {
    file = await open(path, 'a');
  } catch (cause) {
    const message = `filename must be a file that can be written, but ${path} is not: ${(cause as Error).message}`;
    throw new GenAIError('ERR_GENAI_INVALID_ARGUMENT', message, { cause, details: { argument: 'filename', path } });
  }
  await file.close();
  return path;
}
