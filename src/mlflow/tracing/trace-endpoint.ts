import { invalidArgument } from '../../errors.ts';
import type { MlflowClient } from '../tracking/client.ts';

/** What OpenTelemetry's OTLP exporters over HTTP take as their options. */
export interface TraceEndpoint {
  readonly url: string;
  /** Credentials among them. */
  readonly headers: Record<string, string>;
}

/**
 * Where a tracking server takes spans, for `new OTLPTraceExporter(await traceEndpoint(client, experimentId))` of
 * `@opentelemetry/exporter-trace-otlp-proto` or `-otlp-http`.
 *
 * Source: MLflow's OTLP endpoint `/v1/traces` with the header `x-mlflow-experiment-id`.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT`
 */
export async function traceEndpoint(client: MlflowClient, experimentId: string): Promise<TraceEndpoint> {
  if (typeof experimentId !== 'string' || !/^\d+$/.test(experimentId)) {
    throw invalidArgument('experimentId', 'the id of an experiment, such as "1"', experimentId);
  }
  const { origin, prefix } = client.tracking.settings;
  const headers = { ...(await client.tracking.headers()), 'x-mlflow-experiment-id': experimentId };
  return { url: `${origin}${prefix}/v1/traces`, headers };
}
