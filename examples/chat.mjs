// A conversation that keeps its KV cache: each turn reads the new message only.
import { Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const chat = model.createChat({ system: 'You are a helpful assistant.', maxNewTokens: 100 });

for (const question of ['Hello!', 'What is the capital of Italy?', 'And what is 2 + 2?']) {
  const { text, usage } = await chat.send(question);
  console.log(`> ${question}\n${text}\n  (${usage.cachedInputTokens} of ${usage.inputTokens} tokens from the cache)`);
}

await chat.dispose();
await model.dispose();
