// From process start to the first text of an answer, as a script of a user would be.
import { Model } from 'onnxruntime-genai-node';

const [folder, threads] = process.argv.slice(2);
const model = await Model.load(folder, { intraOpNumThreads: Number(threads) });
const prompt = '<|user|>\nWhat is the capital of France?<|end|>\n<|assistant|>\n';
for await (const text of model.stream(prompt, { maxNewTokens: 8 }).text) process.stdout.write(text);
await model.dispose();
