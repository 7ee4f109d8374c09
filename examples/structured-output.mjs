// Answers with a form: a value by a JSON Schema, a text by a regular expression or a grammar.
import { generateObject, Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const messages = [{ role: 'user', content: 'What is the capital of Spain?' }];

const { object, usage } = await generateObject(model, messages, {
  schema: {
    type: 'object',
    properties: {
      city: { enum: ['Lisbon', 'Madrid', 'Paris', 'Rome'] },
      inhabitants: { type: 'integer', minimum: 0, maximum: 99_999_999 },
    },
    required: ['city', 'inhabitants'],
    additionalProperties: false,
  },
});
console.log(object, `${usage.outputTokens} tokens`);

// The whole answer matches the expression.
const pattern = 'The capital of [A-Z][a-z]+ is (Madrid|Paris)\\.';
const { text } = await model.generate(messages, { responseFormat: { type: 'regex', pattern } });
console.log(text);

// A grammar in llguidance's dialect of Lark, token by token.
const grammar = `
start: "Cities: " city ("; " city)*
city: "Madrid" | "Paris" | "Rome"
`;
const stream = model.stream(messages, { responseFormat: { type: 'lark', grammar }, maxNewTokens: 12 });
for await (const part of stream.text) process.stdout.write(part);
console.log(` (${(await stream.result).finishReason})`);

await model.dispose();
