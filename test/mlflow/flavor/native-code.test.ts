/** A model that brings native code: nothing of it runs unless the caller says so. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type LoadModelOptions, loadModel } from '../../../src/mlflow/flavor/index.ts';
import { DEMO_MODEL } from '../../helpers/demo-model.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { type TemporaryFolder, temporaryFolder } from './folders.ts';
import { writePythonModel } from './python-model.ts';

const test = suite<{ folder: TemporaryFolder }>('native code of a model');

test.before.each(context => {
  context.folder = temporaryFolder();
});
test.after.each(({ folder }) => folder[Symbol.dispose]());

const CONFIG = readFileSync(join(DEMO_MODEL, 'genai_config.json'), 'utf8');
const LIBRARY = '"custom_ops_library": "evil.so"';

/** A model whose genai_config.json has this text at the beginning of its section `model`, and `evil.so` beside it. */
function writeModel(path: string, inModel: string): string {
  writePythonModel(path);
  const folder = join(path, 'artifacts', 'phi3-demo');
  rmSync(join(folder, 'genai_config.json')); // a link to that of the demo model
  writeFileSync(join(folder, 'genai_config.json'), CONFIG.replace('"model": {', `"model": { ${inModel},`));
  writeFileSync(join(folder, 'evil.so'), 'no library');
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub', 'data.bin'), '');
  return path;
}

const options = (text: string): string => `"decoder": { "session_options": { ${text} } }`;
const provider = (name: string, text: string): string => options(`"provider_options": [{ "${name}": { ${text} } }]`);

/** What stands in the configuration, and what the message names. */
const REFUSED: Readonly<Record<string, [config: string, named: string]>> = {
  // A second "decoder" follows: the library takes both together, where JSON.parse would forget the first.
  decoder: [options(LIBRARY), 'evil.so'],
  'an escaped key': [options('"custom_ops_\\u006cibrary": "m"'), 'custom_ops_library'],
  'the same key twice': [options(`${LIBRARY}, "custom_ops_library": "none"`), 'evil.so'],
  'a library that is elsewhere': [options('"custom_ops_library": "libm.so.6"'), 'libm.so.6'],
  'an empty name': [options('"custom_ops_library": ""'), 'custom_ops_library'],
  ...Object.fromEntries(
    ['encoder', 'embedding', 'vision', 'speech', 'joiner', 'vad', 'mtp', 'draft', 'next_year'].map(section => [
      section,
      [`"${section}": { "session_options": { ${LIBRARY} } }`, 'evil.so'],
    ]),
  ),
  'a stage of a pipeline': [
    `"decoder": { "pipeline": [{ "one": {} }, { "two": { "session_options": { ${LIBRARY} } } }] }`,
    'evil.so',
  ],
  'a stage of vision': [`"vision": { "pipeline": [{ "session_options": { ${LIBRARY} } }] }`, 'evil.so'],
  'the backend of QNN beside the model': [provider('QNN', '"backend_path": "evil.so"'), 'backend_path'],
  'the backend of QNN below the model': [provider('QNN', '"backend_path": "./sub/data.bin"'), 'backend_path'],
  'an absolute path': [provider('QNN', '"backend_path": "/tmp/evil.so"'), '/tmp/evil.so'],
  'a path of Windows': [provider('QNN', '"backend_path": "C:evil.dll"'), 'C:evil.dll'],
  'a share of Windows': [provider('QNN', '"backend_path": "\\\\\\\\host\\\\evil.dll"'), 'backend_path'],
  'the library of VitisAI, as it is spelled': [provider('VitisAI', '"external_ep_libray": "e.dll"'), 'e.dll'],
  'a provider that comes as a library': [provider('New', '"ep_library_path": "e"'), 'ep_library_path'],
  'a plugin of TensorRT': [provider('TensorRT', '"trt_extra_plugin_lib_paths": "e"'), 'trt_extra_plugin_lib_paths'],
  'a name without its ending, as Windows completes it': [provider('QNN', '"backend_path": "evil"'), 'backend_path'],
  'a configuration entry': [options('"session.some_file": "sub/data.bin"'), 'session.some_file'],
  'a file that would be written': [options('"enable_profiling": "../../profile"'), 'enable_profiling'],
  'an option of a run': ['"decoder": { "run_options": { "x": "/etc/passwd" } }', '/etc/passwd'],
};

test('every way in is shut', async ({ folder }) => {
  const failures: string[] = [];
  for (const [index, [name, [config, named]]] of Object.entries(REFUSED).entries()) {
    try {
      const path = writeModel(folder.in(String(index)), config);
      writeFileSync(join(path, 'artifacts', 'phi3-demo', 'evil.dll'), 'no library');
      const error = await expectError(loadModel(path), 'ERR_MLFLOW_UNSAFE_PATH', named);
      assert.match(error.message, 'allowCustomOps');
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
});

test('what names no file of the model is none of this', async ({ folder }) => {
  const config = [
    '"intra_op_num_threads": 1, "session.set_denormal_as_zero": "1", "graph_optimization_level": "ORT_ENABLE_BASIC"',
    '"log_id": "evil", "session.disable_prepacking": "0"',
  ].join();
  // Names of tensors have slashes, and a model may call one as a file of its.
  await using model = await loadModel(
    writeModel(folder.in('m'), `${options(config)}, "encoder": { "inputs": { "input_ids": "/model/evil.so" } }`),
  );
  assert.type(await model.predict({ prompt: '<|user|>\nHi<|end|>\n<|assistant|>\n' }), 'string');
});

test('a configuration that is no JSON is refused as ever', async ({ folder }) => {
  const path = writeModel(folder.in('m'), `${options(LIBRARY)}, oops`);
  await expectError(loadModel(path), 'ERR_GENAI_MODEL_INVALID');
  await expectError(loadModel(path, { allowCustomOps: 1 } as object), 'ERR_GENAI_INVALID_ARGUMENT', 'allowCustomOps');
});

/** A library that leaves a file behind when it is loaded; false where no compiler is. */
function compile(target: string, marker: string): boolean {
  const source = `${target}.c`;
  const mark = `fclose(fopen(${JSON.stringify(marker)}, "w"));`;
  writeFileSync(source, `#include <stdio.h>\n__attribute__((constructor)) static void mark(void) { ${mark} }\n`);
  const { status } = spawnSync('cc', ['-shared', '-fPIC', '-o', target, source]);
  rmSync(source);
  return status === 0;
}

test('it runs when the caller allows it, and not before', async ({ folder }) => {
  const path = writeModel(folder.in('m'), options(LIBRARY));
  const library = join(path, 'artifacts', 'phi3-demo', 'evil.so');
  const marker = folder.in('executed');
  const isLibrary = compile(library, marker);
  await expectError(loadModel(path), 'ERR_MLFLOW_UNSAFE_PATH', 'evil.so');
  await expectError(loadModel(path, { allowCustomOps: false }), 'ERR_MLFLOW_UNSAFE_PATH', 'evil.so');
  assert.not.ok(existsSync(marker));
  const allowed: LoadModelOptions = { allowCustomOps: true };
  const error = (await expectRejection(loadModel(path, allowed))) as Error;
  assert.match(error.message, 'evil.so'); // it has no operators, or is no library
  assert.is(existsSync(marker), isLibrary);
});

test.run();
