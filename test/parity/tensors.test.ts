/** Logits, LoRA and what the processors make of pictures and sound, against the official Python package. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  Adapters,
  Audios,
  Images,
  Model,
  MultiModalProcessor,
  type NamedTensors,
  type Tensor,
} from '../../src/index.ts';
import { ATOM_JOKE, ask, loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { ALPHA, BETA, fixtureModel, picture } from '../helpers/fixture-models.ts';
import { askOracle } from '../helpers/oracle.ts';
import { makeSound } from '../helpers/sound.ts';
import { steps } from '../helpers/steps.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('tensor parity');

function bytesOf({ data }: Tensor): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

test('getOutput("logits") is bit for bit that of Python', async () => {
  await using model = await loadDemoModel();
  const prompts = await Promise.all([SPAIN, ATOM_JOKE, ask('2 + 2?')].map(text => model.tokenizer.encode(text)));
  const expected = await askOracle<string>(prompts.map(tokens => ({ kind: 'logits_output', tokens: [...tokens] })));
  for (const [i, prompt] of prompts.entries()) {
    await using generator = await model.createGenerator({ maxLength: prompt.length + 1 });
    await generator.appendTokens(prompt);
    const output = await generator.getOutput('logits');
    assert.equal(output.shape, [1, prompt.length, model.vocabSize]);
    assert.ok(bytesOf(output).equals(Buffer.from(expected[i] ?? '', 'base64')));
    const { values } = await generator.getLogits();
    assert.ok(bytesOf(output).subarray(-values.byteLength).equals(Buffer.from(values.buffer)));
  }
});

test('LoRA: the answers of each adapter agree', async () => {
  const folder = fixtureModel('lora');
  await using model = await Model.load(folder, { intraOpNumThreads: 2 });
  using adapters = new Adapters(model);
  const prompts = [SPAIN, ATOM_JOKE, ask('Who are you?'), ask('What is 2 + 2?')];
  const jobs = await Promise.all(
    [ALPHA, BETA].flatMap(path =>
      prompts.map(async text => ({
        kind: 'lora',
        folder,
        path,
        tokens: [...(await model.tokenizer.encode(text))],
        count: 24,
      })),
    ),
  );
  const expected = await askOracle<number[]>(jobs);
  await Promise.all([ALPHA, BETA].map(path => adapters.load(path, path)));
  for (const [i, { path, tokens, count }] of jobs.entries()) {
    await using generator = await model.createGenerator({ maxLength: tokens.length + count });
    await generator.setActiveAdapter(adapters, path);
    await generator.appendTokens(tokens);
    assert.equal(await steps(generator, count), expected[i]);
  }
});

interface MediaAnswer {
  readonly tensors: Record<string, { type: string; shape: number[]; bytes: string }>;
  readonly tokens: number[];
}

function assertSame(inputs: NamedTensors, { tensors }: MediaAnswer, what: string): void {
  assert.equal(inputs.names().sort(), Object.keys(tensors).sort(), what);
  for (const [name, tensor] of inputs) {
    const { type, shape, bytes } = tensors[name] ?? { type: '', shape: [], bytes: '' };
    assert.equal([tensor.type, tensor.shape], [type, shape], `${what}: ${name}`);
    assert.ok(bytesOf(tensor).equals(Buffer.from(bytes, 'base64')), `${what}: the elements of ${name}`);
  }
}

const COUNT = 12;

async function answer(model: Model, inputs: NamedTensors): Promise<number[]> {
  const [batchSize, length] = (inputs.get('input_ids') as Tensor).shape as [number, number];
  await using generator = await model.createGenerator({ maxLength: length + COUNT, batchSize });
  await generator.setInputs(inputs);
  return await steps(generator, COUNT);
}

test('pictures: every element that Phi-3-vision gets, and the answers, agree', async () => {
  const folder = fixtureModel('vision');
  await using model = await Model.load(folder, { intraOpNumThreads: 2 });
  using processor = await MultiModalProcessor.create(model);
  const files = ['picture.jpg', 'full-colour.jpg', 'progressive.jpg', 'restarts.jpg', 'grey.jpg', 'small.png'];
  const jobs = [
    ...files.map(file => ({ prompt: '<|user|>\n<|image_1|>\nWhat is this?<|end|>\n<|assistant|>\n', images: [file] })),
    { prompt: '<|image_2|> or <|image_1|>?', images: ['small.png', 'picture.jpg'] },
  ].map(({ prompt, images }) => ({ kind: 'media', folder, prompt, images: images.map(picture), count: COUNT }));
  const expected = await askOracle<MediaAnswer>(jobs);
  for (const [i, { prompt, images }] of jobs.entries()) {
    using loaded = await Images.load(...images);
    using inputs = await processor.process(prompt, { images: loaded });
    assertSame(inputs, expected[i] as MediaAnswer, String(images));
    assert.equal(await answer(model, inputs), expected[i]?.tokens, String(images));
  }
});

test('sound: every feature that Whisper gets, and the answers, agree', async () => {
  const folder = fixtureModel('audio');
  const place = mkdtempSync(join(tmpdir(), 'sound-'));
  try {
    await using model = await Model.load(folder, { intraOpNumThreads: 2 });
    using processor = await MultiModalProcessor.create(model);
    const sounds = [{}, { pitch: 5 }, { channels: 2 }, { rate: 44_100, samples: 60_000 }, { samples: 500_000 }];
    const paths = sounds.map((options, i) => {
      const path = join(place, `${i}.wav`);
      writeFileSync(path, makeSound(options));
      return path;
    });
    const jobs = [...paths.map(path => [path]), paths.slice(0, 2)].map(audios => ({
      kind: 'media',
      folder,
      prompt: audios.map(() => '<|user|> listen'),
      audios,
      count: COUNT,
    }));
    const expected = await askOracle<MediaAnswer>(jobs);
    for (const [i, { prompt, audios }] of jobs.entries()) {
      using loaded = await Audios.load(...audios);
      using inputs = await processor.process(prompt, { audios: loaded });
      assertSame(inputs, expected[i] as MediaAnswer, String(audios));
      assert.equal(await answer(model, inputs), expected[i]?.tokens, String(audios));
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

test.run();
