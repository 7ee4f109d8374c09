/**
 * Everything wrong that a caller can do, in tables: what it is refused with, and that the process goes on. Each case is
 * a test. `scripts/mutate.mjs` proves that each of them can fail.
 */
import * as assert from 'uvu/assert';
import { SEARCH_BOOLEANS, SEARCH_NUMBERS } from '../../src/core/search-options.ts';
import { suite } from '../helpers/suite.ts';
import { BUSY_AND_ABORT } from './cases-busy.ts';
import { CONFIG } from './cases-config.ts';
import { DISPOSE } from './cases-dispose.ts';
import { FOLDER } from './cases-folder.ts';
import { GENERATOR } from './cases-generator.ts';
import { GUIDANCE } from './cases-guidance.ts';
import { INPUT } from './cases-input.ts';
import { LOAD } from './cases-load.ts';
import { MEDIA } from './cases-media.ts';
import { OBJECTS } from './cases-object.ts';
import { OPTIONS } from './cases-options.ts';
import { PHI3 } from './cases-phi3.ts';
import { RUNTIME_OPENED, RUNTIME_SEARCH } from './cases-runtime.ts';
import { SEARCH, SEARCH_OPTION_NAMES } from './cases-search.ts';
import { SPECULATION } from './cases-speculation.ts';
import { TENSOR } from './cases-tensor.ts';
import { TOKENIZER } from './cases-tokenizer.ts';
import { isWanted, report, reporting } from './report.ts';
import { closeShared, Harm, openShared, runCase, type Shared } from './run-case.ts';
import { runRuntimeCase } from './runtime-child.ts';

const TABLES = {
  input: INPUT,
  tokenizer: TOKENIZER,
  search: SEARCH,
  options: OPTIONS,
  guidance: GUIDANCE,
  object: OBJECTS,
  speculation: SPECULATION,
  generator: GENERATOR,
  busy: BUSY_AND_ABORT,
  dispose: DISPOSE,
  phi3: PHI3,
  load: LOAD,
  config: CONFIG,
  folder: FOLDER,
  tensor: TENSOR,
  media: MEDIA,
};

const test = suite<Shared>('bad input');

test.before(async context => {
  Object.assign(context, await openShared());
});
test.after(closeShared);

function add(table: string, name: string, run: (shared: Shared) => unknown): void {
  if (!isWanted(table, name)) return;
  const id = `${table}: ${name}`;
  report({ listed: id });
  test(id, async shared => {
    report({ began: id });
    try {
      await run(shared);
    } catch (error) {
      report({ failed: id, message: (error as Error).message });
      // What comes after it would be red for its sake.
      if (reporting && error instanceof Harm) process.exit(1);
      throw error;
    }
    report({ passed: id });
  });
}

for (const [table, cases] of Object.entries(TABLES)) {
  for (const [name, badCase] of Object.entries(cases)) {
    add(table, name, shared => runCase(shared, badCase));
  }
}

const IN_CHILDREN = { runtime: RUNTIME_SEARCH, 'runtime opened': RUNTIME_OPENED };

for (const [table, cases] of Object.entries(process.platform === 'linux' ? IN_CHILDREN : {})) {
  for (const name of Object.keys(cases)) {
    add(table, name, () => runRuntimeCase(name, other => isWanted(table, other)));
  }
}

test('every search option has its cases', () => {
  const names = [...Object.keys(SEARCH_NUMBERS), ...Object.keys(SEARCH_BOOLEANS)];
  assert.equal([...SEARCH_OPTION_NAMES].sort(), names.sort());
});

test.run();
