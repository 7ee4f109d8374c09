// What `npm run demo` shows: the main job on the embedded model.
import { fileURLToPath } from 'node:url';
import { Model } from 'onnxruntime-genai-node';
import { Phi3Model } from 'onnxruntime-genai-node/phi3';

const folder = fileURLToPath(new URL('../models/phi3-demo', import.meta.url));

console.log('\nQuestion: What is the capital of Spain?\n');
const model = await Model.load(folder);
const stream = model.stream([{ role: 'user', content: 'What is the capital of Spain?' }]);
process.stdout.write('Answer: ');
for await (const text of stream.text) process.stdout.write(text);
const { usage, metrics } = await stream.result;
const total = usage.inputTokens + usage.outputTokens;
console.log(
  `\n\nUsage: ${usage.inputTokens} prompt tokens + ${usage.outputTokens} completion tokens = ${total} ` +
    `(first after ${metrics.ttftMs.toFixed(0)} ms, then ${metrics.decodeTokensPerSecond.toFixed(0)} tokens/s)`,
);
await model.dispose();

console.log('\nPhi3Model.predict, as the MLflow wrapper of the Phi-3 cookbook:');
const prompt = '<|system|>You are a stand-up comedian.<|end|><|user|>Tell me a joke about atom<|end|><|assistant|>';
console.log(`\n${prompt}\n`);
const phi3 = new Phi3Model();
await phi3.loadContext({ artifacts: { 'phi3-mini-onnx': folder } });
console.log(await phi3.predict(null, { prompt }));
await phi3.dispose();

console.log('\nThis was the embedded demo model, which knows little else. Next: npx ort-genai chat --help');
