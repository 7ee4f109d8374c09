// Count tokens, cut a text to fit, render a conversation: a tokenizer without the weights of its model.
import { Tokenizer } from 'onnxruntime-genai-node';

const tokenizer = await Tokenizer.fromPath(process.argv[2] ?? 'models/phi3-demo');

const text = 'The capital of Spain is Madrid, and that of Japan is Tokyo.';
const tokens = await tokenizer.encode(text);
console.log(`${tokens.length} tokens; the first 5: "${await tokenizer.decode(tokens.subarray(0, 5))}"`);

const messages = [{ role: 'user', content: 'Say "<|end|>", please.' }];
console.log(JSON.stringify(await tokenizer.applyChatTemplate(messages)));
const prompt = await tokenizer.encodeChat(messages); // what a message says stays text
const end = tokenizer.toTokenId('<|end|>');
console.log(`<|end|> is token ${end}, ${prompt.filter(token => token === end).length} time in the prompt`);

const rows = await tokenizer.encodeBatch(['Hi', 'How are you?']);
console.log(
  rows.map(row => [...row]),
  await tokenizer.decodeBatch(rows),
);

const template = '{{ messages[0].content }} ({{ mood }})';
console.log(await tokenizer.applyChatTemplate(messages, { template, chatTemplateKwargs: { mood: 'calm' } }));

tokenizer.dispose();
