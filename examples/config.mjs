// Change how a model is loaded without touching its files: overlay, providers, bytes instead of a file.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Config, Model } from 'onnxruntime-genai-node';

const folder = process.argv[2] ?? 'models/phi3-demo';
const config = await Config.load(folder);
config.overlay({ search: { repetition_penalty: 1.1 }, model: { context_length: 512 } });
config.addModelData('model.onnx', await readFile(join(folder, 'model.onnx'))); // from wherever you have it

const model = await Model.load(config);
const { text } = await model.generate([{ role: 'user', content: 'What is the capital of Spain?' }]);
console.log(`${model.type} on ${model.deviceType}, ${model.contextLength} tokens: ${text}`);
await model.dispose();

// The same in one call.
const same = await Model.load(folder, {
  configOverlay: { search: { repetition_penalty: 1.1 }, model: { context_length: 512 } },
  modelData: { 'model.onnx': await readFile(join(folder, 'model.onnx')) },
});
console.log(same.contextLength);
await same.dispose();
