// Several prompts in one batch, with GeneratorParams and a Generator: rows of the same length, step by step.
import { GeneratorParams, Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const { tokenizer } = model;

const countries = ['France', 'Spain', 'Japan'];
const rows = await Promise.all(
  countries.map(country => tokenizer.encodeChat([{ role: 'user', content: `What is the capital of ${country}?` }])),
);

const params = new GeneratorParams(model, { maxLength: 40 });
params.set({ batchSize: rows.length });
const generator = await model.createGenerator(params);
await generator.appendTokenSequences(rows);
while (!generator.isDone()) await generator.generateNextToken();

for (const [i, row] of rows.entries()) {
  const answer = generator.getSequence(i).subarray(row.length);
  console.log(await tokenizer.decode(answer)); // the end-of-sequence token and the padding behind it have no text
}

await generator.dispose();
await model.dispose();
