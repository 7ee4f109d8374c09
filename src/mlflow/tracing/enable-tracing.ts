import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { DiagnosticChannel, DiagnosticEvents } from '../../diagnostics.ts';
import { GenAIError, invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import type { OpenTelemetryApi, Tracer, TracerProviderLike } from './otel-types.ts';
import { SpanWriter } from './span-writer.ts';

export interface TracingOptions {
  /** Where the spans go. Default: the provider that is registered with `@opentelemetry/api`. */
  readonly tracerProvider?: TracerProviderLike | undefined;
  /** Write prompts and answers into the spans, as MLflow does. Default true. Texts above 100,000 characters are cut. */
  readonly content?: boolean | undefined;
}

/** Ends the tracing; what runs at that moment is not traced to its end. */
export interface Tracing {
  stop(): void;
}

/**
 * Traces every model load and generation of this thread: spans `load`, `chat` or `generate`, and `prefill` and `decode`
 * below them, with MLflow's attributes (type, inputs, outputs, token usage). Needs `@opentelemetry/api` and whatever
 * sends the spans, such as `@opentelemetry/sdk-trace-base` with `@opentelemetry/exporter-trace-otlp-proto`; see
 * `traceEndpoint`. A span that is active in the caller becomes the parent.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`; `ERR_MLFLOW_PACKAGE_MISSING` when `@opentelemetry/api` is not installed
 */
export async function enableTracing(options: TracingOptions = {}): Promise<Tracing> {
  checkOptions(options, ['tracerProvider', 'content']);
  const { tracerProvider, content = true } = options;
  if (typeof content !== 'boolean') throw invalidArgument('content', 'true or false', content);
  if (tracerProvider !== undefined && typeof tracerProvider?.getTracer !== 'function') {
    throw invalidArgument('tracerProvider', 'an OpenTelemetry TracerProvider', tracerProvider);
  }
  const api = await openTelemetry();
  const tracer = (tracerProvider ?? api.trace).getTracer('onnxruntime-genai-node') as Tracer;
  const writer = new SpanWriter(api, tracer, content);
  const stops = [
    listen('genai:model:load', event => writer.load(event)),
    listen('genai:generate:prefill', ({ generation }) => writer.begin(generation)),
    listen('genai:generate:content', event => writer.content(event)),
    listen('genai:generate:end', event => writer.end(event)),
  ];
  return {
    stop() {
      for (const stop of stops) stop();
    },
  };
}

function listen<Name extends DiagnosticChannel>(
  name: Name,
  listener: (event: DiagnosticEvents[Name]) => void,
): () => void {
  const onMessage = (message: unknown): void => {
    try {
      listener(message as DiagnosticEvents[Name]);
    } catch {
      // What a subscriber throws ends the process. A span that cannot be written is not worth that.
    }
  };
  subscribe(name, onMessage);
  return () => void unsubscribe(name, onMessage);
}

async function openTelemetry(): Promise<OpenTelemetryApi> {
  try {
    return await import('@opentelemetry/api');
  } catch (cause) {
    throw new GenAIError(
      'ERR_MLFLOW_PACKAGE_MISSING',
      'Tracing needs the package @opentelemetry/api, which is not installed: npm install @opentelemetry/api ' +
        '@opentelemetry/sdk-trace-base @opentelemetry/exporter-trace-otlp-proto',
      { cause, details: { package: '@opentelemetry/api' } },
    );
  }
}
