// A picture in a message. node picture.mjs MODEL_FOLDER PICTURE
import { Model } from 'onnxruntime-genai-node';

const [folder, file] = process.argv.slice(2);
const model = await Model.load(folder); // a vision model, such as Phi-3-vision

const stream = model.stream(
  [
    {
      role: 'user',
      content: [
        { type: 'image', image: file }, // a PNG or JPEG: its path or its bytes
        { type: 'text', text: 'What is this?' },
      ],
    },
  ],
  { maxNewTokens: 10 },
);
for await (const text of stream.text) process.stdout.write(text);

const { usage } = await stream.result;
console.log(`\n${usage.inputTokens} tokens in, most of them the picture; ${usage.outputTokens} out`);
await model.dispose();
