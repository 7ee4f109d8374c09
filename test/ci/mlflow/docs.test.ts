/** The commands of docs/mlflow.md, one after another in an empty folder, with real MLflow. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { DEMO_MODEL, ROOT } from '../../helpers/demo-model.ts';
import { suite } from '../../helpers/suite.ts';
import { type MlflowServer, startMlflowServer } from './server.ts';

const test = suite<{ server: MlflowServer; folder: string }>('docs/mlflow.md');

test.before(async shared => {
  shared.server = await startMlflowServer();
  shared.folder = mkdtempSync(join(tmpdir(), 'docs-mlflow-'));
});
test.after(async ({ server, folder }) => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('every command that is marked runs', async ({ server, folder }) => {
  const page = readFileSync(join(ROOT, 'docs/mlflow.md'), 'utf8');
  const blocks = [...page.matchAll(/<!-- run -->\n```(sh|python)\n([\s\S]*?)```/g)].map(([, language, block = '']) =>
    language === 'sh' ? block : `python - <<'END'\n${block}END\n`,
  );
  assert.is(blocks.length, 3);
  // The package is installed nowhere here: npx is the built command.
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(ROOT, 'dist/cli/main.js')}" "$@"\n`,
  );
  chmodSync(join(bin, 'npx'), 0o755);
  const path = [bin, process.env['GENAI_MLFLOW'], dirname(process.execPath), process.env['PATH']].join(delimiter);
  const env = { ...server.env, PATH: path, CHECKOUT: ROOT, ORT_GENAI_MODEL: DEMO_MODEL };
  const { stdout } = await promisify(execFile)('bash', ['-euc', blocks.join('\n')], {
    cwd: folder,
    env,
    maxBuffer: 16 << 20,
    timeout: 400_000,
  });
  assert.match(stdout, /MLflow model [0-9a-f]{32}\n/);
  assert.match(stdout, /^The capital of Spain is Madrid\./m);
  assert.match(stdout, /"content": "The capital of Spain is Madrid\./); // of mlflow models predict
  assert.match(stdout, /^Hello! How can I help you\?$/m);
});

test.run();
