/**
 * Proves that the tests of `src/mlflow` see every refusal: switches one `if (...) throw` (or `return refuse(...)`, or the like)
 * off at a time, in a copy of the checkout, and runs the unit tests of its area there. A refusal whose absence no test
 * notices is told, and makes the end red.
 *
 *   node scripts/mutate-refusals.mjs [format | tracking | flavor | tracing] [part of a path]
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCopy, mutated, removeCopy } from './lib/mutation-copy.mjs';
import { main, PlainError } from './lib/plain-error.mjs';
import { killGroup, startGroup } from './lib/process-group.mjs';
import { root } from './lib/run.mjs';
import { setup } from './setup.mjs';

const AT_ONCE = 2;
const LIMIT_MS = 120_000;

/** Test folders and files by area. Files are run in this order, and no further once one is red. */
const TESTS = {
  format: ['test/mlflow/format', 'test/mlflow/schema'],
  tracking: ['test/mlflow/tracking'],
  flavor: ['test/mlflow/flavor'],
  tracing: ['test/mlflow/autolog.test.ts', 'test/mlflow/tracing.test.ts'],
};

const REFUSAL = /^(\s*(?:else )?if \()(.*)(\)\s*(?:\{\s*$|(?:return )?(?:throw |refuse\w*\(|fail\(|unusable\()))/;

/** Every line that refuses, and every `if` whose block begins with a refusal. */
function refusalsOf(file) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const match = REFUSAL.exec(line);
    if (match === null) return [];
    const opensBlock = line.trimEnd().endsWith('{');
    const next = lines[index + 1]?.trim() ?? '';
    if (opensBlock && !/^(?:return )?(?:throw |refuse\w*\(|fail\()/.test(next)) return [];
    const find = `${lines.slice(0, index).join('\n')}${index === 0 ? '' : '\n'}${line}`;
    const [, before, condition] = match;
    const replace = `${find.slice(0, find.length - line.length)}${before}false && (${condition})${line.slice(before.length + condition.length)}`;
    return [{ id: `${file}:${index + 1}`, text: line.trim(), file, find, replace }];
  });
}

function testFiles(area) {
  return TESTS[area].flatMap(path =>
    path.endsWith('.ts')
      ? [path]
      : readdirSync(join(root, path))
          .filter(name => name.endsWith('.test.ts'))
          .map(name => `${path}/${name}`),
  );
}

const running = new Set();

function isRed(copy, file) {
  return new Promise(resolve => {
    const { child } = startGroup(['--expose-gc', '--import', 'tsx', file], { cwd: copy, env: process.env });
    running.add(child);
    const timer = setTimeout(() => killGroup(child), LIMIT_MS);
    child.on('close', code => {
      clearTimeout(timer);
      running.delete(child);
      resolve(code !== 0);
    });
  });
}

async function firstRed(copy, files) {
  for (const file of files) if (await isRed(copy, file)) return file;
  return undefined;
}

const copies = [];

await main(async () => {
  const [area, part = ''] = process.argv.slice(2);
  if (area !== undefined && TESTS[area] === undefined)
    throw new PlainError(`areas are ${Object.keys(TESTS).join(', ')}`);
  process.once('exit', () => {
    for (const child of running) killGroup(child);
    for (const copy of copies) removeCopy(copy);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  await setup(line => console.log(line));
  for (let i = 0; i < AT_ONCE; i++) copies.push(makeCopy());

  const survivors = [];
  let count = 0;
  for (const name of area === undefined ? Object.keys(TESTS) : [area]) {
    const files = testFiles(name);
    const red = await firstRed(copies[0], files);
    if (red !== undefined) throw new PlainError(`${red} is red without a mutation`);
    const queue = readdirSync(join(root, 'src/mlflow', name), { recursive: true })
      .map(path => `src/mlflow/${name}/${path}`)
      .filter(path => path.endsWith('.ts') && path.includes(part))
      .sort()
      .flatMap(refusalsOf);
    count += queue.length;
    const worker = async copy => {
      for (let refusal = queue.shift(); refusal !== undefined; refusal = queue.shift()) {
        const seenBy = await mutated(copy, refusal, () => firstRed(copy, files));
        console.log(`${seenBy === undefined ? 'NOT SEEN' : 'red     '} ${refusal.id}: ${refusal.text}`);
        if (seenBy === undefined) survivors.push(refusal);
      }
    };
    await Promise.all(copies.map(worker));
  }
  console.log(`${count} refusals, ${survivors.length} of them not seen by a unit test`);
  if (survivors.length > 0) process.exitCode = 1;
});
