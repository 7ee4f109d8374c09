/** Spans in a real server: what its trace search finds of a load and of generations. */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import * as assert from 'uvu/assert';
import { enableTracing, traceEndpoint } from '../../../src/mlflow/index.ts';
import { loadDemoModel, SPAIN } from '../../helpers/demo-model.ts';
import { expectRejection } from '../../helpers/expect-reject.ts';
import { python } from './python.ts';
import { type MlflowServer, serverSuite } from './server.ts';

const test = serverSuite('tracing, real server');

const ASK = [{ role: 'user', content: 'What is the capital of Spain?' }] as const;

interface Trace {
  readonly info: { readonly state: string; readonly trace_metadata: Readonly<Record<string, string>> };
  readonly spans: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
}

/** What Python finds, as its users do. */
async function searchTraces(server: MlflowServer, experimentId: string): Promise<Trace[]> {
  return (await python(
    `
import json, mlflow
traces = mlflow.search_traces(locations=["${experimentId}"], return_type="list")
print(json.dumps([{
  "info": {"state": str(trace.info.state), "trace_metadata": trace.info.trace_metadata},
  "spans": [{"name": span.name, "attributes": span.attributes} for span in trace.data.spans],
} for trace in traces]))
`,
    server,
  )) as Trace[];
}

test('a load, a chat, a raw prompt and a failure, as the trace search shows them', async ({ server, client }) => {
  const experimentId = await client.createExperiment('traces');
  const exporter = new OTLPTraceExporter(await traceEndpoint(client, experimentId));
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracing = await enableTracing({ tracerProvider });
  const model = await loadDemoModel();
  const { text, usage } = await model.generate(ASK);
  await model.generate(SPAIN, { maxNewTokens: 5 });
  await expectRejection(model.generate(''));
  await model.dispose();
  tracing.stop();
  await tracerProvider.shutdown();

  const traces = await searchTraces(server, experimentId);
  const byName = (name: string): Trace[] => traces.filter(({ spans }) => spans[0]?.name === name);
  assert.is(traces.length, 4);
  assert.is(byName('load').length, 1);
  const [chat] = byName('chat');
  assert.equal(
    chat?.spans.map(({ name }) => name),
    ['chat', 'prefill', 'decode'],
  );
  const attributes = chat?.spans[0]?.attributes ?? {};
  assert.is(attributes['mlflow.spanType'], 'CHAT_MODEL');
  assert.equal(attributes['mlflow.spanInputs'], { messages: ASK });
  assert.is(
    (attributes['mlflow.spanOutputs'] as { choices: { message: { content: string } }[] }).choices[0]?.message.content,
    text,
  );
  const total = usage.inputTokens + usage.outputTokens;
  assert.equal(JSON.parse(chat?.info.trace_metadata['mlflow.trace.tokenUsage'] ?? ''), {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: total,
  });
  const states = byName('generate').map(({ info }) => info.state);
  assert.equal(states.sort(), ['ERROR', 'OK']);
});

test.run();
