/** The golden files of inference and enforcement are what real MLflow does. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { suite } from '../../helpers/suite.ts';
import { GOLDEN } from '../../mlflow/schema/golden.ts';

const test = suite<{ work: string }>('ci/mlflow/schema');

const SCRIPT = fileURLToPath(new URL('../../../scripts/mlflow/make-schema-fixtures.py', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../../fixtures/mlflow/schema/', import.meta.url));

const MLFLOW = process.env['GENAI_MLFLOW'] ?? '';

test.before(async context => {
  assert.ok(MLFLOW !== '', 'run this by scripts/run-uvu.mjs, which installs MLflow');
  context.work = await mkdtemp(join(tmpdir(), 'mlflow-schema-'));
});

test.after(({ work }) => rm(work, { recursive: true }));

test('make-schema-fixtures.py writes the files that are committed', async ({ work }) => {
  await promisify(execFile)(join(MLFLOW, 'python'), ['-B', SCRIPT, work], { cwd: work });
  for (const name of GOLDEN) {
    const [made, committed] = await Promise.all(
      [work, FIXTURES].map(async folder => JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))),
    );
    // Versions of pandas and numpy stand in the files to tell where a difference comes from.
    for (const [key, value] of Object.entries(committed.cases)) assert.equal(made.cases[key], value, `${name}: ${key}`);
    assert.equal(made, committed, name);
  }
});

test.run();
