// A schema of zod, or of any other library that follows Standard Schema: its types, its defaults, its checks.
import { generateObject, isGenAIError, Model } from 'onnxruntime-genai-node';
import { z } from 'zod';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const question = 'What is the capital of Spain?';

const City = z.object({
  city: z.string().max(20),
  founded: z.int().min(800).max(1999),
  visited: z.iso.date().transform(day => new Date(day)),
  stars: z.int().min(1).max(5).default(3),
});
const { object } = await generateObject(model, question, { schema: City });
console.log(object.city.length <= 20, object.visited instanceof Date, object.stars <= 5);

// What the answer lacks to be a value, and why.
try {
  await generateObject(model, question, { schema: City, maxNewTokens: 5 });
} catch (error) {
  if (!isGenAIError(error, 'ERR_GENAI_NO_OBJECT')) throw error;
  console.log(error.message, JSON.stringify(error.details.result.text));
}

// Schemas that would stall the process are refused before anything happens.
try {
  await generateObject(model, question, { schema: { type: 'array', minItems: 1e9 } });
} catch (error) {
  console.log(error.code, error.details);
}

await model.dispose();
