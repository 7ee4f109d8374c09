import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import promises, { mkdir, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { isStagingName, stageDirectory } from '../../src/util/staging.ts';
import { expectError, expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ folder: string }>('stageDirectory');

test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'staging-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const fill =
  (text = 'x') =>
  async (directory: string): Promise<string> => {
    await mkdir(join(directory, 'sub'));
    await writeFile(join(directory, 'sub', 'a.txt'), text);
    return text;
  };

test('the directory appears when the work is done, and not before', async ({ folder }) => {
  const target = join(folder, 'new', 'model');
  let seen: string[] = [];
  const result = await stageDirectory(target, async directory => {
    seen = readdirSync(join(folder, 'new'));
    assert.equal(readdirSync(directory), []);
    return fill('done')(directory);
  });
  assert.is(result, 'done');
  assert.is(seen.length, 1);
  assert.ok(isStagingName(String(seen[0])), String(seen[0]));
  assert.equal(readdirSync(join(folder, 'new')), ['model']);
  assert.is(readFileSync(join(target, 'sub', 'a.txt'), 'utf8'), 'done');
  assert.not.ok(isStagingName('model') || isStagingName('.model.tmp') || isStagingName('.git'));
});

test('an empty directory is filled, anything else is not touched', async ({ folder }) => {
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('empty'));
  await stageDirectory(at('empty'), fill());
  assert.equal(readdirSync(at('empty')), ['sub']);
  writeFileSync(at('file'), 'mine');
  mkdirSync(at('full'));
  writeFileSync(join(at('full'), 'b'), 'mine');
  symlinkSync(at('nowhere'), at('link'));
  for (const name of ['file', 'full', 'link']) {
    let worked = false;
    const work = async (): Promise<void> => {
      worked = true;
    };
    await expectError(stageDirectory(at(name), work), 'ERR_MLFLOW_PATH_EXISTS', name);
    assert.not.ok(worked);
  }
  assert.is(readFileSync(at('file'), 'utf8'), 'mine');
  assert.equal(readdirSync(at('full')), ['b']);
  assert.equal(readdirSync(folder).sort(), ['empty', 'file', 'full', 'link']);
});

test('of writers on one path exactly one wins', async ({ folder }) => {
  const target = join(folder, 'model');
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, i) => stageDirectory(target, fill(String(i)))),
  );
  const won = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  assert.is(won.length, 1);
  assert.is(readFileSync(join(target, 'sub', 'a.txt'), 'utf8'), won[0]);
  for (const result of results) {
    if (result.status === 'rejected') await expectError(Promise.reject(result.reason), 'ERR_MLFLOW_PATH_EXISTS');
  }
  assert.equal(readdirSync(folder), ['model']);
});

test('failed work leaves nothing, and its error comes through', async ({ folder }) => {
  const reason = new Error('no');
  const work = async (directory: string): Promise<void> => {
    await fill()(directory);
    throw reason;
  };
  assert.is(await expectRejection(stageDirectory(join(folder, 'model'), work)), reason);
  assert.equal(readdirSync(folder), []);
});

test('errors of the file system: a full disk, a file in the way, missing rights', async ({ folder }) => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  const error = await expectError(
    stageDirectory(join(folder, 'model'), () => Promise.reject(full)),
    'ERR_MLFLOW_TRANSFER',
    'the disk is full',
  );
  assert.is(error.cause, full);
  assert.equal(readdirSync(folder), []);
  writeFileSync(join(folder, 'file'), '');
  await expectError(stageDirectory(join(folder, 'file', 'model'), fill()), 'ERR_MLFLOW_TRANSFER');
  chmodSync(folder, 0o555);
  try {
    const failure = await stageDirectory(join(folder, 'model'), fill()).then(
      () => null,
      cause => cause as { code?: string },
    );
    // Root may write everywhere.
    assert.is(failure?.code, process.getuid?.() === 0 ? undefined : 'ERR_MLFLOW_TRANSFER');
  } finally {
    chmodSync(folder, 0o755);
  }
});

/** Runs `work` while files and directories are opened by `replacement`. */
async function withOpen(replacement: typeof promises.open, work: () => Promise<void>): Promise<void> {
  const { open } = promises;
  promises.open = replacement;
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    promises.open = open;
    syncBuiltinESMExports();
  }
}

test('a directory that stands in its place is no failure, even when its parent cannot be synced', async ({
  folder,
}) => {
  const { open } = promises;
  const tried: unknown[] = [];
  const failing: typeof open = async (path, ...rest) => {
    tried.push(path);
    if (path === folder) throw Object.assign(new Error('EACCES: no'), { code: 'EACCES', syscall: 'open' });
    return open(path, ...rest);
  };
  await withOpen(failing, async () => {
    assert.is(await stageDirectory(join(folder, 'model'), fill('done')), 'done');
  });
  assert.ok(tried.includes(folder));
  assert.equal(readdirSync(folder), ['model']);
});

test('without durable nothing waits for the disk, and the rest stays the same', async ({ folder }) => {
  const { open } = promises;
  const opened: unknown[] = [];
  const counting: typeof open = async (path, ...rest) => {
    opened.push(path);
    return open(path, ...rest);
  };
  const work = async (directory: string): Promise<void> => {
    await mkdir(join(directory, 'sub'));
    writeFileSync(join(directory, 'sub', 'a.txt'), 'x');
  };
  await withOpen(counting, () => stageDirectory(join(folder, 'quick'), work, { durable: false }));
  assert.equal(opened, []);
  await withOpen(counting, () => stageDirectory(join(folder, 'safe'), work));
  assert.is(opened.length, 4);
  assert.equal(readdirSync(folder).sort(), ['quick', 'safe']);
  await expectError(stageDirectory(join(folder, 'quick'), work, { durable: false }), 'ERR_MLFLOW_PATH_EXISTS');
});

test('a disk that is really full', async ({ folder }) => {
  // Where it may be mounted; the test above plays the error everywhere.
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return;
  }
  try {
    const work = (directory: string): Promise<void> => writeFile(join(directory, 'large'), Buffer.alloc(2 ** 21));
    await expectError(stageDirectory(join(folder, 'model'), work), 'ERR_MLFLOW_TRANSFER', 'the disk is full');
    assert.equal(readdirSync(folder), []);
    await stageDirectory(join(folder, 'model'), fill());
  } finally {
    execFileSync('umount', [folder]);
  }
});

test.run();
