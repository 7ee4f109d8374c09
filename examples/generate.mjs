// Load a model, ask one question, count the tokens.
import { Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');

const { text, finishReason, usage } = await model.generate(
  [{ role: 'user', content: 'What is the capital of France?' }],
  { maxNewTokens: 100 },
);

console.log(text);
console.log(`${finishReason}: ${usage.inputTokens} tokens in, ${usage.outputTokens} tokens out`);

await model.dispose();
