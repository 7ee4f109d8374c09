// Traces in MLflow: what was asked and answered, how many tokens, how long prefill and decode took.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Model } from 'onnxruntime-genai-node';
import { enableTracing, MlflowClient, traceEndpoint } from 'onnxruntime-genai-node/mlflow';

const client = new MlflowClient({ trackingUri: process.env.MLFLOW_TRACKING_URI ?? 'http://127.0.0.1:5000' });
const experimentId = await client.getOrCreateExperiment('phi3-traces');

const exporter = new OTLPTraceExporter(await traceEndpoint(client, experimentId));
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
const tracing = await enableTracing({ tracerProvider });

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const { text } = await model.generate([{ role: 'user', content: 'What is the capital of Spain?' }]);
console.log(text);
await model.dispose();

tracing.stop();
await tracerProvider.shutdown(); // sends what is left
await client.close();
