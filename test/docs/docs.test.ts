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

const { documents, pagesWithExamples } = (await import(join(ROOT, 'scripts/write-docs.mjs'))) as {
  documents(): Record<string, string>;
  pagesWithExamples(): string[];
};

test('README and docs are as npm run docs writes them', () => {
  for (const [path, text] of Object.entries(documents())) assert.is(read(path), text, `${path}: npm run docs`);
});

test('every JavaScript block of README and docs is an example', () => {
  const pages = pagesWithExamples();
  assert.ok(
    ['README.md', 'docs/chat.md', 'docs/mlflow.md', 'docs/structured-output.md'].every(page => pages.includes(page)),
    String(pages),
  );
  for (const page of pages) {
    const text = read(page);
    const blocks = text.match(/^```js$/gm)?.length ?? 0;
    const examples = text.match(/^<!-- examples\/\S+ -->\n```js$/gm)?.length ?? 0;
    assert.is(blocks, examples, page);
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
  const others = ['CONTRIBUTING.md', 'docs/architecture.md', 'bench/README.md'];
  for (const page of [...pagesWithExamples(), ...others]) {
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
