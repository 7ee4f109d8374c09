/** Pictures and sound, from the file to the answer. */
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { awaitNative } from '../../src/binding/native-error.ts';
import {
  Audios,
  Images,
  type MediaMessage,
  type Model,
  MultiModalProcessor,
  type NamedTensors,
  type Tensor,
} from '../../src/index.ts';
import { loadDemoModel } from '../helpers/demo-model.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { loadFixtureModel, picture } from '../helpers/fixture-models.ts';
import { features } from '../helpers/since.ts';
import { makeSound } from '../helpers/sound.ts';
import { steps } from '../helpers/steps.ts';
import { suite } from '../helpers/suite.ts';

interface Context {
  readonly model: Model;
  readonly processor: MultiModalProcessor;
  readonly audio: Model;
  readonly listener: MultiModalProcessor;
}

const test = suite<Context>('media');

const INVALID = 'ERR_GENAI_INVALID_ARGUMENT';
const ASK = '<|user|>\n<|image_1|>\nWhat is this?<|end|>\n<|assistant|>\n';
const PICTURE = picture('picture.jpg');

test.before(async context => {
  const model = await loadFixtureModel('vision');
  const audio = await loadFixtureModel('audio');
  const [processor, listener] = await Promise.all([model, audio].map(each => MultiModalProcessor.create(each)));
  Object.assign(context, { model, processor, audio, listener });
});
test.after(async ({ model, processor, audio, listener }) => {
  for (const each of [processor, listener]) each.dispose();
  await Promise.all([model.dispose(), audio.dispose()]);
});

async function answer(model: Model, inputs: NamedTensors, count = 6): Promise<number[]> {
  await using generator = await model.createGenerator({ maxLength: 5000 });
  await generator.setInputs(inputs);
  return await steps(generator, count);
}

test('a picture: features for the model, and tokens with places for them', async ({ processor }) => {
  using images = await Images.load(PICTURE);
  assert.is(images.count, 1);
  using inputs = await processor.process(ASK, { images });
  assert.equal(inputs.names().sort(), ['image_sizes', 'input_ids', 'num_image_tokens', 'pixel_values']);
  const pixels = inputs.get('pixel_values') as Tensor<'float16'>;
  assert.equal([pixels.type, pixels.shape], ['float16', [1, 17, 3, 336, 336]]);
  assert.ok(pixels.data instanceof Uint16Array && pixels.data.some(bits => bits !== pixels.data[0]));
  const count = Number((inputs.get('num_image_tokens') as Tensor<'int64'>).data[0]);
  const ids = (inputs.get('input_ids') as Tensor<'int32'>).data;
  assert.is(ids.filter(id => id < 0).length, count);
});

test('the answer depends on the picture and on the prompt; paths and bytes are the same', async context => {
  const { model, processor } = context;
  const ask = async (prompt: string, ...sources: (string | Uint8Array)[]): Promise<number[]> => {
    using images = await Images.load(...sources);
    using inputs = await processor.process(prompt, { images });
    return await answer(model, inputs);
  };
  const first = await ask(ASK, PICTURE);
  assert.equal(await ask(ASK, readFileSync(PICTURE)), first);
  for (const name of ['small.png', 'progressive.jpg', 'full-colour.jpg', 'restarts.jpg', 'grey.jpg']) {
    assert.not.equal(await ask(ASK, picture(name)), first, name);
  }
  assert.not.equal(await ask(ASK.replace('What', 'Where'), PICTURE), first);
  const two = await ask('<|image_1|> and <|image_2|>', PICTURE, picture('small.png'));
  assert.not.equal(await ask('<|image_1|> and <|image_2|>', picture('small.png'), PICTURE), two, 'order matters');
});

test('no picture, for a prompt that names none', async ({ model, processor }) => {
  using inputs = await processor.process('Hello');
  const tokens = await answer(model, inputs);
  assert.is(tokens.length, 6);
  await using generator = await model.createGenerator({ maxLength: 50 });
  await generator.appendTokens(await model.tokenizer.encode('Hello'));
  assert.equal(await steps(generator, 6), tokens);
});

test('inputs may be used twice, and be gone while they run', async ({ model, processor }) => {
  using images = await Images.load(PICTURE);
  const inputs = await processor.process(ASK, { images });
  const first = await answer(model, inputs);
  await using generator = await model.createGenerator({ maxLength: 5000 });
  const running = generator.setInputs(inputs);
  inputs.dispose();
  await running;
  assert.equal(await steps(generator, 6), first);
});

test('bytes are taken at once, and media may be gone while they are processed', async ({ model, processor }) => {
  const bytes = Uint8Array.from(readFileSync(PICTURE));
  const loading = Images.load(bytes);
  bytes.fill(0);
  const images = await loading;
  const processing = processor.process(ASK, { images });
  images.dispose();
  using inputs = await processing;
  using again = await Images.load(PICTURE);
  using expected = await processor.process(ASK, { images: again });
  assert.equal(await answer(model, inputs, 3), await answer(model, expected, 3));
});

test('many at once take one thread of the pool, and need neither media nor processor any more', async ({ model }) => {
  const processor = await MultiModalProcessor.create(model);
  const images = await Images.load(PICTURE);
  const processing = Array.from({ length: 8 }, () => processor.process(ASK, { images }));
  images.dispose();
  processor.dispose();
  let done = 0;
  for (const each of processing) void each.then(() => done++);
  await stat(PICTURE); // on the same pool, which has four threads
  assert.ok(done < 4, `${done} were done first`);
  for (const inputs of await Promise.all(processing)) inputs.dispose();
});

test('a model whose processor cannot be made frees its weights all the same', async () => {
  const model = await loadDemoModel(); // takes text only
  const { addon, model: native } = model.native;
  await expectRejection(model.mediaProcessor());
  const failing = model.mediaProcessor();
  await Promise.all([expectRejection(failing), model.dispose()]);
  await expectError(
    awaitNative(() => addon.createTokenizer(native)),
    'ERR_GENAI_DISPOSED',
    'The Model was disposed',
  );
});

test('text of the processor: decode, and a stream of one token after the other', async ({ model, processor }) => {
  const tokens = await model.tokenizer.encode('The capital of Spain is Madrid. 東京 👋');
  assert.is(await processor.decode(tokens), await model.tokenizer.decode(tokens));
  using stream = processor.createStream();
  using plain = model.tokenizer.createStream();
  assert.equal(
    [...tokens].map(token => stream.decode(token)),
    [...tokens].map(token => plain.decode(token)),
  );
  await expectError(() => stream.decode(model.vocabSize), 'ERR_GENAI_TOKEN_OUT_OF_RANGE');
  await expectError(processor.decode([-1]), 'ERR_GENAI_TOKEN_OUT_OF_RANGE');
});

test('a stream outlives its processor and its model', async () => {
  const model = await loadFixtureModel('vision');
  const processor = await MultiModalProcessor.create(model);
  const stream = processor.createStream();
  processor.dispose();
  await model.dispose();
  assert.is(stream.decode(450), ' The');
  await expectError(processor.process('x'), 'ERR_GENAI_DISPOSED', 'The MultiModalProcessor was disposed');
  await expectError(MultiModalProcessor.create(model), 'ERR_GENAI_DISPOSED', 'The Model was disposed');
});

test('sound: features for the model; the answer depends on it', async ({ audio, listener }) => {
  const ask = async (sound: Uint8Array): Promise<number[]> => {
    using audios = await Audios.load(sound);
    assert.is(audios.count, 1);
    using inputs = await listener.process(['<|user|> listen'], { audios });
    const features = inputs.get('audio_features') as Tensor<'float32'>;
    assert.equal([features.type, features.shape], ['float32', [1, 80, 3000]]);
    await using generator = await audio.createGenerator({ maxLength: 100 });
    await generator.setInputs(inputs);
    return await steps(generator, 6);
  };
  const first = await ask(makeSound());
  assert.equal(await ask(makeSound()), first);
  assert.not.equal(await ask(makeSound({ pitch: 3 })), first);
  assert.is((await ask(makeSound({ channels: 2, rate: 44_100 }))).length, 6);
});

test('what a model takes is a copy: the library moves the features of a sound out of their tensor', async context => {
  const { audio, listener } = context;
  using audios = await Audios.load(makeSound());
  using inputs = await listener.process(['<|user|> listen'], { audios });
  const { data } = inputs.get('audio_features') as Tensor<'float32'>;
  const before = data.slice();
  const answers: number[][] = [];
  for (let i = 0; i < 2; i++) {
    await using generator = await audio.createGenerator({ maxLength: 100 });
    await generator.setInputs(inputs);
    answers.push(await steps(generator, 4));
  }
  assert.equal(answers[0], answers[1]);
  assert.equal(data, before);
  assert.equal(inputs.get('audio_features')?.shape, [1, 80, 3000]);
});

test('one prompt or a batch of one, with pictures that a listener does not look at: the same', async ({ listener }) => {
  using audios = await Audios.load(makeSound());
  using images = await Images.load(PICTURE);
  const results: unknown[] = [];
  for (const prompt of ['x', ['x']]) {
    for (const media of [{ audios }, { audios, images }]) {
      using inputs = await listener.process(prompt, media);
      const [ids, features] = ['input_ids', 'audio_features'].map(name => inputs.get(name) as Tensor<'float32'>);
      results.push([[...(ids?.data ?? [])], features?.shape, features?.data.slice(0, 100)]);
    }
  }
  for (const result of results) assert.equal(result, results[0]);
});

test('sound that cannot be decoded is told when it is processed', async ({ listener }) => {
  const good = makeSound();
  const files: Record<string, Buffer> = {
    'only a header': good.subarray(0, 44),
    'half a header': good.subarray(0, 20),
    'WAV in name only': Buffer.concat([Buffer.from('RIFF\x10\0\0\0WAVEnoise'), Buffer.alloc(100, 7)]),
    'FLAC in name only': Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(500, 7)]),
    'MP3 in name only': Buffer.concat([Buffer.of(0xff, 0xfb, 0x90, 0), Buffer.alloc(500, 7)]),
    'a rate that is too low': makeSound({ rate: 8000 }),
    'a rate of 0': makeSound({ rate: 0 }),
    'no channel': makeSound({ channels: 0 }),
  };
  // 0.14 takes it for silence.
  if (!features.telemetrySwitch) delete files['only a header'];
  for (const [name, bytes] of Object.entries(files)) {
    using audios = await Audios.load(bytes);
    const error = await expectError(listener.process(['x'], { audios }), INVALID);
    assert.ok(/AudioDecoder|too short/.test(error.message), `${name}: ${error.message}`);
  }
});

test('pictures that cannot be decoded are told when they are processed', async ({ processor }) => {
  const good = readFileSync(picture('small.png'));
  for (const length of [8, 30, 100, good.length - 30]) {
    using images = await Images.load(good.subarray(0, length));
    await expectError(processor.process(ASK, { images }), INVALID, '[ImageDecoder]');
  }
});

test('media that do not fit the prompt, and models that take none', async ({ model, processor }) => {
  using images = await Images.load(PICTURE, PICTURE);
  const text = 'does not match the number of images';
  await expectError(processor.process(ASK, { images }), INVALID, text);
  await expectError(processor.process(ASK), INVALID, text);
  await expectError(processor.process('Hello', { images }), INVALID, text);
  await expectError(processor.process(['a', 'b']), INVALID, 'this model takes no batch');
  const demo = await loadDemoModel();
  await expectError(MultiModalProcessor.create(demo), INVALID, 'not a registered multi-modal model type');
  using inputs = await processor.process('Hello');
  await using generator = await demo.createGenerator({ maxLength: 50 });
  await expectError(generator.setInputs(inputs), INVALID, 'SetInputs is not supported');
  await demo.dispose();
  await using small = await model.createGenerator({ maxLength: 100 });
  using one = await Images.load(PICTURE);
  using long = await processor.process(ASK, { images: one });
  const error = await expectError(small.setInputs(long), INVALID, 'num_image_tokens');
  assert.match(error.message, '100 (maxLength)');
  long.delete('num_image_tokens');
  await expectError(small.setInputs(long), 'ERR_GENAI_INPUT_TOO_LONG', 'made for maxLength 100');
});

test('messages with pictures: generate and stream answer as the processor and a generator do', async context => {
  const { model, processor } = context;
  const question = (...content: MediaMessage['content']): MediaMessage => ({ role: 'user', content });
  const text = { type: 'text', text: 'What is this?' } as const;
  const image = { type: 'image', image: PICTURE } as const;
  using images = await Images.load(PICTURE);
  using inputs = await processor.process(ASK, { images });
  const expected = await answer(model, inputs, 8);
  const result = await model.generate([question(image, text)], { maxNewTokens: 8 });
  assert.equal([...result.tokenIds], expected.slice(0, result.tokenIds.length));
  assert.is(result.usage.inputTokens, inputs.get('input_ids')?.size);
  assert.ok(result.metrics.prefillMs > 0 && result.metrics.ttftMs > result.metrics.queuedMs);
  const bytes = { type: 'image', image: readFileSync(PICTURE) } as const;
  const stream = model.stream([question(bytes, text)], { maxNewTokens: 8 });
  let streamed = '';
  for await (const chunk of stream) streamed += chunk.text;
  assert.is(streamed, result.text);
  assert.is((await stream.result).text, result.text);

  // Pictures are numbered through the conversation.
  const small = { type: 'image', image: picture('small.png') } as const;
  const talk = [question(image, text), { role: 'assistant', content: 'A picture.' } as const, question(text, small)];
  using both = await Images.load(PICTURE, picture('small.png'));
  const prompt = `${ASK}A picture.<|end|>\n<|user|>\nWhat is this?<|image_2|>\n<|end|>\n<|assistant|>\n`;
  using longer = await processor.process(prompt, { images: both });
  const second = await model.generate(talk, { maxNewTokens: 4 });
  assert.is(second.usage.inputTokens, longer.get('input_ids')?.size);
  assert.equal([...second.tokenIds], (await answer(model, longer, 4)).slice(0, second.tokenIds.length));
});

test('messages with pictures: cancelled while they are read, processed or run', async ({ model }) => {
  const messages = [{ role: 'user', content: [{ type: 'image', image: PICTURE }] }] as const;
  const long = { maxNewTokens: 2000, minLength: 3900, onAbort: 'return' } as const;
  for (const ms of [0, 5, 20, 60]) {
    const result = await model.generate(messages, { ...long, signal: AbortSignal.timeout(ms) });
    assert.is(result.finishReason, 'abort');
  }
  const controller = new AbortController();
  const stream = model.stream(messages, { ...long, signal: controller.signal });
  for await (const _ of stream) controller.abort();
  const { finishReason, tokenIds } = await stream.result;
  assert.is(finishReason, 'abort');
  assert.ok(tokenIds.length > 0 && tokenIds.length < 2000, `${tokenIds.length} tokens`);
  assert.is((await model.generate('Hello', { maxNewTokens: 2 })).tokenIds.length, 2);
});

test('a signal ends the run over a picture, and the generator says that it cannot go on', async context => {
  const { model, processor } = context;
  using images = await Images.load(PICTURE);
  using inputs = await processor.process(ASK, { images });
  await using generator = await model.createGenerator({ maxLength: 5000 });
  const controller = new AbortController();
  const running = generator.setInputs(inputs, { signal: controller.signal });
  controller.abort(new Error('enough'));
  const ended = await running.then(
    () => null,
    (error: Error) => error.message,
  );
  assert.ok(ended === null || ended === 'enough', String(ended));
  if (ended !== null && generator.tokenCount > 0) {
    await expectError(generator.generateNextToken(), 'ERR_GENAI_NATIVE', 'cannot be undone');
  }
});

test.run();
