/** Tensors, adapters and media: what the compiler must accept and refuse; checked by `tsc`, never run. */
import { expectTypeOf } from 'expect-type';
import {
  Adapters,
  Audios,
  type Generator,
  Images,
  type MediaSource,
  type Model,
  type MtpCounts,
  MtpGenerator,
  MultiModalProcessor,
  NamedTensors,
  type SpeculativeStats,
  StreamingProcessor,
  Tensor,
  type TensorData,
  type TensorType,
  type TokenizerStream,
} from '../../src/index.ts';

declare const model: Model;
declare const generator: Generator;
declare const images: Images;
declare const audios: Audios;

// Tensors: the typed array follows from the type.
expectTypeOf(new Tensor('float32', [2])).toEqualTypeOf<Tensor<'float32'>>();
expectTypeOf(new Tensor('float32', [2]).data).toMatchTypeOf<Float32Array>();
expectTypeOf(new Tensor('int64', [2], new BigInt64Array(2)).data).toMatchTypeOf<BigInt64Array>();
expectTypeOf(new Tensor('bfloat16', []).data).toMatchTypeOf<Uint16Array>();
expectTypeOf(new Tensor('bool', []).data).toMatchTypeOf<Uint8Array>();
expectTypeOf<Tensor>().toEqualTypeOf<Tensor<TensorType>>();
expectTypeOf<Tensor<'int8'>>().toMatchTypeOf<Tensor>();
expectTypeOf<Tensor['data']>().toEqualTypeOf<TensorData[TensorType]>();
expectTypeOf<Tensor>().toMatchTypeOf<Disposable>();
// @ts-expect-error no such type
new Tensor('float8', [2]);
// @ts-expect-error the array of another type
new Tensor('float32', [2], new Float64Array(2));
// @ts-expect-error bits, not numbers
new Tensor('float16', [2], new Float32Array(2));
// @ts-expect-error bigints
new Tensor('int64', [2], new Int32Array(2));
// @ts-expect-error not a typed array
new Tensor('int8', [2], [1, 2]);
// @ts-expect-error a shape is an array
new Tensor('int8', 2);
// @ts-expect-error the shape is missing
new Tensor('int8');
// @ts-expect-error read-only
new Tensor('int8', [2]).shape = [1];
// @ts-expect-error read-only
new Tensor('int8', [2]).shape[0] = 1;
// @ts-expect-error read-only
new Tensor('int8', [2]).data = new Int8Array(2);

// Sets.
expectTypeOf(new NamedTensors().get('x')).toEqualTypeOf<Tensor | undefined>();
expectTypeOf(new NamedTensors({ x: new Tensor('int8', [1]) })).toMatchTypeOf<Iterable<[string, Tensor]>>();
expectTypeOf(new NamedTensors([['x', new Tensor('int8', [1])]])).toMatchTypeOf<Disposable>();
// @ts-expect-error tensors, not arrays
new NamedTensors({ x: new Int8Array(1) });
// @ts-expect-error a name
new NamedTensors().set(1, new Tensor('int8', [1]));

// Generators.
expectTypeOf(generator.getOutput('logits')).resolves.toEqualTypeOf<Tensor>();
expectTypeOf(generator.getInput('input_ids')).resolves.toEqualTypeOf<Tensor>();
expectTypeOf(generator.setInputs).parameter(0).toEqualTypeOf<NamedTensors>();
expectTypeOf(generator.isSessionTerminated()).toEqualTypeOf<boolean>();
expectTypeOf(generator.getSpeculativeStats()).toEqualTypeOf<SpeculativeStats>();
expectTypeOf(generator.getSpeculativeStats().draftTokensAccepted).toEqualTypeOf<number>();
expectTypeOf(generator.setActiveAdapter(new Adapters(model), 'x')).toEqualTypeOf<Promise<void>>();
// @ts-expect-error a Tensor
generator.setModelInput('x', new Float32Array(2));
// @ts-expect-error NamedTensors
generator.setInputs({ input_ids: new Tensor('int32', [1, 1]) });
// @ts-expect-error the adapters come first
generator.setActiveAdapter('x');

// Adapters.
expectTypeOf(new Adapters(model)).toMatchTypeOf<Disposable>();
expectTypeOf(new Adapters(model).load('file', 'name')).toEqualTypeOf<Promise<void>>();
// @ts-expect-error of a model
new Adapters();
// @ts-expect-error a name as well
new Adapters(model).load('file');

// Media.
expectTypeOf(Images.load('a.png', new Uint8Array(8))).resolves.toEqualTypeOf<Images>();
expectTypeOf<string | Uint8Array>().toEqualTypeOf<MediaSource>();
expectTypeOf(images.count).toEqualTypeOf<number>();
// @ts-expect-error made by load()
new Images();
// @ts-expect-error paths or bytes
Images.load(5);
// @ts-expect-error one after the other
Audios.load(['a.wav']);

// Processors.
declare const processor: MultiModalProcessor;
expectTypeOf(MultiModalProcessor.create(model)).resolves.toEqualTypeOf<MultiModalProcessor>();
expectTypeOf(processor.process('x', { images, audios })).resolves.toEqualTypeOf<NamedTensors>();
expectTypeOf(processor.process(['x'])).resolves.toEqualTypeOf<NamedTensors>();
expectTypeOf(processor.createStream()).toEqualTypeOf<TokenizerStream>();
// @ts-expect-error made by create()
new MultiModalProcessor();
// @ts-expect-error the other way round
processor.process('x', { images: audios });
// @ts-expect-error loaded first
processor.process('x', { images: 'a.png' });

declare const streaming: StreamingProcessor;
expectTypeOf(StreamingProcessor.create(model)).resolves.toEqualTypeOf<StreamingProcessor>();
expectTypeOf(streaming.process(new Float32Array(1))).resolves.toEqualTypeOf<NamedTensors | null>();
// @ts-expect-error samples are float32
streaming.process(new Int16Array(1));
// @ts-expect-error no such option
streaming.setOption('speed', '1');
// @ts-expect-error as text
streaming.setOption('use_vad', true);

declare const mtp: MtpGenerator;
expectTypeOf(MtpGenerator.create(model, model, { topK: 1 })).resolves.toEqualTypeOf<MtpGenerator>();
expectTypeOf(mtp.getCounts()).toEqualTypeOf<MtpCounts>();
// @ts-expect-error two models
MtpGenerator.create(model);
// @ts-expect-error no such option
MtpGenerator.create(model, model, { nonsense: 1 });

// Messages.
model.generate([
  {
    role: 'user',
    content: [
      { type: 'image', image: 'a.png' },
      { type: 'text', text: 'x' },
    ],
  },
]);
model.stream([{ role: 'user', content: [{ type: 'audio', audio: new Uint8Array(4) }] }]);
// @ts-expect-error pictures are the user's
model.generate([{ role: 'assistant', content: [{ type: 'image', image: 'a.png' }] }]);
// @ts-expect-error the picture is missing
model.generate([{ role: 'user', content: [{ type: 'image' }] }]);
// @ts-expect-error no such part
model.generate([{ role: 'user', content: [{ type: 'video', video: 'a.mp4' }] }]);
// @ts-expect-error texts only
model.tokenizer.encodeChat([{ role: 'user', content: [{ type: 'image', image: 'a.png' }] }]);
