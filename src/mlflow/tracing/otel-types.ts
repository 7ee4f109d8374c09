/** The part of `@opentelemetry/api` that tracing uses, so that our types do not need the optional package. */

/** Anything that gives tracers: `trace` of `@opentelemetry/api`, or a `BasicTracerProvider`. */
export interface TracerProviderLike {
  getTracer(name: string, version?: string): unknown;
}

export interface Tracer {
  startSpan(name: string, options: SpanOptions, context: unknown): Span;
}

export interface SpanOptions {
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly attributes: Attributes;
}

export type Attributes = Readonly<Record<string, string | number>>;

export interface Span {
  addEvent(name: string, attributes: Attributes, time: number): unknown;
  recordException(error: Error, time: number): void;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(time: number): void;
}

export interface OpenTelemetryApi {
  readonly trace: TracerProviderLike & { setSpan(context: unknown, span: Span): unknown };
  readonly context: { active(): unknown };
  readonly SpanStatusCode: { readonly OK: number; readonly ERROR: number };
}
