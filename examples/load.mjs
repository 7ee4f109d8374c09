// What the libraries can do, and a load with options, progress and a way to give up.
import { capabilities, Model } from 'onnxruntime-genai-node';

const { genaiVersion, executionProviders, features } = await capabilities();
console.log(`onnxruntime-genai ${genaiVersion}; CPU: ${executionProviders.includes('CPUExecutionProvider')}`);
console.log(`batching engine: ${features.engine}`);

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo', {
  executionProvider: 'cpu',
  intraOpNumThreads: 1,
  configOverlay: { search: { max_length: 200 } },
  signal: AbortSignal.timeout(60_000),
  onProgress: ({ phase, sizeInBytes }) => console.log(phase, `${Math.round(sizeInBytes / 1e6)} MB`),
});
const { type, deviceType, contextLength, vocabSize } = model;
console.log({ type, deviceType, contextLength, vocabSize });
await model.dispose();
