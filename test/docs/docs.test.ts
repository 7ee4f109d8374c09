/** What the docs repeat from the code is up to date, and the commands that they name run. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../helpers/demo-model.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);

test('README and docs are as npm run docs writes them', async () => {
  const { documents } = (await import(join(ROOT, 'scripts/write-docs.mjs'))) as {
    documents(): Record<string, string>;
  };
  for (const [path, text] of Object.entries(documents())) assert.is(read(path), text, `${path}: npm run docs`);
});

test('every JavaScript block of README and docs is an example', () => {
  for (const [page, least] of [
    ['README.md', 6],
    ['docs/mlflow.md', 3],
    ['docs/engine.md', 1],
  ] as const) {
    const text = read(page);
    const blocks = text.match(/^```js$/gm)?.length ?? 0;
    const examples = text.match(/^<!-- examples\/\S+ -->\n```js$/gm)?.length ?? 0;
    assert.is(blocks, examples, page);
    assert.ok(blocks >= least, page);
  }
});

test('every npx command of the README runs', async () => {
  const commands = read('README.md').match(/^.*npx ort-genai (generate|doctor).*$/gm) ?? [];
  assert.ok(commands.length >= 3, String(commands));
  const cli = `"${process.execPath}" "${join(ROOT, 'dist/cli/main.js')}"`;
  for (const command of commands) {
    const { stdout } = await promisify(execFile)('sh', ['-c', command.replace('npx ort-genai', cli)], { cwd: ROOT });
    assert.ok(stdout.length > 0, command);
  }
});

test('every npm script and every file that the docs name exists', () => {
  for (const page of [
    'README.md',
    'CONTRIBUTING.md',
    'docs/architecture.md',
    'docs/mlflow.md',
    'docs/engine.md',
    'bench/README.md',
  ]) {
    const text = read(page);
    for (const [, script] of text.matchAll(/`npm run ([\w:]+)/g)) {
      assert.ok(scripts.includes(script ?? ''), `${page}: npm run ${script}`);
    }
    for (const [, link] of text.matchAll(/\]\((?!http)([^)#]+)\)/g)) {
      assert.ok(existsSync(join(ROOT, dirname(page), link ?? '')), `${page}: ${link}`);
    }
  }
});

test.run();
