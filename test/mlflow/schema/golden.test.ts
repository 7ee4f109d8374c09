/** Inference and enforcement against real MLflow, and the table of the deliberate differences. */
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { inferSignature } from '../../../src/mlflow/format/schema/infer.ts';
import { suite } from '../../helpers/suite.ts';
import {
  type Case,
  expectedOf,
  GOLDEN,
  type Golden,
  type Outcome,
  readCases,
  readDifferences,
  untag,
} from './golden.ts';
import { runCase } from './run-case.ts';

const test = suite('schema: golden');

const LEAST: Readonly<Record<Golden, number>> = { infer: 60, enforce: 100, params: 40 };
const DIFFERENCES = readDifferences();
const LISTED = new Map(DIFFERENCES.flatMap(({ cases }) => Object.entries(cases)));

/** A refusal is a refusal: MLflow's message is another one. */
const verdict = (outcome: Outcome): Outcome => (outcome.ok ? outcome : { ok: false });

for (const golden of GOLDEN) {
  test(`${golden}: as MLflow, or a listed difference`, () => {
    const cases = readCases(golden);
    let accepted = 0;
    for (const [name, given] of cases) {
      const outcome = runCase(golden, given);
      const listed = LISTED.get(`${golden}/${name}`);
      if (listed === undefined) assert.equal(verdict(outcome), expectedOf(given.mlflow), name);
      else assert.equal(outcome, listed, `${name}: not as the table of differences has it`);
      if (outcome.ok) accepted += 1;
    }
    assert.ok(cases.size >= LEAST[golden], `only ${cases.size} cases`);
    const differences = [...LISTED.keys()].filter(key => key.startsWith(`${golden}/`)).length;
    console.log(`figure: ${golden}, ${cases.size} cases, ${accepted} accepted, ${differences} differ from MLflow`);
  });
}

test('infer: a warning exactly where MLflow falls back to any', () => {
  for (const [name, given] of readCases('infer')) {
    if (!given.mlflow.ok || LISTED.has(`infer/${name}`)) continue;
    const warnings: string[] = [];
    const [input, output, params] = [given['input'], given['output'], given['params']].map(untag);
    inferSignature(input, output, params as Record<string, unknown>, { onWarning: text => warnings.push(text) });
    const subjects = warnings.map(text => (text.startsWith('The schema of the input is "any"') ? 'inputs' : 'outputs'));
    assert.equal(subjects, given.mlflow['fallback'], name);
  }
});

test('every listed case exists, once, and differs', () => {
  const keys = DIFFERENCES.flatMap(({ cases }) => Object.keys(cases));
  assert.is(new Set(keys).size, keys.length);
  for (const { id, cases } of DIFFERENCES) {
    assert.ok(Object.keys(cases).length > 0, id);
    for (const [key, outcome] of Object.entries(cases)) {
      const given = caseOf(key);
      assert.not.equal(verdict(outcome), expectedOf(given.mlflow), `${key} does not differ`);
    }
  }
});

function caseOf(key: string): Case {
  const golden = GOLDEN.find(name => key.startsWith(`${name}/`));
  const given = golden && readCases(golden).get(key.slice(golden.length + 1));
  if (given === undefined) throw new Error(`There is no case ${key}`);
  return given;
}

test('docs/mlflow-schema.md has exactly the rows of the table', () => {
  const text = readFileSync(new URL('../../../docs/mlflow-schema.md', import.meta.url), 'utf8');
  const tables = text.slice(text.indexOf('## Deliberate differences'));
  const rows = tables.split('\n').filter(line => line.startsWith('| ') && !/^\| (What|---) \|/.test(line));
  const expected = DIFFERENCES.map(
    ({ value, mlflow, here, reason }) => `| ${value} | ${mlflow} | ${here} | ${reason} |`,
  );
  assert.equal(rows.sort(), expected.sort());
});

test.run();
