/**
 * Traces that can be turned on: events of `node:diagnostics_channel`, one channel per kind, and the same as lines on
 * stderr with `NODE_DEBUG=genai`. Nothing is made and nothing printed when nobody listens. What was asked and answered is
 * in no line, and only in the events of the one channel that has it in its name (but for the token ids of an answer).
 */
import { type Channel, channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { FinishReason, GenerateMetrics, Usage } from './usage.ts';

/** The messages of the channels, by channel name. */
export interface DiagnosticEvents {
  /** The libraries are loaded, once per thread. */
  'genai:runtime:load': RuntimeLoadEvent;
  /** A `Model.load()` has ended, well or not. */
  'genai:model:load': ModelLoadEvent;
  /** A generation (`generate`, `stream` or a layer above them) is ready to run its prompt. */
  'genai:generate:prefill': PrefillEvent;
  /** Tokens have reached the event loop: one or more, those that came since the last time. */
  'genai:generate:tokens': TokensEvent;
  /** What was asked and answered, just before the end of a generation. For those who subscribe to it; never printed. */
  'genai:generate:content': ContentEvent;
  /** A generation has ended, well or not; the last event of its number, and but for the content the only one when its input was bad. */
  'genai:generate:end': EndEvent;
  /** A text of the library's log (`setLogOptions`). Never printed. */
  'genai:log': LogEvent;
}

export type DiagnosticChannel = keyof DiagnosticEvents;

export interface RuntimeLoadEvent {
  readonly genaiVersion: string;
  readonly onnxruntimeVersion: string;
  readonly directory: string;
  readonly ms: number;
}

export interface ModelLoadEvent {
  /** Absolute path; `""` when what was given is none. */
  readonly directory: string;
  /** Bytes of the ONNX files; 0 when the load failed. */
  readonly sizeInBytes: number;
  /** Milliseconds from the call. */
  readonly ms: number;
  /** `"CPU"`, `"CUDA"`, ...; null when the load failed. */
  readonly deviceType: string | null;
  /** What the load failed with, else null. */
  readonly error: unknown;
}

interface GenerationEvent {
  /** Number of the generation: 1, 2, ... in this thread. */
  readonly generation: number;
}

export interface PrefillEvent extends GenerationEvent {
  /** Folder of the model. */
  readonly directory: string;
  readonly inputTokens: number;
  readonly maxNewTokens: number;
}

export interface TokensEvent extends GenerationEvent {
  readonly tokenIds: Int32Array;
}

export interface ContentEvent extends GenerationEvent {
  /** Folder of the model. */
  readonly directory: string;
  /** As it was given: messages, a raw prompt or token ids. */
  readonly input: unknown;
  /** The answer; null when the generation failed. */
  readonly text: string | null;
}

export interface EndEvent extends GenerationEvent {
  /** Null when the generation failed. */
  readonly result: {
    readonly finishReason: FinishReason;
    readonly usage: Usage;
    readonly metrics: GenerateMetrics;
  } | null;
  /** What it failed with (the reason of a signal, too), else null. */
  readonly error: unknown;
}

export interface LogEvent {
  /** Without its line end; a text may have several lines. */
  readonly text: string;
  /** How many texts were lost here because the event loop was busy; `text` says so then. Nearly always 0. */
  readonly lost: number;
}

const debug = debuglog('genai');

const CHANNELS: Readonly<Record<DiagnosticChannel, Channel>> = {
  'genai:runtime:load': channel('genai:runtime:load'),
  'genai:model:load': channel('genai:model:load'),
  'genai:generate:prefill': channel('genai:generate:prefill'),
  'genai:generate:tokens': channel('genai:generate:tokens'),
  'genai:generate:content': channel('genai:generate:content'),
  'genai:generate:end': channel('genai:generate:end'),
  'genai:log': channel('genai:log'),
};

/** True when somebody wants to know; ask before making a message that costs something. */
export function isTraced(name: DiagnosticChannel): boolean {
  return CHANNELS[name].hasSubscribers || debug.enabled;
}

/** Tells those who want to know. */
export function trace<Name extends Exclude<DiagnosticChannel, 'genai:generate:content' | 'genai:log'>>(
  name: Name,
  message: DiagnosticEvents[Name],
): void {
  CHANNELS[name].publish(message);
  if (debug.enabled) debug('%s %s', name.slice('genai:'.length), line(message));
}

/** Tells what was asked and answered to those who subscribed to just that. */
export function traceContent(message: ContentEvent): void {
  const content = CHANNELS['genai:generate:content'];
  if (content.hasSubscribers) content.publish(message);
}

/** Tells what the library logs, which may hold the tokens of what was asked, to those who subscribed to just that. */
export function traceLog(message: LogEvent): void {
  const log = CHANNELS['genai:log'];
  if (log.hasSubscribers) log.publish(message);
}

/** `generation=1 inputTokens=10 maxNewTokens=100` */
function line(message: object): string {
  return Object.entries(message)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      if (value instanceof Int32Array) return `${name}=${value.length}`; // not what they say
      if (name === 'error') return `error=${reason(value)}`;
      if (typeof value === 'number') return `${name}=${Math.round(value * 100) / 100}`;
      return typeof value === 'object' ? line(value) : `${name}=${String(value)}`;
    })
    .join(' ');
}

/** A code or a name: the reason of a signal may be anything, and a message may quote what was asked. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
