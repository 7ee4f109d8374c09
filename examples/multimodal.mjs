// A question about a picture. node multimodal.mjs MODEL_FOLDER PICTURE
import { Images, Model, MultiModalProcessor } from 'onnxruntime-genai-node';

const [folder, file] = process.argv.slice(2);
const model = await Model.load(folder); // a vision model, such as Phi-3-vision
const processor = await MultiModalProcessor.create(model);
const images = await Images.load(file); // a PNG or JPEG: its path or its bytes

// The marks are those of the model's own format.
const inputs = await processor.process('<|user|>\n<|image_1|>\nWhat is this?<|end|>\n<|assistant|>\n', { images });
const pixels = inputs.get('pixel_values');
console.log(`${pixels.type} [${pixels.shape.join(', ')}]`);

const [, length] = inputs.get('input_ids').shape;
const generator = await model.createGenerator({ maxLength: length + 10 });
await generator.setInputs(inputs); // in the place of appendTokens

const stream = processor.createStream();
let count = 0;
while (!generator.isDone()) {
  await generator.generateNextToken();
  process.stdout.write(stream.decode(generator.getNextTokens()[0]));
  count++;
}
console.log(`\n${count} tokens about ${length - count} that stand for the picture and the question`);

await generator.dispose();
for (const object of [inputs, images, processor]) object.dispose();
await model.dispose();
