/**
 * Our side of every figure. Runs one job in this process and prints one line of JSON; python.py has the same tasks
 * under the same names, to be read beside this file.
 *
 *   node --expose-gc bench/workers/node.mjs '{"task": "decode", "model": "models/phi3-demo", ...}'
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { capabilities, generateObject, Model } from 'onnxruntime-genai-node';
import packageJson from 'onnxruntime-genai-node/package.json' with { type: 'json' };

const now = () => performance.now();

/** Ordinary tokens, the same on both sides. */
const promptOf = length => Int32Array.from({ length }, (_, i) => 300 + ((i * 7919) % 30000));

/** Greedy; the shortest answer allowed is the longest, so that no end-of-sequence token ends it early. */
const exactly = (prompt, newTokens) => ({ maxNewTokens: newTokens, minLength: prompt.length + newTokens });

/** Without `threads`: as the package loads a model when it is told nothing. */
function load({ model, threads }) {
  return Model.load(model, threads === undefined ? {} : { intraOpNumThreads: threads });
}

const median = values => values.sort((a, b) => a - b)[values.length >> 1];

async function versions() {
  const { genaiVersion, onnxruntimeVersion } = await capabilities();
  const node = process.versions.node;
  return { package: packageJson.version, node, genai: genaiVersion, onnxruntime: onnxruntimeVersion };
}

/** Tokens per second after the first one, of whole answers. */
function decode(job) {
  return rateOf(job, async (model, prompt, options) => {
    const started = now();
    const { tokenIds, metrics } = await model.generate(prompt, options);
    // Until the promise has settled, and not until the last token, as our own metrics count.
    return { tokens: [...tokenIds], ms: now() - started - metrics.ttftMs };
  });
}

/** Tokens per second after the first one, as a consumer gets them one by one. */
function stream(job) {
  return rateOf(job, async (model, prompt, options) => {
    const tokens = [];
    let text = '';
    let first;
    for await (const chunk of model.stream(prompt, options)) {
      first ??= now();
      tokens.push(chunk.tokenId);
      text += chunk.text;
    }
    if (text === '') throw new Error('the stream gave no text');
    return { tokens, ms: now() - first };
  });
}

/** The median of some answers after one to warm up; `answer` tells its tokens and the time since the first of them. */
async function rateOf({ promptTokens, newTokens, repeats, ...job }, answer) {
  const model = await load(job);
  const prompt = promptOf(promptTokens);
  await model.generate(prompt, exactly(prompt, 16));
  const rates = [];
  let tokens;
  for (let i = 0; i < repeats; i++) {
    const answered = await answer(model, prompt, exactly(prompt, newTokens));
    rates.push(((newTokens - 1) * 1000) / answered.ms);
    tokens = answered.tokens;
  }
  await model.dispose();
  return { rate: median(rates), tokens };
}

/** Milliseconds from the call to the first token in the hands of the caller. */
async function ttft({ lengths, ...job }) {
  const model = await load(job);
  const once = async promptTokens => {
    const prompt = promptOf(promptTokens);
    const started = now();
    let first;
    for await (const _ of model.stream(prompt, exactly(prompt, 4))) first ??= now() - started;
    return first;
  };
  await once(lengths[0].promptTokens);
  const ms = [];
  for (const { promptTokens, repeats } of lengths) {
    const times = [];
    for (let i = 0; i < repeats; i++) times.push(await once(promptTokens));
    ms.push(median(times));
  }
  await model.dispose();
  return { ms };
}

/** Milliseconds of an object, of as many tokens without a schema, and of the first object of a model. */
async function object({ schema, promptTokens, repeats, ...job }) {
  const model = await load(job);
  const prompt = promptOf(promptTokens);
  await model.generate(prompt, exactly(prompt, 16));
  const timed = async work => {
    const started = now();
    const value = await work();
    return [now() - started, value];
  };
  const [firstMs, { tokenIds }] = await timed(() => generateObject(model, prompt, { schema }));
  const count = tokenIds.length + 1; // the end-of-sequence token takes a step, too
  const guided = [];
  const plain = [];
  for (let i = 0; i < repeats; i++) {
    guided.push((await timed(() => generateObject(model, prompt, { schema })))[0]);
    plain.push((await timed(() => model.generate(prompt, exactly(prompt, count))))[0]);
  }
  await model.dispose();
  return { firstMs, guidedMs: median(guided), plainMs: median(plain), count, tokens: [...tokenIds] };
}

/** How late a 1 ms timer is while nothing runs, and while some answers stream and a long prompt is read. */
async function loop({ promptTokens, streams, streamTokens, idleMs, ...job }) {
  const model = await load(job);
  const [idle] = await lateness(() => sleep(idleMs));
  const [busy, figures] = await lateness(async () => {
    const stop = new AbortController();
    const short = promptOf(16);
    const options = { ...exactly(short, streamTokens), signal: stop.signal, onAbort: 'return' };
    const running = Array.from({ length: streams }, () => model.stream(short, options));
    const readers = running.map(answer => answer[Symbol.asyncIterator]());
    await Promise.all(readers.map(reader => reader.next()));
    let streamed = 0;
    const read = readers.map(async reader => {
      for await (const _ of reader) streamed++;
    });
    const prompt = promptOf(promptTokens);
    const before = streamed;
    const started = now();
    await model.generate(prompt, exactly(prompt, 1));
    const prefillMs = now() - started;
    const tokensPerSecond = ((streamed - before) * 1000) / prefillMs;
    stop.abort();
    await Promise.all(read);
    return { prefillMs, tokensPerSecond };
  });
  await model.dispose();
  return { idle, busy, ...figures };
}

async function lateness(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const value = await work();
  delay.disable();
  // The histogram holds whole intervals: 1 ms of each is the timer's own.
  const late = nanoseconds => Math.max(0, nanoseconds / 1e6 - 1);
  return [{ median: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) }, value];
}

/** Milliseconds from an abort to the rejected promise; the abort comes `waits[i]` ms after the call or a token. */
async function abort({ promptTokens, tokensBefore, waits, ...job }) {
  const model = await load(job);
  const prompt = promptOf(promptTokens);
  const { metrics } = await model.generate(promptOf(16), exactly(promptOf(16), 33));
  const fromDue = [];
  const fromCall = [];
  for (const wait of waits) {
    const controller = new AbortController();
    const answer = model.stream(prompt, { ...exactly(prompt, 1000), signal: controller.signal });
    const reader = answer[Symbol.asyncIterator]();
    for (let i = 0; i < tokensBefore; i++) await reader.next();
    const due = now() + wait;
    let called = Number.POSITIVE_INFINITY;
    setTimeout(() => {
      called = now();
      controller.abort();
    }, wait);
    await answer.result.then(
      () => Promise.reject(new Error('the answer ended before the abort')),
      () => {},
    );
    fromCall.push(now() - called);
    fromDue.push(now() - Math.min(due, called)); // a timer may be early by a fraction of a millisecond
  }
  await model.dispose();
  return { fromDue: median(fromDue), fromCall: median(fromCall), stepMs: 1000 / metrics.decodeTokensPerSecond };
}

/** Resident memory in MiB after a load, after an answer, and after rounds of load, answer, dispose. */
async function memory({ promptTokens, newTokens, rounds, ...job }) {
  const prompt = promptOf(promptTokens);
  const resident = () => {
    globalThis.gc();
    return process.memoryUsage.rss() / 2 ** 20;
  };
  const start = resident();
  const after = {};
  let loaded;
  let answered;
  for (let round = 1; round <= Math.max(...rounds); round++) {
    const model = await load(job);
    if (round === 1) loaded = resident();
    await model.generate(prompt, exactly(prompt, newTokens));
    if (round === 1) answered = resident();
    await model.dispose();
    if (rounds.includes(round)) after[round] = resident();
  }
  return { start, loaded, answered, after };
}

const tasks = { versions, decode, stream, ttft, object, loop, abort, memory };
const { task, ...job } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(await tasks[task](job)));
