// Package a model for MLflow, and load it: Python's mlflow.pyfunc.load_model() runs the same folder.
import { rm } from 'node:fs/promises';
import { loadModel, saveModel } from 'onnxruntime-genai-node/mlflow';

const path = 'phi3-mlflow';
await saveModel({
  path,
  modelDir: process.argv[2] ?? 'models/phi3-demo',
  task: 'llm/v1/chat',
  modelConfig: { max_length: 1000 },
  metadata: { team: 'assistants' },
});

const model = await loadModel(path);
console.log(String(model.signature));

const [completion] = await model.predict({
  messages: [{ role: 'user', content: 'What is the capital of Spain?' }],
  max_tokens: 100,
});
console.log(completion.choices[0].message.content, completion.usage);

await model.dispose();
await rm(path, { recursive: true });
