// Print an answer while it is being generated.
import { Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');

const stream = model.stream([{ role: 'user', content: 'What is the capital of Spain?' }], { stop: '\n\n' });
for await (const text of stream.text) process.stdout.write(text);

const { usage, metrics } = await stream.result;
console.log(`\n${usage.outputTokens} tokens, the first after ${Math.round(metrics.ttftMs)} ms`);

await model.dispose();
