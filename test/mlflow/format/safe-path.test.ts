/** Paths that must not leave their directory. */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { resolveInside, safeRelativePath } from '../../../src/mlflow/format/safe-path.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';

const test = suite<{ work: string; root: string }>('mlflow/format/safe-path');

/** A path and what the refusal says. */
const REFUSED: [unknown, string][] = [
  ['', 'is empty'],
  ['..', 'climbs up'],
  ['../x', 'climbs up'],
  ['a/../../x', 'climbs up'],
  ['a/..', 'climbs up'],
  ['a\\..\\..\\x', 'climbs up'],
  ['/etc/passwd', 'is absolute'],
  ['//server/share', 'is absolute'],
  ['\\\\server\\share', 'is absolute'],
  ['\\x', 'is absolute'],
  ['C:\\x', 'is absolute'],
  ['C:/x', 'is absolute'],
  ['c:x', 'is absolute'],
  ['a\0b', 'NUL'],
  [null, 'is not a string'],
  [undefined, 'is not a string'],
  [5, 'is not a string'],
  [['a'], 'is not a string'],
];

test.before(async context => {
  context.work = await realpath(await mkdtemp(join(tmpdir(), 'safe-path-')));
  context.root = join(context.work, 'root');
  await mkdir(join(context.root, 'sub'), { recursive: true });
  await mkdir(join(context.work, 'root-two'));
  await writeFile(join(context.root, 'sub', 'file'), 'x');
  await writeFile(join(context.work, 'secret'), 'x');
});

test.after(({ work }) => rm(work, { recursive: true }));

test('refuses paths by their letters', async ({ root }) => {
  for (const [path, message] of REFUSED) {
    await expectError(() => safeRelativePath(path, 'The path'), 'ERR_MLFLOW_UNSAFE_PATH', message);
    await expectError(resolveInside(root, path, 'The path'), 'ERR_MLFLOW_UNSAFE_PATH', message);
  }
  await expectError(() => safeRelativePath('./.', 'The path'), 'ERR_MLFLOW_UNSAFE_PATH', 'names no file');
});

test('takes all others, without "." and empty parts', async ({ root }) => {
  const cases: [string, string][] = [
    ['a', 'a'],
    ['a/b.txt', 'a/b.txt'],
    ['./a//b/', 'a/b'],
    ['..a/b..', '..a/b..'],
    ['...', '...'],
    ['a b/日本/😀', 'a b/日本/😀'],
    ['%2e%2e/x', '%2e%2e/x'],
    ['~/x', '~/x'],
    ['file:/x', 'file:/x'],
  ];
  for (const [path, result] of cases) {
    assert.is(safeRelativePath(path, 'The path'), result);
    assert.is(await resolveInside(root, path, 'The path'), join(root, result));
  }
  assert.is(await resolveInside(root, '.', 'The path'), root);
});

test('follows links that stay inside, also through a root that is a link', async ({ work, root }) => {
  await symlink('sub', join(root, 'inner'));
  await symlink(root, join(work, 'alias'));
  assert.is(await resolveInside(root, 'inner/file', 'The path'), join(root, 'inner/file'));
  assert.is(await resolveInside(root, 'inner/new/file', 'The path'), join(root, 'inner/new/file'));
  assert.is(await resolveInside(join(work, 'alias'), 'sub/file', 'The path'), join(work, 'alias/sub/file'));
  assert.is(await resolveInside(join(work, 'alias'), 'inner/file', 'The path'), join(work, 'alias/inner/file'));
});

test('refuses links that lead out, nowhere or in a circle', async ({ work, root }) => {
  await symlink('../secret', join(root, 'out'));
  await symlink(work, join(root, 'up'));
  await symlink('../root-two', join(root, 'neighbour'));
  await symlink('../not-there', join(root, 'dangling'));
  await symlink('loop', join(root, 'loop'));
  const cases: [string, string][] = [
    ['out', 'leads out of the directory'],
    ['up', 'leads out of the directory'],
    ['up/secret', 'leads out of the directory'],
    ['up/new/file', 'leads out of the directory'],
    ['neighbour', 'leads out of the directory'],
    ['dangling', 'leads nowhere'],
    ['dangling/x', 'leads nowhere'],
    ['loop', 'ELOOP'],
    ['loop/x', 'ELOOP'],
  ];
  for (const [path, message] of cases) {
    const error = await expectError(resolveInside(root, path, 'The path'), 'ERR_MLFLOW_UNSAFE_PATH', message);
    assert.equal(error.details, { path, what: 'The path' });
  }
});

test('neither the root nor the path need exist', async ({ work }) => {
  assert.is(await resolveInside(join(work, 'no/such'), 'a/b', 'The path'), join(work, 'no/such/a/b'));
  assert.is(await resolveInside(join(work, 'secret'), 'a', 'The path'), join(work, 'secret/a'));
});

test.run();
