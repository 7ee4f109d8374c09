/** Turns the diagnostics of loads and generations into spans, each written when it is over, with its true times. */
import type { ContentEvent, EndEvent, ModelLoadEvent } from '../../diagnostics.ts';
import type { Attributes, OpenTelemetryApi, Span, Tracer } from './otel-types.ts';
import {
  inputAttributes,
  isConversation,
  modelAttributes,
  outputAttributes,
  spanType,
  usageAttributes,
} from './span-attributes.ts';

/** A generation that has begun; nothing else of it is kept. */
type Content = Pick<ContentEvent, 'directory' | 'input' | 'text'>;

/**
 * One trace per load (`load`) and per generation: `chat` (messages) or `generate` (raw prompt, token ids), with the
 * children `prefill` and `decode`. A span that is active in the caller becomes their parent.
 */
export class SpanWriter {
  readonly #api: OpenTelemetryApi;
  readonly #tracer: Tracer;
  readonly #texts: boolean;
  readonly #begun = new Map<number, number>();
  readonly #contents = new Map<number, Content>();

  /** @param texts whether prompts and answers are written into the spans */
  constructor(api: OpenTelemetryApi, tracer: Tracer, texts: boolean) {
    this.#api = api;
    this.#tracer = tracer;
    this.#texts = texts;
  }

  load({ directory, ms, sizeInBytes, deviceType, error }: ModelLoadEvent): void {
    const end = now();
    const attributes = {
      ...spanType('TASK'),
      ...modelAttributes(directory),
      'mlflow.spanInputs': JSON.stringify({ directory }),
      ...(error === null ? { 'mlflow.spanOutputs': JSON.stringify({ size_in_bytes: sizeInBytes, deviceType }) } : {}),
    };
    this.#finish(this.#start('load', end - ms, attributes), error, end);
  }

  begin(generation: number): void {
    this.#begun.set(generation, now());
  }

  content({ generation, directory, input, text }: ContentEvent): void {
    this.#contents.set(generation, { directory, input, text });
  }

  end({ generation, result, error }: EndEvent): void {
    const end = now();
    const begun = this.#begun.get(generation);
    const content = this.#contents.get(generation);
    this.#begun.delete(generation);
    this.#contents.delete(generation);
    if (result === null) {
      this.#finish(this.#start(nameOf(content), begun ?? end, this.#asked(content)), error, end);
      return;
    }
    const { finishReason, usage, metrics } = result;
    const start = end - metrics.totalMs;
    const attributes = {
      ...this.#asked(content),
      ...(this.#texts && content?.text != null ? outputAttributes(content.input, content.text, finishReason) : {}),
      ...usageAttributes(usage),
      'gen_ai.response.finish_reasons': finishReason,
    };
    const span = this.#start(nameOf(content), start, attributes);
    const context = this.#api.trace.setSpan(this.#api.context.active(), span);
    const prefillAt = start + metrics.queuedMs;
    const decodeAt = prefillAt + metrics.prefillMs;
    const part = (name: string, from: number, to: number, tokens: Attributes): void =>
      this.#start(name, from, { ...spanType('TASK'), ...tokens }, context).end(to);
    part('prefill', prefillAt, decodeAt, { input_tokens: usage.inputTokens });
    if (usage.outputTokens > 0) {
      span.addEvent('first_token', {}, decodeAt);
      part('decode', decodeAt, end, { output_tokens: usage.outputTokens });
    }
    this.#finish(span, null, end);
  }

  #asked(content: Content | undefined): Attributes {
    if (content === undefined) return spanType('LLM');
    return {
      ...spanType(isConversation(content.input) ? 'CHAT_MODEL' : 'LLM'),
      ...modelAttributes(content.directory),
      ...(this.#texts ? inputAttributes(content.input) : {}),
    };
  }

  #start(name: string, startTime: number, attributes: Attributes, context = this.#api.context.active()): Span {
    return this.#tracer.startSpan(name, { startTime, attributes }, context);
  }

  #finish(span: Span, error: unknown, end: number): void {
    const { OK, ERROR } = this.#api.SpanStatusCode;
    if (error === null) span.setStatus({ code: OK });
    else {
      const exception = error instanceof Error ? error : new Error(String(error));
      span.recordException(exception, end);
      span.setStatus({ code: ERROR, message: exception.message });
    }
    span.end(end);
  }
}

function nameOf(content: Content | undefined): string {
  return isConversation(content?.input) ? 'chat' : 'generate';
}

/** Milliseconds since 1970 with fractions, as long as the clock is not set meanwhile. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
