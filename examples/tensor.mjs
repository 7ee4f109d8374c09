// What went into the model, and what came out: tensors, read without a copy.
import { Model, Tensor } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const generator = await model.createGenerator({ maxLength: 64 });
await generator.appendTokens(await model.tokenizer.encode('The capital of Spain is'));

const ids = await generator.getInput('input_ids'); // by its name in the model's graph
console.log(`${ids.type} [${ids.shape.join(', ')}]:`, ids.data.join(' '));

const logits = await generator.getOutput('logits'); // the scores behind each token of the prompt
const [, tokens, vocabulary] = logits.shape;
const last = logits.data.subarray((tokens - 1) * vocabulary);
const best = last.reduce((top, value, token) => (value > last[top] ? token : top), 0);
console.log(`${logits.type} [${logits.shape.join(', ')}]: next is token ${best}`);

// Your own: zeros to fill in, or a typed array, which is copied.
const mask = new Tensor('bool', [2, 3]);
mask.data.set([1, 0, 1], 3);
const half = new Tensor('float16', [2], Uint16Array.of(0x3c00, 0xc000)); // 1 and -2, as their bits
console.log(mask.size, mask.data.join(''), half.data.length);

await generator.dispose();
await model.dispose();
