// Token by token: read the logits, forbid a token, choose, go back.
import { Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const { tokenizer } = model;
const generator = await model.createGenerator({ maxLength: 64 });

const prompt = await tokenizer.encodeChat([{ role: 'user', content: 'What is the capital of Japan?' }]);
await generator.appendTokens(prompt);

const { values } = await generator.getLogits(); // one score per vocabulary entry
const best = values.reduce((top, value, token) => (value > values[top] ? token : top), 0);
console.log(`most likely: token ${best}, "${await tokenizer.decode([best])}"`);

const decoder = tokenizer.createStream();
decoder.decode(prompt.at(-1)); // it drops the space before a word that follows a control token
while (!generator.isDone()) {
  await generator.generateNextToken();
  const [token] = generator.getNextTokens();
  if (tokenizer.eosTokenIds.includes(token)) break; // at maxLength it is done without one
  process.stdout.write(decoder.decode(token));
}

await generator.rewindTo(prompt.length); // back to the question, and forbid the first choice
const logits = (await generator.getLogits()).values;
logits[best] = -Infinity;
await generator.setLogits(logits);
await generator.generateNextToken();
console.log(`\ninstead: "${await tokenizer.decode(generator.getNextTokens())}"`);

await generator.dispose();
await model.dispose();
