/** Tensors and what holds them, in every order of making, using, disposing and collecting. */
import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';
import { WORKERS } from './workers.ts';

const test = suite('lifetimes of tensors');

const PRELUDE = `
  import { Adapters, Audios, Images, MultiModalProcessor, NamedTensors, Tensor } from '../../src/index.ts';
  import { ALPHA, BETA, loadFixtureModel, picture } from '../../test/helpers/fixture-models.ts';
  import { makeSound } from '../../test/helpers/sound.ts';
  const gc = (globalThis as { gc?: () => void }).gc as () => void;
  const collect = async () => { for (let i = 0; i < 5; i++) { gc(); await sleep(10); } };
  void [Adapters, Audios, Images, MultiModalProcessor, NamedTensors, Tensor, ALPHA, BETA, loadFixtureModel, picture, makeSound];
`;

async function prints(program: string, expected: string): Promise<void> {
  const result = await runInChild(PRELUDE + program, { timeoutMs: 120_000 });
  assert.equal(result, { code: 0, signal: null, stdout: `${expected}\n`, stderr: '' });
}

test('data outlives its tensor, its set and all else that held it', () =>
  prints(
    `
    await capabilities();
    const kept: Float32Array[] = [];
    for (let i = 0; i < 200; i++) {
      const tensor = new Tensor('float32', [10_000]);
      const set = new NamedTensors({ tensor });
      kept.push(tensor.data.fill(i));
      if (i % 3 === 0) tensor.dispose();
      if (i % 5 === 0) set.dispose();
      if (i % 20 === 0) await collect();
    }
    await collect();
    console.log(kept.every((data, i) => data.every(value => value === i)));`,
    'true',
  ));

test('two objects for one memory', () =>
  prints(
    `
    await capabilities();
    const set = new NamedTensors();
    let sum = 0;
    for (let i = 0; i < 300; i++) {
      const tensor = new Tensor('int32', [1000]);
      set.set('x', tensor);
      const first = tensor.data;
      tensor.dispose();
      const second = (set.get('x') as Tensor<'int32'>).data;
      first[7] = i;
      sum += second[7] as number;
      if (i % 50 === 0) await collect();
    }
    await collect();
    console.log(sum === 299 * 150);`,
    'true',
  ));

test('pictures, sound, processors and generators dropped while they run', () =>
  prints(
    `
    const begin = async () => {
      const vision = await loadFixtureModel('vision');
      const audio = await loadFixtureModel('audio');
      const [eye, ear] = await Promise.all([MultiModalProcessor.create(vision), MultiModalProcessor.create(audio)]);
      const images = await Images.load(picture('small.png'));
      const audios = await Audios.load(makeSound());
      const seen = eye.process('<|image_1|>', { images });
      const heard = ear.process(['x'], { audios });
      eye.dispose(); images.dispose(); audios.dispose();
      void vision.dispose();
      const generator = await audio.createGenerator({ maxLength: 50 });
      const running = generator.setInputs(await heard);
      void audio.dispose();
      return { seen, running, generator };
    };
    const timer = setInterval(gc, 5);
    const { seen, running, generator } = await begin();
    const inputs = await seen;
    await running;
    await generator.generateNextToken();
    void generator.dispose();
    clearInterval(timer);
    await collect();
    console.log(inputs.names().length, inputs.get('pixel_values')?.shape.length);`,
    '4 5',
  ));

test('adapters: generators end on their threads while others are loaded and unloaded', () =>
  prints(
    `
    const model = await loadFixtureModel('lora');
    const adapters = new Adapters(model);
    await adapters.load(ALPHA, 'alpha');
    const use = async (i: number) => {
      const generator = await model.createGenerator({ maxLength: 20 });
      await generator.setActiveAdapter(adapters, 'alpha');
      if (i % 2 === 0) await generator.appendTokens([450, 7483]);
      if (i % 3 === 0) void generator.dispose(); // else it is collected
    };
    for (let i = 0; i < 12; i++) {
      await Promise.all([use(i), adapters.load(BETA, 'beta' + i)]);
      await adapters.unload('beta' + i);
      if (i % 4 === 0) await collect();
    }
    let freed = false;
    for (let i = 0; i < 100 && !freed; i++) {
      await collect();
      freed = await adapters.unload('alpha').then(() => true, () => false);
    }
    console.log(freed);`,
    'true',
  ));

test('the process ends in the middle of all that', () =>
  prints(
    `
    const vision = await loadFixtureModel('vision');
    const processor = await MultiModalProcessor.create(vision);
    const images = await Images.load(picture('picture.jpg'), picture('picture.jpg'));
    const generator = await vision.createGenerator({ maxLength: 4000 });
    void generator.setInputs(await processor.process('Hello')).then(() => generator.generateNextToken());
    void processor.process('<|image_1|><|image_2|>', { images });
    void new Adapters(vision).load(ALPHA, 'x').catch(() => {});
    console.log('bye');
    await sleep(5);
    process.exit(0);`,
    'bye',
  ));

test('worker threads: each has its own objects, and ends with them alive', () =>
  prints(
    `${WORKERS}
    const model = await loadDemoModel();
    const lengths = await Promise.all([1, 2, 3].map(async () => {
      const worker = start(\`
        const { NamedTensors, Tensor } = await import(\${INDEX});
        const model = await Model.load(DIR);
        const set = new NamedTensors({ x: new Tensor('float32', [1000]) });
        set.get('x').data.fill(3);
        globalThis.kept = { set, model, data: set.get('x').data };
        parentPort.postMessage(set.get('x').data);
        setTimeout(() => process.exit(0), 5);
      \`);
      const [data] = await once(worker, 'message') as [Float32Array];
      await exitOf(worker);
      await collect();
      return data.reduce((sum, value) => sum + value, 0);
    }));
    console.log(lengths.join(), (await model.generate(SPAIN)).text.includes('Madrid'));`,
    '3000,3000,3000 true',
  ));

test.run();
