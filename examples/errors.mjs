// Errors have stable codes, and the facts that matter in `details`.
import { isGenAIError, Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');

try {
  await model.generate([{ role: 'user', content: 'word '.repeat(10_000) }]);
} catch (error) {
  if (!isGenAIError(error, 'ERR_GENAI_INPUT_TOO_LONG')) throw error;
  console.log(error.message);
  console.log(error.details);
}

// Better: count first.
const { length } = await model.tokenizer.encodeChat([{ role: 'user', content: 'word '.repeat(10_000) }]);
console.log(`${length} of ${model.contextLength} tokens`);

await model.dispose();
