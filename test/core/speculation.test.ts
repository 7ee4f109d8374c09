/** Speculative decoding: the same answer, however it is guessed. */
import * as assert from 'uvu/assert';
import { GeneratorParams, type Model, type SpeculativeOptions } from '../../src/index.ts';
import { loadDemoModel, SPAIN, STORY } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { features, since } from '../helpers/since.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('speculation');
const since016 = since('speculativeDecoding', test);

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const WAYS: readonly SpeculativeOptions[] = [
  { ngramSize: 2 },
  { ngramSize: 3, maxDraftTokens: 16 },
  { ngramSize: 2, ngramChainedLookup: true, minAdaptiveK: 2, cooldown: true },
  { ngramSize: 0 },
  {},
];
const REPEATING = 'one two three four five one two three four five one two three';

since016('every option goes in and comes back; the defaults are those of the library', async ({ model }) => {
  const params = new GeneratorParams(model);
  const read = (): unknown[] =>
    (['ngramSize', 'maxDraftTokens', 'minAdaptiveK', 'ngramChainedLookup', 'cooldown'] as const).map(name =>
      params.getSpeculative(name),
    );
  assert.equal(read(), [0, 4, 0, false, false]);
  params.setSpeculative({ ngramSize: 5, maxDraftTokens: 9 });
  params.setSpeculative({ ngramChainedLookup: true, minAdaptiveK: undefined });
  params.setSpeculative({ minAdaptiveK: 3, cooldown: true });
  assert.equal(read(), [5, 9, 3, true, true]);
  params.setSpeculative({ ngramSize: 0, ngramChainedLookup: false });
  assert.equal(read(), [0, 9, 3, false, true]);
  assert.is(new GeneratorParams(model, { speculative: { ngramSize: 2 } }).getSpeculative('ngramSize'), 2);
});

since016('the answer, its end and its chunks are the same', async ({ model }) => {
  for (const prompt of [SPAIN, STORY, REPEATING]) {
    for (const maxNewTokens of [1, 7, 60]) {
      const plain = await model.generate(prompt, { maxNewTokens });
      for (const speculative of WAYS) {
        const stream = model.stream(prompt, { maxNewTokens, speculative });
        const ids: number[] = [];
        let text = '';
        for await (const chunk of stream) {
          ids.push(chunk.tokenId);
          text += chunk.text;
        }
        const { tokenIds, finishReason } = await stream.result;
        const name = `${JSON.stringify(speculative)}, ${maxNewTokens} tokens`;
        assert.equal([...tokenIds], [...plain.tokenIds], name);
        assert.equal([ids, text, finishReason], [[...plain.tokenIds], plain.text, plain.finishReason], name);
      }
    }
  }
});

since016('stop strings end an answer in the middle of a step', async ({ model }) => {
  const { text } = await model.generate(STORY, { maxNewTokens: 80 });
  for (const begin of [10, 25, 40, 61]) {
    const stop = text.slice(begin, begin + 6);
    const plain = await model.generate(STORY, { maxNewTokens: 80, stop });
    const drafted = await model.generate(STORY, {
      maxNewTokens: 80,
      stop,
      speculative: { ngramSize: 2, maxDraftTokens: 16 },
    });
    assert.equal([drafted.text, drafted.matchedStop], [plain.text, stop]);
    assert.equal(drafted.tokenIds, plain.tokenIds);
  }
});

since016('a generator that guesses still gives one token a step', async ({ model }) => {
  const prompt = await model.tokenizer.encode(REPEATING);
  const maxLength = prompt.length + 60;
  const sequences: number[][] = [];
  for (const speculative of [{}, { ngramSize: 2, maxDraftTokens: 8 }]) {
    await using generator = await model.createGenerator({ maxLength, speculative });
    await generator.appendTokens(prompt);
    while (!generator.isDone()) {
      const { tokenCount } = generator;
      await generator.generateNextToken();
      assert.ok(generator.tokenCount <= tokenCount + 1);
    }
    sequences.push([...generator.getSequence()]);
  }
  assert.equal(sequences[0], sequences[1]);
});

since016('an abort ends it', async ({ model }) => {
  const stream = model.stream(STORY, { maxNewTokens: 3000, minLength: 3000, speculative: { ngramSize: 2 } });
  for await (const { index } of stream) if (index === 3) stream.cancel();
  assert.is((await stream.result).finishReason, 'abort');
});

since016('a config that speculates needs no option, and an option wins over it', async () => {
  await using model = await loadDemoModel({ configOverlay: { speculative: { ngram_size: 3 } } });
  await using plain = await loadDemoModel();
  assert.is(new GeneratorParams(model).getSpeculative('ngramSize'), 3);
  assert.is(new GeneratorParams(model, { speculative: { ngramSize: 0 } }).getSpeculative('ngramSize'), 0);
  for (const prompt of [STORY, REPEATING]) {
    const expected = await plain.generate(prompt, { maxNewTokens: 60 });
    const drafted = await model.generate(prompt, { maxNewTokens: 60 });
    assert.equal([...drafted.tokenIds], [...expected.tokenIds]);
    assert.is(drafted.text, expected.text);
  }
});

if (!features.speculativeDecoding) {
  test('a library without it', async ({ model }) => {
    const code = 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY';
    for (const options of WAYS.filter(({ ngramSize }) => ngramSize !== undefined)) {
      await expectError(model.generate(SPAIN, { speculative: options, maxNewTokens: 2 }), code, '0.16');
      await expectError(model.createGenerator({ speculative: options }), code, '0.16');
    }
    await expectError(() => new GeneratorParams(model).getSpeculative('ngramSize'), code, '0.16');
  });
}

test.run();
