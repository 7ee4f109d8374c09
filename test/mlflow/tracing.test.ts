import { context, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import * as assert from 'uvu/assert';
import { Model } from '../../src/index.ts';
import { enableTracing, type TracingOptions } from '../../src/mlflow/tracing/enable-tracing.ts';
import { DEMO_MODEL, loadDemoModel, SPAIN, STORY } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('tracing');

test.before(async shared => {
  shared.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const MESSAGES = [{ role: 'user', content: 'What is the capital of Spain?' }] as const;

/** The spans that `work` leaves, in the order in which they ended. */
async function spansOf(work: () => Promise<unknown>, options: TracingOptions = {}): Promise<ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracing = await enableTracing({ tracerProvider, ...options });
  try {
    await work();
  } finally {
    tracing.stop();
  }
  await tracerProvider.forceFlush();
  return exporter.getFinishedSpans();
}

function attribute(span: ReadableSpan | undefined, name: string): unknown {
  return JSON.parse(String(span?.attributes[name]));
}

const ms = ([seconds, nanos]: readonly [number, number]): number => seconds * 1000 + nanos / 1e6;

test('a chat: one trace with its parts, what was asked and answered, and the tokens', async ({ model }) => {
  let text = '';
  let usage = { inputTokens: 0, outputTokens: 0 };
  let totalMs = 0;
  const spans = await spansOf(async () => {
    const result = await model.generate(MESSAGES);
    ({ text, usage } = result);
    totalMs = result.metrics.totalMs;
  });
  assert.equal(
    spans.map(({ name }) => name),
    ['prefill', 'decode', 'chat'],
  );
  const [prefill, decode, chat] = spans;
  assert.is(attribute(chat, 'mlflow.spanType'), 'CHAT_MODEL');
  assert.equal(attribute(chat, 'mlflow.spanInputs'), { messages: MESSAGES });
  const choice = { index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' };
  assert.equal(attribute(chat, 'mlflow.spanOutputs'), { choices: [choice] });
  assert.equal(attribute(chat, 'mlflow.chat.tokenUsage'), {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
  });
  assert.is(attribute(chat, 'mlflow.llm.model'), 'phi3-demo');
  for (const part of [prefill, decode]) {
    assert.is(part?.parentSpanContext?.spanId, chat?.spanContext().spanId);
    assert.is(part?.spanContext().traceId, chat?.spanContext().traceId);
  }
  assert.ok(Math.abs(ms(chat?.duration ?? [0, 0]) - totalMs) < 1, 'the span lasts as long as the generation');
  assert.ok(Math.abs(ms(prefill?.endTime ?? [0, 0]) - ms(decode?.startTime ?? [1, 0])) < 1e-3, 'one after the other');
  assert.ok(ms(prefill?.startTime ?? [0, 0]) >= ms(chat?.startTime ?? [0, 0]) - 1e-3);
  assert.equal([chat?.events.map(({ name }) => name), chat?.status.code], [['first_token'], 1]);
});

test('a raw prompt, a stream and token ids', async ({ model }) => {
  const spans = await spansOf(async () => {
    await model.stream(SPAIN, { maxNewTokens: 5 }).result;
    await model.generate([1, 2, 3], { maxNewTokens: 2 });
  });
  const [first, second] = spans.filter(({ name }) => name === 'generate');
  assert.is(attribute(first, 'mlflow.spanType'), 'LLM');
  assert.equal(attribute(first, 'mlflow.spanInputs'), { prompt: SPAIN });
  assert.is(
    (attribute(first, 'mlflow.spanOutputs') as { choices: { finish_reason: string }[] }).choices[0]?.finish_reason,
    'length',
  );
  assert.equal(attribute(second, 'mlflow.spanInputs'), { prompt: '3 token ids' });
});

test('texts stay out when asked to', async ({ model }) => {
  const spans = await spansOf(() => model.generate(MESSAGES, { maxNewTokens: 5 }), { content: false });
  assert.ok(!JSON.stringify(spans.map(({ attributes }) => attributes)).includes('Spain'));
  assert.ok(spans.some(({ attributes }) => 'mlflow.chat.tokenUsage' in attributes));
});

test('a long text is cut, and says so', async ({ model }) => {
  const [span] = await spansOf(() =>
    expectRejection(model.generate([{ role: 'user', content: 'ab '.repeat(100_000) }])),
  );
  const [message] = (attribute(span, 'mlflow.spanInputs') as { messages: { content: string }[] }).messages;
  assert.ok(message !== undefined && message.content.length < 100_100);
  assert.match(message.content, /\(300000 characters\)$/);
});

test('a load, and a load that fails', async () => {
  const spans = await spansOf(async () => {
    await (await Model.load(DEMO_MODEL)).dispose();
    await expectRejection(Model.load('no/such/folder'));
  });
  const [good, bad] = spans;
  assert.equal([good?.name, good?.status.code, bad?.name, bad?.status.code], ['load', 1, 'load', 2]);
  assert.ok((attribute(good, 'mlflow.spanOutputs') as { size_in_bytes: number }).size_in_bytes > 8e6);
  assert.is(bad?.events[0]?.name, 'exception');
  assert.ok(ms(good?.duration ?? [0, 0]) > 1);
});

test('a failed generation is an error span, from its prefill or its input', async ({ model }) => {
  const spans = await spansOf(async () => {
    await expectRejection(model.generate(STORY, { signal: AbortSignal.timeout(15) }));
    await expectRejection(model.generate(''));
  });
  assert.equal(
    spans.map(({ name, status }) => [name, status.code]),
    [
      ['generate', 2],
      ['generate', 2],
    ],
  );
});

test('an input that JSON cannot hold is refused, traced, and ends nothing', async ({ model }) => {
  const circle: unknown[] = [];
  circle.push(circle);
  const spans = await spansOf(async () => {
    for (const content of [10n, circle]) {
      await expectRejection(model.generate([{ role: 'user', content: content as unknown as string }]));
    }
  });
  assert.equal(
    spans.map(span => [span.name, span.status.code, attribute(span, 'mlflow.spanInputs')]),
    Array(2).fill(['chat', 2, { prompt: 'no plain data' }]),
  );
});

test('a span that is active in the caller is the parent', async ({ model }) => {
  const { AsyncLocalStorage } = await import('node:async_hooks');
  // The one thing that OpenTelemetry's Node package would register: a context that follows promises.
  const storage = new AsyncLocalStorage<ReturnType<typeof context.active>>();
  const { ROOT_CONTEXT } = await import('@opentelemetry/api');
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, fn, self, ...args) => storage.run(active, () => fn.apply(self as never, args)),
    bind: (_, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  try {
    const outer = new BasicTracerProvider().getTracer('test').startSpan('request');
    const spans = await spansOf(() =>
      context.with(trace.setSpan(context.active(), outer), () =>
        Promise.all([model.generate(MESSAGES, { maxNewTokens: 3 }), model.generate(SPAIN, { maxNewTokens: 3 })]),
      ),
    );
    assert.is(spans.length, 6);
    for (const span of spans) assert.is(span.spanContext().traceId, outer.spanContext().traceId);
    for (const span of spans.filter(({ name }) => name === 'chat' || name === 'generate')) {
      assert.is(span.parentSpanContext?.spanId, outer.spanContext().spanId);
    }
  } finally {
    context.disable();
  }
});

test('after stop() nothing is traced; bad options are refused', async ({ model }) => {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  (await enableTracing({ tracerProvider })).stop();
  await model.generate(SPAIN, { maxNewTokens: 2 });
  assert.is(exporter.getFinishedSpans().length, 0);
  for (const options of [{ content: 1 }, { tracerProvider: {} }, { tracer: 1 }, null]) {
    await expectError(enableTracing(options as unknown as TracingOptions), 'ERR_GENAI_INVALID_ARGUMENT');
  }
});

test.run();
