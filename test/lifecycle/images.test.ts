/**
 * Damaged JPEGs: what our check lets through must not end the process. The library's decoder leaves by exit() over a
 * table that it cannot use, and waits for ever at the end of a file that is cut off.
 */
import * as assert from 'uvu/assert';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('damaged images');

const PROGRAM = `
  import { readFileSync, writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  import { Images, MultiModalProcessor } from '../../src/index.ts';
  import { fixtureModel, picture } from '../../test/helpers/fixture-models.ts';
  const folder = fixtureModel('vision');
  const config = join(folder, 'processor_config.json');
  writeFileSync(config, readFileSync(config, 'utf8').replace('"num_crops": 4', '"num_crops": 1')); // quicker
  const model = await Model.load(folder);
  const processor = await MultiModalProcessor.create(model);
  const files = ['picture', 'full-colour', 'progressive', 'restarts', 'grey'].map(name => readFileSync(picture(name + '.jpg')));
  let state = 1;
  const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
  const counts = { refused: 0, decoded: 0, failed: 0 };
  for (let i = 0; counts.decoded + counts.failed < 60; i++) {
    let bytes = Buffer.from(files[i % files.length] as Buffer);
    const reach = random(3) === 0 ? bytes.length : Math.min(bytes.length, 700);
    for (let change = random(5); change >= 0; change--) {
      const at = random(reach);
      bytes[at] = random(3) === 0 ? random(256) : (bytes[at] as number) ^ (1 << random(8));
    }
    const [from, length] = [random(bytes.length), random(60)];
    if (random(8) === 0) bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)]);
    if (random(8) === 0) bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(0, length), bytes.subarray(from)]);
    const images = await Images.load(bytes).catch(() => null);
    if (images === null) {
      counts.refused++;
      continue;
    }
    const done = await processor.process('<|image_1|>', { images }).then(() => 'decoded' as const, () => 'failed' as const);
    counts[done]++;
  }
  console.log(JSON.stringify(counts));
`;

test('60 damaged pictures that pass the check are decoded or refused, and the process goes on', async () => {
  const { code, stdout, stderr } = await runInChild(PROGRAM, { timeoutMs: 120_000 });
  assert.is(code, 0, stderr);
  const { refused, decoded } = JSON.parse(stdout) as { refused: number; decoded: number };
  assert.ok(refused > 40, stdout);
  assert.ok(decoded > 40, stdout);
});

test.run();
