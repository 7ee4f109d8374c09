import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import * as genai from '../../src/index.ts';
import { ROOT } from '../helpers/demo-model.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('import');

/** The native files of this package that are mapped into the process. */
const LOADED = `
  const loaded = () => (process.report.getReport() as unknown as { sharedObjects: string[] }).sharedObjects
    .map(file => file.split(/[\\\\/]/).at(-1) ?? '')
    .filter(file => /onnxruntime/.test(file))
    .map(file => file.replace(/\\.so.*|\\.dylib|\\.dll/, ''))
    .sort();
`;

test('importing the package loads nothing native, the first use does', async () => {
  const { code, stdout } = await runInChild(`${LOADED}
    await import('../../src/phi3/index.ts');
    configureRuntime({});
    console.log(JSON.stringify(loaded()));
    await Model.load('nowhere').catch(() => {});
    console.log(JSON.stringify(loaded()));
    await capabilities();
    console.log(JSON.stringify(loaded()));
    try { configureRuntime({}); } catch (error) { console.log((error as GenAIError).code); }
  `);
  assert.is(code, 0);
  const lines = stdout.trim().split('\n');
  assert.equal(lines.slice(0, 2), ['[]', '[]']);
  const after = JSON.parse(lines[2] ?? '[]') as string[];
  assert.ok(
    after.some(file => file.endsWith('.node')),
    lines[2],
  );
  for (const library of ['libonnxruntime', 'libonnxruntime-genai']) {
    assert.ok(
      after.some(file => file.replace(/^(?!lib)/, 'lib') === library),
      `${library}: ${lines[2]}`,
    );
  }
  assert.is(lines[3], 'ERR_GENAI_RUNTIME_LOADED');
});

test('a CommonJS program can require the built package', () => {
  assert.ok(existsSync(join(ROOT, 'dist/index.js')), 'dist is not built: npm run build:ts');
  const program = `
    const genai = require('./dist/index.js');
    const { Phi3Model } = require('./dist/phi3/index.js');
    genai.Model.load('models/phi3-demo').then(model => model.tokenizer.encode('a')).then(tokens => {
      console.log(typeof Phi3Model, Object.keys(genai).sort().join(), tokens.length > 0);
    });
  `;
  const flags = ['--no-warnings', '--input-type=commonjs', '--eval', program];
  const { status, stdout, stderr } = spawnSync(process.execPath, flags, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 30_000,
  });
  const names = Object.keys(genai).sort().join();
  assert.equal([status, stderr, stdout], [0, '', `function ${names} true\n`]);
});

test.run();
