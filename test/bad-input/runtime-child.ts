/** Runtime cases in a child process, after which the true runtime is loaded there: nothing bad is remembered. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { configureRuntime } from '../../src/index.ts';
import { loadDemoModel, SPAIN } from '../helpers/demo-model.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { outcome, table } from './case.ts';
import { RUNTIME_OPENED, RUNTIME_SEARCH } from './cases-runtime.ts';

const ALL = table(RUNTIME_SEARCH, RUNTIME_OPENED);

/** In the child: prints a line per case, up to the first with a problem, and one when the demo model has answered. */
export async function runRuntimeCases(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'bad-runtime-'));
    const badCase = ALL[name];
    if (badCase === undefined) throw new Error(`no case is named ${name}`);
    const problem = await outcome(badCase, { folder }).then(
      () => null,
      (error: Error) => error.message,
    );
    rmSync(folder, { recursive: true, force: true });
    console.log(JSON.stringify({ name, problem }));
    if (problem !== null) return; // a runtime that should not have been may be loaded now
    configureRuntime({});
  }
  await using model = await loadDemoModel({ intraOpNumThreads: 1 });
  assert.is((await model.generate(SPAIN, { maxNewTokens: 3 })).text, 'The capital of');
  console.log(JSON.stringify({ name: GOES_ON, problem: null }));
}

const GOES_ON = 'the true runtime loads';

type Problems = Map<string, string | null>;

/** In the parent: the problem of each case, null where there is none. */
async function runBatch(names: readonly string[]): Promise<Problems> {
  const problems: Problems = new Map();
  for (let left = names; left.length > 0; left = names.filter(name => !problems.has(name))) {
    await runChild(left, problems);
  }
  return problems;
}

async function runChild(names: readonly string[], problems: Problems): Promise<void> {
  const source = `
    import { runRuntimeCases } from '../../test/bad-input/runtime-child.ts';
    await runRuntimeCases(${JSON.stringify(names)});
  `;
  const { code, signal, stdout, stderr } = await runInChild(source);
  const ran: string[] = [];
  for (const line of stdout.split('\n').filter(text => text.startsWith('{'))) {
    const { name, problem } = JSON.parse(line) as { name: string; problem: string | null };
    problems.set(name, problem);
    ran.push(name);
    if (problem !== null) return;
  }
  const ended = `the process ended with ${signal ?? code}: ${stderr.slice(0, 2000)}`;
  const unfinished = names.find(name => !ran.includes(name));
  if (unfinished !== undefined) problems.set(unfinished, ended);
  else if (!ran.includes(GOES_ON) || code !== 0 || stderr !== '') {
    for (const name of ran) problems.set(name, `afterwards ${ended}`);
  }
}

const batches = new Map<string, Promise<Problems>>();

/** Runs the case, alone or with those that can share its process. */
export async function runRuntimeCase(name: string, wanted: (name: string) => boolean): Promise<void> {
  const alone = Object.hasOwn(RUNTIME_OPENED, name);
  const key = alone ? name : '';
  const batch = batches.get(key) ?? runBatch(alone ? [name] : Object.keys(RUNTIME_SEARCH).filter(wanted));
  batches.set(key, batch);
  const problem = (await batch).get(name);
  assert.is(problem, null, problem ?? `${name} was not reached`);
}
