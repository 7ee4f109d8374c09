/** What the engine's thread does to the process, and the process to the engine's thread. */
import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { since } from '../helpers/since.ts';
import { SLOWNESS } from '../helpers/slowness.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('life of an engine');

test('without close and dispose a program ends by itself when its turns are done', async () => {
  const { stdout, ...rest } = await runInChild(`
    const model = await loadDemoModel();
    const engine = await model.createEngine();
    const request = await engine.createRequest();
    await engine.createRequest();
    void request.beginTurn(await model.tokenizer.encode(SPAIN), { maxNewTokens: 20, text: true }).result.then(({ text }) => {
      const ended = Date.now();
      process.on('exit', () => console.log(text?.includes('Madrid'), Date.now() - ended));
    });
  `);
  assert.equal(rest, { code: 0, signal: null, stderr: '' });
  const [right, ms] = stdout.split(' ');
  assert.is(right, 'true');
  assert.ok(Number(ms) < 2000 * SLOWNESS, `${ms?.trim()} ms from the last token to the end`);
});

since('engine', test)(
  'an onBlocked that throws is an uncaught exception like any other, and the engine goes on',
  async () => {
    const result = await runInChild(`
    import { COUNTING_PAGED, loadPaged } from '../../test/helpers/engine.ts';
    let caught = 0;
    process.on('uncaughtException', ({ message }) => { if (message === 'mine') caught++; });
    const model = await loadPaged(COUNTING_PAGED);
    const engine = await model.createEngine({ onBlocked: () => { throw new Error('mine'); } });
    const idle = await Promise.all([1, 2, 3, 4].map(() => engine.createRequest()));
    await Promise.all(idle.map(request => request.beginTurn([2], { maxNewTokens: 1 }).result));
    const turn = (await engine.createRequest()).beginTurn([2], { maxNewTokens: 3 });
    while (caught === 0) await sleep(2);
    await idle[0]?.close();
    console.log(caught, (await turn.result).tokenIds.join());
  `);
    assert.equal(result, { code: 0, signal: null, stdout: '1 3,4,5\n', stderr: '' });
  },
);

test('a reader that throws and is not caught ends the process, and no library says anything', async () => {
  const { code, signal, stdout, stderr } = await runInChild(`
    const model = await loadDemoModel();
    const engine = await model.createEngine();
    const requests = await Promise.all([1, 2, 3].map(() => engine.createRequest()));
    const turns = requests.map(request => request.beginTurn([450], { minNewTokens: 3000 }));
    for await (const event of turns[1] ?? []) if (event.type === 'token' && event.index === 4) throw new Error('mine');
  `);
  assert.equal([code, signal, stdout], [1, null, '']);
  assert.match(stderr, 'Error: mine');
  assert.not.match(stderr, /onnx[^/]*:|terminate called|Segmentation/);
});

test('answers are right although the collector runs all the time', async () => {
  const result = await runInChild(`
    const timer = setInterval(() => (globalThis as { gc?: () => void }).gc?.(), ${3 * SLOWNESS});
    const model = await loadDemoModel();
    const prompt = await model.tokenizer.encode(SPAIN);
    // Nothing but the promise is kept of engine, request and turn.
    const answer = async () => (await (await model.createEngine()).createRequest()).beginTurn(prompt, { text: true }).result;
    const { text } = await model.generate(prompt);
    const answers = await Promise.all([answer(), answer(), answer()]);
    clearInterval(timer);
    console.log(answers.map(other => other.text === text).join());
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'true,true,true\n', stderr: '' });
});

test('everything at once: turns that end, are cancelled, closed, late, taken back; engines that come and go', async () => {
  const result = await runInChild(
    `
    import { loadPaged, pagedPrompt } from '../../test/helpers/engine.ts';
    const code = (error: GenAIError) => error.code ?? error.name;
    const demo = await loadDemoModel({ intraOpNumThreads: 1 });
    const paged = (await capabilities()).features.engine ? await loadPaged() : await loadDemoModel();
    const engines = [await demo.createEngine(), await paged.createEngine(), await paged.createEngine()];
    const counts: Record<string, number> = {};
    const note = (what: string) => { counts[what] = (counts[what] ?? 0) + 1; };
    const one = async (i: number) => {
      const engine = engines[i % 3];
      if (engine === undefined) return;
      const request = await engine.createRequest({ maxSessionTokens: 60 });
      const turn = request.beginTurn(pagedPrompt(3 + (i % 20), i), {
        minNewTokens: 20, maxNewTokens: 20, text: i % 2 === 0, stop: i % 5 === 0 ? ['q'] : [],
        ...(i % 7 === 0 ? { timeoutMs: 3 } : {}), ...(i % 11 === 0 ? { signal: AbortSignal.timeout(2) } : {}),
      });
      if (i % 3 === 0) await turn[Symbol.asyncIterator]().next().catch(() => {});
      if (i % 2 === 0) turn.cancel();
      if (i % 13 === 0) void request.close();
      note(await turn.result.then(({ finishReason }) => finishReason, code));
      if (i % 4 === 0) await request.rewindToStartOfTurn(1).catch(() => {});
      if (i % 5 !== 0) await request.close();
    };
    for (let round = 0; round < 6; round++) {
      await Promise.all(Array.from({ length: 36 }, (_, i) => one(round * 36 + i)));
      (globalThis as { gc?: () => void }).gc?.();
      const other = await demo.createEngine();
      const request = await other.createRequest({ maxSessionTokens: 60 });
      const running = request.beginTurn([2], { minNewTokens: 40 }).result.catch(code);
      void other.dispose();
      note('at dispose: ' + (await running));
    }
    await Promise.all([...engines, demo, paged].map(object => object.dispose()));
    console.log(JSON.stringify(Object.keys(counts).sort()), Object.values(counts).reduce((sum, count) => sum + count));
  `,
    { timeoutMs: 110_000 },
  );
  assert.equal([result.code, result.signal, result.stderr], [0, null, '']);
  const [kinds, total] = result.stdout.trim().split(/ (?=\d+$)/) as [string, string];
  assert.is(total, String(6 * 37));
  for (const kind of ['abort', 'length', 'ERR_GENAI_DISPOSED', 'at dispose: ERR_GENAI_DISPOSED'])
    assert.match(kinds, kind);
});

test.run();
