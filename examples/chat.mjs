// A conversation: keep the messages, send them all each turn.
import { Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const messages = [{ role: 'system', content: 'You are a helpful assistant.' }];

for (const question of ['Hello!', 'What is the capital of Italy?', 'And what is 2 + 2?']) {
  messages.push({ role: 'user', content: question });
  const { text } = await model.generate(messages, { maxNewTokens: 100 });
  messages.push({ role: 'assistant', content: text });
  console.log(`> ${question}\n${text}`);
}

await model.dispose();
