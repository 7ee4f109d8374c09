import * as assert from 'uvu/assert';
import { defaultChunkSize } from '../../src/core/prefill-chunks.ts';
import type { Model } from '../../src/index.ts';
import { loadDemoModel, noise } from '../helpers/demo-model.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { since } from '../helpers/since.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ model: Model }>('prefill in pieces');

test.before(async context => {
  context.model = await loadDemoModel();
});
test.after(({ model }) => model.dispose());

const CPU = { deviceType: 'CPU', search: {} };

test('by default: long prompts of one row on a CPU, unless the model has chosen', () => {
  assert.is(defaultChunkSize(256, {}, CPU), undefined);
  assert.is(defaultChunkSize(258, {}, CPU), 256);
  assert.is(defaultChunkSize(3000, {}, { ...CPU, deviceType: 'CUDA' }), undefined);
  assert.is(defaultChunkSize(3000, { numBeams: 2 }, CPU), undefined);
  assert.is(defaultChunkSize(3000, {}, { ...CPU, search: { num_beams: 4 } }), undefined);
  assert.is(defaultChunkSize(3000, { numBeams: 1 }, { ...CPU, search: { num_beams: 4 } }), 256);
  assert.is(defaultChunkSize(3000, {}, { ...CPU, search: { chunk_size: 0 } }), undefined);
});

test('never a last piece of one token', () => {
  for (let tokens = 257; tokens < 140_000; tokens++) {
    const size = defaultChunkSize(tokens, {}, CPU) ?? 0;
    assert.ok(size > 250 && tokens % size !== 1, `${tokens} tokens in pieces of ${size}`);
  }
});

test('the tokens of a prompt that is processed at once', async ({ model }) => {
  for (const tokens of [257, 300, 513, 1025, 2001]) {
    const options = { maxNewTokens: 20, minLength: tokens + 20 };
    const expected = await model.generate(noise(tokens), { ...options, chunkSize: 0 });
    assert.is(expected.tokenIds.length, 20);
    const inPieces = await model.generate(noise(tokens), options);
    assert.equal(inPieces.tokenIds, expected.tokenIds, `${tokens} tokens`);
  }
});

// 0.14 takes as much either way.
since('telemetrySwitch', test)('takes less memory by default than at once', async () => {
  const [byDefault, atOnce] = await Promise.all(
    ['', 'chunkSize: 0'].map(async option => {
      const { stdout } = await runInChild(`
        const model = await loadDemoModel();
        await model.generate(noise(2000), { maxNewTokens: 1, ${option} });
        console.log(process.resourceUsage().maxRSS / 1024);
      `);
      return Number(stdout);
    }),
  );
  // At once the logits alone are 2,000 x 32,064 x 4 bytes, 245 MiB.
  assert.ok((byDefault ?? 0) > 0 && (byDefault ?? 0) < (atOnce ?? 0) - 100, `${byDefault} MiB, at once ${atOnce} MiB`);
});

test('rows, where the config asks for pieces and the overlay takes that back', async ({ model }) => {
  const search = { num_beams: 2, chunk_size: 0 };
  await using chunked = await loadDemoModel({ configOverlay: { search } });
  const options = { numBeams: 2, maxNewTokens: 8 };
  const [expected, answer] = await Promise.all([model, chunked].map(each => each.generate(noise(300), options)));
  assert.equal(answer?.tokenIds, expected?.tokenIds);
});

test.run();
