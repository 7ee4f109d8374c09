// Many conversations at once on one model: each request is a conversation, each turn an answer.
import { Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const { tokenizer } = model;
const engine = await model.createEngine();
const chat = content => tokenizer.encodeChat([{ role: 'user', content }]);

// Turns that run side by side are one batch.
async function answer(question) {
  const request = await engine.createRequest({ maxSessionTokens: 200 });
  const { text } = await request.beginTurn(await chat(question), { text: true }).result;
  await request.close(); // gives its place to another
  return text;
}
const countries = ['France', 'Japan', 'Kenya'];
console.log(await Promise.all(countries.map(country => answer(`What is the capital of ${country}?`))));

// Token by token, then the end with what it cost.
const request = await engine.createRequest();
for await (const event of request.beginTurn(await chat('Hello!'), { text: true })) {
  if (event.type === 'token') process.stdout.write(event.text);
  else console.log(`\n${event.finishReason}:`, event.usage);
}

// The next turn is given only what is new. The token that ended the answer was not kept: this format wants it.
const end = tokenizer.toTokenId('<|end|>');
const next = request.beginTurn([end, ...(await chat('What is 2 + 2?'))], { text: true, timeoutMs: 60_000 });
console.log(`turn ${next.id}: ${(await next.result).text}`);

await engine.dispose();
await model.dispose();
