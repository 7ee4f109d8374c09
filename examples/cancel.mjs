// Two ways to stop early: an AbortSignal from outside, and cancel() from inside.
import { Model } from 'onnxruntime-genai-node';

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const messages = [{ role: 'user', content: 'Tell me a long story about the sea.' }];

// A signal rejects with its reason, wherever the generation is ...
const signal = AbortSignal.timeout(20);
await model.generate(messages, { signal }).catch(error => console.log('stopped by', error.name));

// ... or returns what there is by then.
const partial = await model.generate(messages, { signal: AbortSignal.timeout(50), onAbort: 'return' });
console.log(partial.finishReason, 'after', partial.usage.outputTokens, 'tokens');

// cancel() ends a stream; leaving the loop does the same.
const stream = model.stream(messages);
for await (const { index } of stream) if (index === 9) stream.cancel();
const { finishReason, usage } = await stream.result;
console.log(finishReason, 'after', usage.outputTokens, 'tokens');

await model.dispose();
