// LoRA: one model, several ways to answer. node adapters.mjs MODEL_FOLDER FILE.onnx_adapter ...
import { Adapters, Model } from 'onnxruntime-genai-node';

const [folder, ...files] = process.argv.slice(2);
const model = await Model.load(folder); // exported with adapter inputs
const adapters = new Adapters(model);
for (const file of files) await adapters.load(file, file);

const prompt = await model.tokenizer.encodeChat([{ role: 'user', content: 'What is the capital of Spain?' }]);

for (const name of [null, ...files]) {
  const generator = await model.createGenerator({ maxLength: prompt.length + 8 });
  if (name !== null) await generator.setActiveAdapter(adapters, name); // before the first tokens
  await generator.appendTokens(prompt);
  while (!generator.isDone()) await generator.generateNextToken();
  const answer = generator.getSequence().subarray(prompt.length);
  console.log(`${name ?? 'no adapter'}: ${answer.join(' ')}`);

  if (name !== null) await adapters.unload(name).catch(error => console.log(error.code)); // in use
  await generator.dispose();
  if (name !== null) await adapters.unload(name);
}

adapters.dispose();
await model.dispose();
