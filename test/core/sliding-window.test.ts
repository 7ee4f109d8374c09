import * as assert from 'uvu/assert';
import { GeneratorParams, type Model, type SearchOptions, TokenStream } from '../../src/index.ts';
import { loadDemoModel, noise } from '../helpers/demo-model.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

/** The configuration that the official builder writes for Phi-3-mini, with a window that a test reaches quickly. */
const WINDOW = 127;
const sliding = (slides: boolean) => ({
  model: {
    decoder: { sliding_window: { window_size: WINDOW, slide_key_value_cache: slides, slide_inputs: false } },
  },
});

const test = suite<{ model: Model; plain: Model }>('sliding window');

test.before(async context => {
  context.model = await loadDemoModel({ configOverlay: sliding(false) });
  context.plain = await loadDemoModel();
});
test.after(async ({ model, plain }) => {
  await Promise.all([model.dispose(), plain.dispose()]);
});

test('a prompt, an answer, a stream beyond the window: the tokens of a model without one', async ({ model, plain }) => {
  for (const [prompt, answer] of [
    [WINDOW + 60, 5],
    [600, 5],
    [50, WINDOW + 60],
    [WINDOW - 3, 3],
    [WINDOW - 2, 3],
  ] as const) {
    const options = { maxNewTokens: answer, minLength: prompt + answer };
    const expected = await plain.generate(noise(prompt), options);
    assert.is(expected.tokenIds.length, answer);
    assert.equal((await model.generate(noise(prompt), options)).tokenIds, expected.tokenIds, `${prompt} + ${answer}`);
    const stream = model.stream(noise(prompt), options);
    assert.instance(stream, TokenStream);
    assert.equal((await stream.result).tokenIds, expected.tokenIds);
  }
});

test('to the end of the context', async ({ model }) => {
  const { usage, finishReason } = await model.generate(noise(4000), { minLength: 4096, maxNewTokens: 4096 });
  assert.equal([usage.outputTokens, finishReason], [96, 'length']);
});

test('a generator: one row, rows, beams', async ({ model, plain }) => {
  for (const options of [{}, { batchSize: 2 }, { numBeams: 2 }, { pastPresentShareBuffer: false }] as SearchOptions[]) {
    const rows = [];
    for (const each of [plain, model]) {
      await using generator = await each.createGenerator({ maxLength: 200, minLength: 200, ...options });
      await generator.appendTokens([...noise(50), ...(options.batchSize === 2 ? noise(50) : [])]);
      while (!generator.isDone()) await generator.generateNextToken();
      rows.push(generator.getSequence());
    }
    assert.is(rows[0]?.length, 200);
    assert.equal(rows[1], rows[0], JSON.stringify(options));
  }
});

test('a shared buffer that cannot hold maxLength is refused before anything runs', async ({ model }) => {
  const shared = { pastPresentShareBuffer: true };
  await expectError(
    model.createGenerator({ ...shared, maxLength: WINDOW + 1 }),
    'ERR_GENAI_INVALID_ARGUMENT',
    `sliding window, ${WINDOW} tokens`,
  );
  assert.is(new GeneratorParams(model).get('maxLength'), WINDOW, 'the default keeps the shared buffer');
  await (await model.createGenerator(shared)).dispose();
  await using generator = await model.createGenerator({ ...shared, maxLength: WINDOW });
  await generator.appendTokens(noise(WINDOW - 1));
  await generator.generateNextToken();
  assert.is(generator.tokenCount, WINDOW);
});

test.run();
