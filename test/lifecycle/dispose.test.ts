import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';
import { STAGE_NAMES, type StageName } from './stages.ts';
import { twoAtOnce } from './two-at-once.ts';

const test = suite('dispose');

/** In which order, and how, the objects of a stage are disposed of. */
const ORDERS: Record<string, string> = {
  'in the order of making': 'for (const object of made) await object.dispose();',
  'the other way round': 'for (const object of made.toReversed()) await object.dispose();',
  'all at once, three times': 'await Promise.all([...made, ...made, ...made].map(object => object.dispose()));',
  'without waiting': 'for (const object of [...made, ...made]) void object.dispose();',
};

/**
 * How the call of a stage ends. Generations and loads go on (the generations until they are cancelled), the call of a
 * generator that is disposed of itself fails.
 */
const ENDINGS: Partial<Record<StageName, string>> = {
  'asking for capabilities': 'string',
  loading: 'phi3',
  'loading from a Config with model data': 'phi3',
  'tokenizers without a model': 'true',
  'making a generator': '0',
  'in prefill': 'ERR_GENAI_DISPOSED',
  'in the prefill of generate': 'abort',
  'in decode': 'abort,abort,abort',
  'stream unread': 'abort',
  'stream half read': 'abort',
  'encoding a chat': 'true',
  // Until it is cancelled, or its chat is disposed of.
  'chat in its second turn': '(abort|ERR_GENAI_DISPOSED)',
  'phi3 predicting': 'abort',
  logging: 'abort,abort',
  'in turns of an engine': 'ERR_GENAI_DISPOSED',
};

const expected = new RegExp(`^${STAGE_NAMES.map(name => `${name}: true ${ENDINGS[name] ?? 'idle'}\n`).join('')}$`);

test('at every stage, in every order, more than once', async () => {
  await twoAtOnce(Object.entries(ORDERS), async ([order, source]) => {
    const result = await runInChild(
      `
      import { enter, isStill, STAGE_NAMES, type StageName } from '../../test/lifecycle/stages.ts';
      const code = (error: GenAIError) => error.code ?? String(error);
      for (const name of STAGE_NAMES) {
        const { made, running, cancel } = await enter(name);
        const ending = running?.catch(code) ?? 'idle';
        const still = await isStill({ running });
        const disposing = (async () => { ${source} })();
        // dispose() of a model lets it run; ten more milliseconds show that.
        await sleep(10);
        cancel?.();
        await disposing;
        console.log(name + ':', still, await ending);
      }`,
      { timeoutMs: 110_000 },
    );
    assert.equal([result.code, result.signal, result.stderr], [0, null, ''], order);
    assert.match(result.stdout, expected, order);
  });
});

test('a generation that has begun goes on when its model is disposed of at once', async () => {
  const result = await runInChild(`
    const model = await loadDemoModel();
    const running = [model.generate(SPAIN), model.stream(SPAIN).result, model.generate([{ role: 'user', content: 'Hi' }])];
    void model.dispose();
    for (const answer of running) console.log(await answer.then(() => 'ok', (error: GenAIError) => error.code));
  `);
  assert.is(result.stdout, 'ok\nok\nok\n');
});

test('what was made of a model works on after it; what is asked of it is refused', async () => {
  const result = await runInChild(`
    const model = await loadDemoModel();
    const generator = await model.createGenerator();
    const stream = model.tokenizer.createStream();
    await Promise.all([model.dispose(), model.dispose()]);
    await generator.appendTokens([1, 2]);
    await generator.generateNextToken();
    console.log(generator.tokenCount, stream.decode(450).trim());
    const code = (error: GenAIError) => console.log(error.code);
    await model.generate(SPAIN).catch(code);
    await model.createGenerator().catch(code);
    await model.tokenizer.encode('a').catch(code);
    stream.dispose();
    await generator.dispose();
    await generator.appendTokens([1]).catch(code);
    try { stream.decode(450); } catch (error) { code(error as GenAIError); }
  `);
  const stdout = `3 The\n${'ERR_GENAI_DISPOSED\n'.repeat(5)}`;
  assert.equal(result, { code: 0, signal: null, stdout, stderr: '' });
});

test('using and await using', async () => {
  const result = await runInChild(`
    { using scoped = await loadDemoModel(); void scoped.type; }
    { await using scoped = await loadDemoModel(); await using inner = await scoped.createGenerator(); void inner; }
    console.log('done');
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'done\n', stderr: '' });
});

test.run();
