import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demoModel, runCli } from './run-cli.ts';

const test = suite('ort-genai doctor');

let empty: string;
test.before(() => {
  empty = mkdtempSync(join(tmpdir(), 'ort-genai-doctor-'));
});
test.after(() => rmSync(empty, { recursive: true, force: true }));

test('all is fine: what is there, and exit code 0', async () => {
  const { code, stdout, stderr } = await runCli(['doctor']);
  assert.is(stderr, '');
  assert.match(stdout, new RegExp(`^Node {7}${process.version} on ${process.platform}-${process.arch}$`, 'm'));
  assert.match(stdout, /^addon {6}loaded$/m);
  assert.match(stdout, /^runtime {4}loaded: onnxruntime-genai 0\.\d+(\.\d+)?, ONNX Runtime 1\.\d+\.\d+$/m);
  assert.match(stdout, /^ {11}- \w+: .*: taken$/m);
  assert.match(stdout, /^features {3}.*engine/m);
  assert.match(stdout, /^model {6}.*phi3-demo: phi3 on CPU, loaded in \d+ ms$/m);
  assert.match(stdout, /\n\nAll is fine\.\n$/);
  assert.is(code, 0);
});

test('no runtime: where it was looked for, what to do, and exit code 1', async () => {
  const { code, stdout, stderr } = await runCli(['doctor'], { env: { ORT_GENAI_HOME: empty } });
  assert.is(stderr, '');
  assert.match(
    stdout,
    /^runtime {4}No ONNX Runtime GenAI libraries that can be used on \S+ were found\.\n {11}- ORT_GENAI_HOME/m,
  );
  assert.match(stdout, new RegExp(`^ {11}- ORT_GENAI_HOME: ${empty}: it has no `, 'm'));
  assert.match(stdout, /^model {6}not tried$/m);
  assert.match(
    stdout,
    /\n\nSomething is wrong\.\nWhat to do:\n- Unset ORT_GENAI_HOME, or set it to a folder [^\n]*\n$/,
  );
  assert.is(code, 1);
});

test('a model that does not load: why, and exit code 1', async () => {
  const { code, stdout } = await runCli(['doctor', '--model', empty]);
  assert.match(stdout, /^model {6}The model folder has no readable genai_config\.json/m);
  assert.match(stdout, /Something is wrong\.\nWhat to do:\n- Give a folder that onnxruntime-genai can load/);
  assert.is(code, 1);
});

test('--json says the same', async () => {
  const good = await runCli(['doctor', '--json']);
  const { ok, model, runtime, advice } = JSON.parse(good.stdout);
  assert.equal({ ok, advice, code: good.code }, { ok: true, advice: [], code: 0 });
  assert.equal([model.directory, model.type, model.problem], [demoModel, 'phi3', null]);
  assert.is(runtime.features.engine, true);
  assert.ok(runtime.tried.some((place: { problem: string | null }) => place.problem === null));

  const bad = await runCli(['doctor', '--json'], { env: { ORT_GENAI_HOME: empty } });
  const report = JSON.parse(bad.stdout);
  assert.equal([report.ok, report.model, report.runtime.features, bad.code], [false, null, null, 1]);
  assert.is(report.runtime.tried[0].directory, empty);
  assert.is(report.advice.length, 1);
});

test.run();
