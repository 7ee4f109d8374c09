// Read the library's own log: what it does in each step.
import { Model, setLogCallback, setLogOptions } from 'onnxruntime-genai-node';

await setLogCallback(text => console.log(text.trim()));
await setLogOptions({ enabled: true, generateNextToken: true });

const model = await Model.load(process.argv[2] ?? 'models/phi3-demo');
const { text } = await model.generate([{ role: 'user', content: 'What is the capital of Spain?' }], {
  maxNewTokens: 4,
});
await setLogOptions({ enabled: false });
console.log(text);
await model.dispose();
