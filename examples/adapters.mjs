// LoRA: one model, several ways to answer. node adapters.mjs MODEL_FOLDER FILE.onnx_adapter ...
import { Adapters, Model } from 'onnxruntime-genai-node';

const [folder, ...files] = process.argv.slice(2);
const model = await Model.load(folder); // exported with adapter inputs
const adapters = new Adapters(model);
for (const file of files) await adapters.load(file, file);

const question = [{ role: 'user', content: 'What is the capital of Spain?' }];

for (const name of [undefined, ...files]) {
  const adapter = name && { adapters, name };
  const { tokenIds } = await model.generate(question, { maxNewTokens: 8, adapter });
  console.log(`${name ?? 'no adapter'}: ${tokenIds.join(' ')}`);
}

adapters.dispose();
await model.dispose();
