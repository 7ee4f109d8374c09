import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { DEMO_MODEL, ROOT, SPAIN } from '../helpers/demo-model.ts';
import { suite } from '../helpers/suite.ts';
import { installOnnxruntimeNode } from './onnxruntime-node.ts';
import { type Finished, tryRun } from './run.ts';
import { TINY_MODEL } from './tiny-model.ts';

const test = suite<{ neighbour: string }>('onnxruntime-node in the same process');

test.before(async context => {
  context.neighbour = await installOnnxruntimeNode();
});

/** Both packages as a program uses them: each has a session, they work at the same time, one is left undisposed. */
function runBoth(neighbour: string, order: readonly ('ours' | 'theirs')[]): Promise<Finished> {
  const program = `
    import { createRequire } from 'node:module';
    import { pathToFileURL } from 'node:url';
    const open = {
      async ours() {
        const { Model } = await import(pathToFileURL(${JSON.stringify(join(ROOT, 'dist', 'index.js'))}));
        const model = await Model.load(${JSON.stringify(DEMO_MODEL)});
        return async () => (await model.generate(${JSON.stringify(SPAIN)})).text.includes('Madrid');
      },
      async theirs() {
        const { InferenceSession, Tensor } = createRequire(${JSON.stringify(join(neighbour, 'x.js'))})('onnxruntime-node');
        const session = await InferenceSession.create(Uint8Array.of(${TINY_MODEL.join()}));
        return async () => {
          const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3), [3]) });
          return String(y.data) === '2,4,6';
        };
      },
    };
    const uses = [];
    for (const name of ${JSON.stringify(order)}) {
      uses.push(await open[name]().catch(error => async () => error.code));
    }
    console.log((await Promise.all(uses.map(use => use()))).join());
    for (const use of uses) console.log(await use());
  `;
  const flags = ['--no-warnings', '--input-type=module', '--eval', program];
  return tryRun(process.execPath, flags, { cwd: ROOT, env: process.env });
}

for (const order of [
  ['theirs', 'ours'],
  ['ours', 'theirs'],
] as const) {
  test(`imported ${order[0] === 'ours' ? 'after' : 'before'} ours: both work`, async ({ neighbour }) => {
    const result = await runBoth(neighbour, order);
    assert.equal(result, { code: 0, stdout: 'true,true\ntrue\ntrue\n', stderr: '' });
  });
}

test.run();
