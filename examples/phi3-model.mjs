// Phi-3 with MLflow's interface: loadContext, then predict on raw prompts or records.
import { Phi3Model } from 'onnxruntime-genai-node/phi3';

const phi3 = new Phi3Model();
await phi3.loadContext({ artifacts: { 'phi3-mini-onnx': process.argv[2] ?? 'models/phi3-demo' } });

const prompt = '<|system|>You are a stand-up comedian.<|end|><|user|>Tell me a joke about atom<|end|><|assistant|>';
console.log(await phi3.predict(null, { prompt }));

const answer = await phi3.chat([{ role: 'user', content: 'What is the capital of Spain?' }], { max_tokens: 20 });
console.log(answer.choices[0].message.content, answer.usage);

await phi3.dispose();
