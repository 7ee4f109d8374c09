/**
 * Objects for which there is no model that is small enough: what they check and hand on, with a stand-in for the native
 * object. That the library refuses other models is among the bad inputs.
 */
import * as assert from 'uvu/assert';
import type { NativeNamedTensors, NativeStreamingProcessor } from '../../src/binding/addon-media-types.ts';
import type { NativeMtpGenerator } from '../../src/binding/addon-types.ts';
import { capabilities, MtpGenerator, NamedTensors, StreamingProcessor } from '../../src/index.ts';
import { detach } from '../helpers/buffers.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('objects without a small model');

const INVALID = 'ERR_GENAI_INVALID_ARGUMENT';

test.before(async () => {
  await capabilities();
});

type Made<T, Arguments extends unknown[]> = new (...given: Arguments) => T;

function streaming(native: Partial<NativeStreamingProcessor>): StreamingProcessor {
  return new (StreamingProcessor as unknown as Made<StreamingProcessor, [object]>)(native);
}

function mtp(native: Partial<NativeMtpGenerator>): MtpGenerator {
  return new (MtpGenerator as unknown as Made<MtpGenerator, [object, number, number]>)(native, 100, 8);
}

test('StreamingProcessor: sets, or null while more is needed', async () => {
  const given: Float32Array[] = [];
  const set = new NamedTensors().native;
  const answers: (NativeNamedTensors | null)[] = [null, set];
  const processor = streaming({
    process: async samples => {
      given.push(samples);
      return answers.shift() ?? null;
    },
    flush: async () => null,
  });
  const samples = Float32Array.of(0, 0.5, -1);
  assert.is(await processor.process(samples), null);
  const inputs = await processor.process(samples);
  assert.ok(inputs instanceof NamedTensors && inputs.native === set);
  assert.is(await processor.flush(), null);
  assert.equal(given, [samples, samples]);
});

test('StreamingProcessor: samples that are none', async () => {
  const processor = streaming({});
  for (const wrong of [undefined, null, [0.5], new Float64Array(2), new Float32Array(0), detach(new Float32Array(2))]) {
    await expectError(processor.process(wrong as never), INVALID, 'samples must be a Float32Array of at least one');
  }
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
    await expectError(processor.process(Float32Array.of(0, wrong)), INVALID, 'samples[1] must be a finite number');
  }
});

test('StreamingProcessor: options', async () => {
  const options = new Map<string, string>();
  const processor = streaming({
    setOption: async (name, value) => void options.set(name, value),
    getOption: async name => options.get(name) ?? '',
  });
  await processor.setOption('use_vad', 'true');
  await processor.setOption('vad_threshold', '0.5');
  await processor.setOption('silence_duration_ms', '600');
  assert.equal([...options.values()], ['true', '0.5', '600']);
  assert.is(await processor.getOption('vad_threshold'), '0.5');
  for (const wrong of ['speed', '', undefined, 5]) {
    await expectError(processor.setOption(wrong as never, '1'), INVALID, 'name must be one of use_vad');
    await expectError(processor.getOption(wrong as never), INVALID, 'name must be one of use_vad');
  }
  for (const wrong of ['yes', '', '2']) {
    await expectError(processor.setOption('use_vad', wrong), INVALID, 'value must be "true" or "false"');
  }
  for (const wrong of ['much', '', '-1', '1e9', 'NaN']) {
    await expectError(processor.setOption('vad_threshold', wrong), INVALID, 'value must be a number >= 0');
  }
  await expectError(processor.setOption('use_vad', 1 as never), INVALID, 'value must be a string');
});

test('MtpGenerator: tokens in range, and not beyond maxLength', async () => {
  const sequence: number[] = [];
  let steps = 0;
  let disposals = 0;
  const generator = mtp({
    appendTokens: async tokens => void sequence.push(...tokens),
    generateNextToken: async () => void steps++,
    reset: async () => void sequence.splice(0),
    getSequence: () => Int32Array.from(sequence),
    isDone: () => sequence.length === 8,
    getCounts: () => ({ forwards: 1, accepted: 2, trials: 3 }),
    getSpeculativeStats: () => ({ draft_tokens_accepted: 2, formula_supported: true, accepted_lengths: [1, 2] }),
    dispose: async () => void disposals++,
  });
  await expectError(generator.generateNextToken(), INVALID, 'given tokens first');
  await expectError(generator.appendTokens([100]), 'ERR_GENAI_TOKEN_OUT_OF_RANGE', 'from 0 to 99');
  await expectError(generator.appendTokens([]), INVALID, 'at least one token');
  await generator.appendTokens([1, 2, 3]);
  await expectError(generator.appendTokens([1, 2, 3, 4, 5, 6]), 'ERR_GENAI_INPUT_TOO_LONG', 'maxLength 8');
  await generator.generateNextToken();
  assert.equal([steps, generator.isDone(), [...generator.getSequence()]], [1, false, [1, 2, 3]]);
  assert.equal(generator.getCounts(), { forwards: 1, accepted: 2, trials: 3 });
  const { draftTokensAccepted, formulaSupported, acceptedLengths } = generator.getSpeculativeStats();
  assert.equal([draftTokensAccepted, formulaSupported, acceptedLengths], [2, true, [1, 2]]);
  await generator.reset();
  assert.is(generator.getSequence().length, 0);
  await Promise.all([generator.dispose(), generator.dispose()]);
  assert.is(disposals, 1);
});

test.run();
