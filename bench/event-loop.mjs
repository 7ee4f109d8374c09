/**
 * How much the event loop is delayed while a model loads, prefills and decodes. Prints figures, asserts nothing.
 *
 *   node --import tsx bench/event-loop.mjs [--model FOLDER]      default: .cache/bench-model, else models/phi3-demo
 */
import { existsSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { capabilities, Model } from '../src/index.ts';

const { values } = parseArgs({ options: { model: { type: 'string' } } });
const folder = values.model ?? (existsSync('.cache/bench-model') ? '.cache/bench-model' : 'models/phi3-demo');
const { genaiVersion, onnxruntimeVersion } = await capabilities();
console.log(
  `model ${folder}, onnxruntime-genai ${genaiVersion}, ONNX Runtime ${onnxruntimeVersion}, Node ${process.version}`,
);
console.log('phase        seconds   delay of a 1 ms timer: median / 99 % / max (ms)');

/** Runs `work` while a 1 ms timer measures how late it is called. */
async function measure(name, work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const started = performance.now();
  delay.enable();
  const value = await work();
  delay.disable();
  const seconds = (performance.now() - started) / 1000;
  // The histogram holds whole intervals: 1 ms of each is the timer's own.
  const late = nanoseconds => (nanoseconds / 1e6 - 1).toFixed(2);
  const figures = [delay.percentile(50), delay.percentile(99), delay.max].map(late).join(' / ');
  console.log(`${name.padEnd(12)} ${seconds.toFixed(2).padStart(7)}   ${figures}`);
  return value;
}

await measure('idle', () => new Promise(resolve => setTimeout(resolve, 1000)));
const model = await measure('load', () => Model.load(folder));
const prompt = Int32Array.from({ length: 2000 }, (_, i) => 300 + ((i * 7919) % 30000));
await measure('prefill', () => model.generate(prompt, { maxNewTokens: 1 }));
await measure('decode', () => model.generate([450, 7483], { maxNewTokens: 200, minLength: 202 }));
await measure('stream', async () => {
  for await (const _ of model.stream([450, 7483], { maxNewTokens: 200, minLength: 202 }));
});
await model.dispose();
