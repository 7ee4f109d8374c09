/** A library that was built without guidance has its functions, and ignores what they are told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { findRuntime } from '../../src/binding/runtime-paths.ts';
import { capabilities } from '../../src/index.ts';
import { compile, pair, real } from '../bad-input/libraries.ts';
import { runInChild } from '../helpers/run-in-child.ts';
import { suite } from '../helpers/suite.ts';

const test = suite('a library without guidance');

const PROGRAM = `
import { generateObject } from '../../src/index.ts';
const { features } = await capabilities();
const model = await loadDemoModel();
const responseFormat = { type: 'regex', pattern: 'x' } as const;
const codes: unknown[] = [];
for (const call of [
  () => model.generate(SPAIN, { responseFormat }),
  () => model.createGenerator({ responseFormat }),
  () => generateObject(model, SPAIN, { schema: { type: 'null' } }),
  async () => (await (await model.createEngine()).createRequest()).beginTurn([450], { responseFormat }).result,
]) {
  const error = await call().then(() => null, reason => reason);
  codes.push(error?.code, error?.details?.feature);
}
const { text } = await model.generate(SPAIN, { maxNewTokens: 3 });
console.log(JSON.stringify({ guidance: features.guidance, codes, text }));
await model.dispose();
`;

test('capabilities() says so, and what is asked for is refused instead of ignored', async () => {
  if (process.platform !== 'linux') return;
  const { found } = await findRuntime();
  assert.ok(found !== null);
  const folder = mkdtempSync(join(tmpdir(), 'without-guidance-'));
  try {
    // The rest of it is the true library, which this one brings along.
    const shim = (file: string): void =>
      compile(file, 'extern "C" void* OgaGeneratorParamsSetGuidance() { return nullptr; }', [
        '-Wl,--no-as-needed',
        found.genaiLibrary,
        `-Wl,-rpath,${dirname(found.genaiLibrary)}`,
      ]);
    await pair(folder, shim, file => real('onnxruntime', file));
    const { stdout, stderr, code } = await runInChild(PROGRAM, { env: { ORT_GENAI_HOME: folder } });
    assert.is(code, 0, stderr);
    const refused = ['ERR_GENAI_UNSUPPORTED_BY_LIBRARY', 'guidance'];
    assert.equal(JSON.parse(stdout), {
      guidance: false,
      codes: [...refused, ...refused, ...refused, ...refused],
      text: 'The capital of',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the released library has it', async () => {
  assert.is((await capabilities()).features.guidance, true);
});

test.run();
