// Go back, branch off, save a conversation and go on with it.
import { Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const chat = model.createChat({ maxNewTokens: 30 });

await chat.send('What is the capital of Spain?');
await chat.send('What is 3 + 4?');
await chat.send('Tell me a joke about atoms.');
chat.rewind(2); // keeps two answers: the joke has never been told

const branch = chat.fork();
for await (const text of branch.stream('What is the capital of France?').text) process.stdout.write(text);

const saved = JSON.stringify(branch.messages);
const again = model.createChat({ messages: JSON.parse(saved), maxNewTokens: 30 });
const { text } = await again.send('What is 2 + 2?');
console.log(`\n${text}\n${chat.turnCount}, ${branch.turnCount} and ${again.turnCount} turns`);

await Promise.all([chat, branch, again].map(each => each.dispose()));
await model.dispose();
