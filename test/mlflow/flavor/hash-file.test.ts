import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { FileHasher } from '../../../src/mlflow/flavor/hash-file.ts';
import { ROOT } from '../../helpers/demo-model.ts';
import { expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { type TemporaryFolder, temporaryFolder } from './folders.ts';

const test = suite<{ folder: TemporaryFolder }>('FileHasher');

test.before.each(context => {
  context.folder = temporaryFolder();
});
test.after.each(({ folder }) => folder[Symbol.dispose]());

test('hashes of small and large files, and all of their bytes are told', async ({ folder }) => {
  await using hasher = new FileHasher();
  for (const size of [0, 1, 2 ** 16, 2 ** 20, 2 ** 20 + 1, 5 * 2 ** 20 + 3]) {
    const content = Buffer.alloc(size, 'text of the file, over and over');
    const path = folder.in(String(size));
    writeFileSync(path, content);
    let told = 0;
    const hash = await hasher.hash(path, size, {
      onBytes: bytes => {
        told += bytes;
      },
    });
    assert.equal(hash, { sha256: createHash('sha256').update(content).digest('hex'), bytes: size });
    assert.is(told, size);
  }
});

test('of a file that is longer than it should be, little more is read', async ({ folder }) => {
  await using hasher = new FileHasher();
  const path = folder.in('growing');
  writeFileSync(path, Buffer.alloc(20 * 2 ** 20));
  const { bytes } = await hasher.hash(path, 3 * 2 ** 20);
  assert.ok(bytes > 3 * 2 ** 20 && bytes < 4 * 2 ** 20, String(bytes));
});

test('the event loop is free meanwhile', async ({ folder }) => {
  await using hasher = new FileHasher();
  const size = 200 * 2 ** 20;
  const path = folder.in('large');
  writeFileSync(path, Buffer.alloc(size));
  await hasher.hash(path, size); // the thread has started
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const started = performance.now();
  await hasher.hash(path, size);
  const ms = performance.now() - started;
  clearInterval(timer);
  assert.ok(ticks > ms / 20, `${ticks} ticks of 5 ms in ${ms.toFixed(0)} ms`);
});

test('an abort, a missing file, a throwing listener: the next hash is right again', async ({ folder }) => {
  await using hasher = new FileHasher();
  const size = 8 * 2 ** 20;
  const path = folder.in('file');
  writeFileSync(path, Buffer.alloc(size, 'x'));
  const right = async (): Promise<void> => assert.is((await hasher.hash(path, size)).bytes, size);
  const reason = new Error('enough');
  const controller = new AbortController();
  const aborting = hasher.hash(path, size, { signal: controller.signal, onBytes: () => controller.abort(reason) });
  assert.is(await expectRejection(aborting), reason);
  await right();
  assert.is(await expectRejection(hasher.hash(path, size, { signal: AbortSignal.abort(reason) })), reason);
  const missing = (await expectRejection(hasher.hash(folder.in('nowhere'), size))) as NodeJS.ErrnoException;
  assert.is(missing.code, 'ENOENT');
  await right();
  const throwing = hasher.hash(path, size, {
    onBytes: () => {
      throw reason;
    },
  });
  assert.is(await expectRejection(throwing), reason);
  await right();
});

test('the thread does not take over what this process was started with', async ({ folder }) => {
  const path = folder.in('file');
  writeFileSync(path, Buffer.alloc(3 * 2 ** 20));
  const program = `
import { FileHasher } from ${JSON.stringify(join(ROOT, 'src/mlflow/flavor/hash-file.ts'))};
const hasher = new FileHasher();
console.log((await hasher.hash(${JSON.stringify(path)}, ${3 * 2 ** 20})).bytes);
await hasher[Symbol.asyncDispose]();
`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  assert.is(Number(stdout), 3 * 2 ** 20);
});

test.run();
