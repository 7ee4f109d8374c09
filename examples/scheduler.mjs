// Many answers at once on one model: each request joins between two steps, and leaves when it is done.
import { Scheduler } from 'onnxruntime-genai-node';

const scheduler = await Scheduler.create(process.argv[2] ?? 'models/phi3-demo', { maxBatchSize: 8 });

const ask = (content, options) => scheduler.submit([{ role: 'user', content }], options);
const countries = ['France', 'Japan', 'Kenya', 'Spain', 'Italy'];
const answers = await Promise.all(countries.map(country => ask(`What is the capital of ${country}?`).result));
for (const { text, usage } of answers) console.log(`${text} (${usage.outputTokens} tokens)`);

// A stream, as of model.stream(): leaving the loop gives the place to another request.
for await (const text of ask('Tell me a long story about the sea.', { seed: 1, temperature: 0.7 }).text) {
  process.stdout.write(text);
  if (text.includes('.')) break;
}
const { steps, meanBatchSize } = await scheduler.stats();
console.log(`\n${steps} steps, of ${meanBatchSize.toFixed(1)} requests on average`);

await scheduler.dispose();
