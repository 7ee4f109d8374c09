/** What `validate` says of model directories. `test/ci/mlflow/format.test.ts` asks real MLflow about the same ones. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Problem, validateModelDirectory } from '../../../src/mlflow/format/validate.ts';
import { suite } from '../../helpers/suite.ts';
import { CASES, writeDirectory } from './model-directories.ts';

const test = suite<{ work: string }>('mlflow/format/validate');

test.before(async context => {
  context.work = await mkdtemp(join(tmpdir(), 'validate-'));
});

test.after(({ work }) => rm(work, { recursive: true }));

for (const [index, directory] of CASES.entries()) {
  test(directory.name, async ({ work }) => {
    const path = join(work, String(index));
    await writeDirectory(path, directory);
    const problems = await validateModelDirectory(path);
    const shown = problems.map(({ severity, path: field, message }) => `${severity} ${field}: ${message}`).join('\n');
    assert.is(problems.length, directory.problems.length, shown);
    for (const expected of directory.problems)
      assert.ok(
        problems.some(problem => fits(problem, expected)),
        shown,
      );
    assert.is(directory.ours === undefined || problems.some(({ severity }) => severity === 'error'), true, shown);
  });
}

function fits(problem: Problem, [severity, path, text]: readonly [string, string, string]): boolean {
  return problem.severity === severity && problem.path === path && problem.message.includes(text);
}

test('a directory that does not exist', async ({ work }) => {
  const [problem, ...others] = await validateModelDirectory(join(work, 'nowhere'));
  assert.equal([problem?.severity, problem?.path, others.length], ['error', 'MLmodel', 0]);
});

test('errors come first', async ({ work }) => {
  const path = join(work, 'many');
  await writeDirectory(path, {
    name: 'many',
    change: ({ model, pyfunc }) => {
      delete model['signature'];
      Object.assign(pyfunc, { data: 'nowhere', env: null });
    },
    problems: [],
    loads: false,
  });
  const severities = (await validateModelDirectory(path)).map(({ severity }) => severity);
  assert.equal(severities, ['error', 'warning', 'warning']);
});

test.run();
