// Watch every generation of the process: what it cost, without touching the code that asks.
import { subscribe } from 'node:diagnostics_channel';
import { Model } from 'onnxruntime-genai-node';

subscribe('genai:model:load', ({ directory, ms, error }) => {
  console.log(error === null ? `loaded ${directory} in ${Math.round(ms)} ms` : `${directory} failed to load: ${error}`);
});
subscribe('genai:generate:end', ({ generation, result, error }) => {
  if (error !== null) return console.log(`#${generation} failed: ${error}`);
  const { queuedMs, prefillMs, decodeMs, totalMs } = result.metrics;
  const [queued, prefill, decode, total] = [queuedMs, prefillMs, decodeMs, totalMs].map(ms => ms.toFixed(1));
  console.log(`#${generation} ${result.usage.outputTokens} tokens: ${queued} + ${prefill} + ${decode} = ${total} ms`);
});

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
await model.generate([{ role: 'user', content: 'What is the capital of France?' }], { maxNewTokens: 100 });
await model.generate([{ role: 'user', content: 'Hello!' }], { maxNewTokens: 100 });
await model.dispose();
