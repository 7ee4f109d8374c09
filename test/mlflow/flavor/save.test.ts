import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { preparePackage } from '../../../src/mlflow/flavor/package.ts';
import { type SaveModelOptions, saveModel } from '../../../src/mlflow/flavor/save-model.ts';
import { writePackage } from '../../../src/mlflow/flavor/write-package.ts';
import { parseMLmodel, readMLmodel, signatureOf } from '../../../src/mlflow/format/mlmodel.ts';
import { inferSignature } from '../../../src/mlflow/format/schema/infer.ts';
import { ModelSignature } from '../../../src/mlflow/format/schema/signature.ts';
import { Phi3Model } from '../../../src/phi3/index.ts';
import { DEMO_MODEL, ROOT } from '../../helpers/demo-model.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { filesBelow, type TemporaryFolder, temporaryFolder, writeDummyModel, writeFiles } from './folders.ts';

const test = suite<{ folder: TemporaryFolder; model: string }>('saveModel');

test.before.each(context => {
  context.folder = temporaryFolder();
  context.model = writeDummyModel(context.folder.in('cpu-int4'));
});
test.after.each(context => context.folder[Symbol.dispose]());

const LOADER = readFileSync(join(ROOT, 'src/mlflow/flavor/loader.py'), 'utf8');
const MODULE = `ort_genai_node_${createHash('sha256').update(LOADER).digest('hex').slice(0, 12)}`;

const text = (...path: string[]): string => readFileSync(join(...path), 'utf8');

test('a directory as Python writes it, and what Node needs', async ({ folder, model }) => {
  const saved = await saveModel({ path: folder.in('m'), modelDir: model });
  const { path } = saved;
  assert.is(path, folder.in('m'));
  assert.equal(filesBelow(path), [
    'MLmodel',
    'artifacts/cpu-int4/genai_config.json',
    'artifacts/cpu-int4/model.onnx',
    `code/${MODULE}.py`,
    'conda.yaml',
    'input_example.json',
    'onnxruntime_genai_files.json',
    'python_env.yaml',
    'requirements.txt',
    'serving_input_example.json',
  ]);
  assert.is(text(path, 'code', `${MODULE}.py`), LOADER);
  assert.is(text(path, 'requirements.txt'), 'mlflow==3.17.2\nonnxruntime-genai==0.18.0');
  assert.match(text(path, 'python_env.yaml'), 'python: 3.11.7\n');
  assert.match(text(path, 'conda.yaml'), '  - onnxruntime-genai==0.18.0\nname: mlflow-env\n');
  assert.equal(saved.mlmodel, await readMLmodel(path));
  assert.equal(readdirSync(folder.path).sort(), ['cpu-int4', 'm']);
});

test('the MLmodel file: two flavors and the fields of Python', async ({ folder, model }) => {
  const before = Date.now();
  await saveModel({ path: folder.in('m'), modelDir: model });
  const { flavors, signature, model_uuid, utc_time_created, model_size_bytes, ...rest } = await readMLmodel(
    folder.in('m'),
  );
  const version = JSON.parse(text(ROOT, 'package.json')).version;
  assert.equal(flavors, {
    onnxruntime_genai: {
      artifact: 'phi3-mini-onnx',
      artifacts: { 'phi3-mini-onnx': { path: 'artifacts/cpu-int4', uri: model } },
      files: 'onnxruntime_genai_files.json',
      model_type: 'phi3',
      node: {
        dependencies: { 'onnxruntime-genai-node': version },
        entry_point: 'onnxruntime-genai-node/mlflow',
        export: 'loadModel',
        package: 'onnxruntime-genai-node',
        version,
      },
      onnxruntime_genai_version: '0.18.0',
      task: 'prompt',
    },
    python_function: {
      code: 'code',
      env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
      loader_module: MODULE,
      python_version: '3.11.7',
      streamable: true,
    },
  });
  assert.equal(rest, {
    is_signature_from_type_hint: false,
    mlflow_version: '3.17.2',
    model_id: null,
    prompts: null,
    saved_input_example_info: {
      artifact_path: 'input_example.json',
      serving_input_path: 'serving_input_example.json',
      type: 'json_object',
    },
    type_hint_from_example: false,
  });
  assert.equal(signature, {
    inputs: '[{"type": "string", "name": "prompt", "required": true}]',
    outputs: '[{"type": "string", "required": true}]',
    params: null,
  });
  assert.match(String(model_uuid), /^[0-9a-f]{32}$/);
  assert.match(String(utc_time_created), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
  const created = Date.parse(`${String(utc_time_created).replace(' ', 'T').slice(0, 23)}Z`);
  assert.ok(created >= before && created <= Date.now());
  // As Python counts: artifacts and examples, not code and environments.
  const counted = filesBelow(folder.in('m')).filter(path => /^artifacts|example/.test(path));
  assert.is(
    model_size_bytes,
    counted.reduce((total, path) => total + statSync(folder.in('m', path)).size, 0),
  );
});

test("the seed's signatures and examples, letter by letter", async ({ folder, model }) => {
  const prompt = await saveModel({ path: folder.in('p'), modelDir: model });
  assert.is(
    String(prompt.signature),
    "inputs: \n  ['prompt': string (required)]\noutputs: \n  [string (required)]\nparams: \n  None\n",
  );
  assert.is(
    text(prompt.path, 'input_example.json'),
    '{"prompt": "<|system|>You are a stand-up comedian.<|end|><|user|>Tell me a joke about atom<|end|><|assistant|>"}',
  );
  const chat = await saveModel({ path: folder.in('c'), modelDir: model, task: 'llm/v1/chat' });
  assert.is(
    String(chat.signature),
    "inputs: \n  ['messages': Array({content: string (required), name: string (optional), role: string (required)}) (required), 'temperature': double (optional), 'max_tokens': long (optional), 'stop': Array(string) (optional), 'n': long (optional), 'stream': boolean (optional)]\n" +
      "outputs: \n  ['id': string (required), 'object': string (required), 'created': long (required), 'model': string (required), 'choices': Array({finish_reason: string (required), index: long (required), message: {content: string (required), name: string (optional), role: string (required)} (required)}) (required), 'usage': {completion_tokens: long (required), prompt_tokens: long (required), total_tokens: long (required)} (required)]\n" +
      'params: \n  None\n',
  );
  assert.is(
    text(chat.path, 'input_example.json'),
    '{"messages": [{"role": "user", "content": "What is the capital of Spain?"}]}',
  );
  assert.equal(chat.mlmodel.metadata, { task: 'llm/v1/chat' });
  assert.is(chat.mlmodel.flavors['onnxruntime_genai']?.['task'], 'llm/v1/chat');
  const wide = await saveModel({ path: folder.in('w'), modelDir: model, task: 'llm/v1/chat', chatSignature: '3.x' });
  assert.match(String(wide.signature), "'custom_inputs': Map(str -> Any) (optional)]");
});

test('what is given goes in', async ({ folder, model }) => {
  const { path, signature } = await saveModel({
    path: folder.in('deep', 'er', 'm'),
    modelDir: model,
    inputExample: { prompt: 'Hi' },
    inputExampleParams: { max_length: 50, stop: ['\n'], top_p: 1 },
    metadata: { owner: 'me', tags: ['a'] },
    modelConfig: { max_length: 100, temperature: 0.5, do_sample: true },
    extraPipRequirements: ['torch'],
    pythonVersion: '3.12.1',
    nodeDependencies: { 'onnxruntime-genai-node': '^1.0.0', left: '1' },
  });
  const read = await readMLmodel(path);
  assert.equal(read.metadata, { owner: 'me', tags: ['a'] });
  const config = { do_sample: true, max_length: 100, temperature: 0.5 };
  assert.equal(read.flavors['python_function']?.['config'], config);
  assert.equal(read.flavors['onnxruntime_genai']?.['model_config'], config);
  const node = read.flavors['onnxruntime_genai']?.['node'] as Record<string, unknown>;
  assert.equal(node['dependencies'], { 'onnxruntime-genai-node': '^1.0.0', left: '1' });
  assert.is(text(path, 'requirements.txt'), 'mlflow==3.17.2\nonnxruntime-genai==0.18.0\ntorch');
  assert.match(text(path, 'python_env.yaml'), 'python: 3.12.1\n');
  assert.is(
    signature.toDict().params,
    '[{"name": "max_length", "default": 50, "shape": null, "type": "long"}, {"name": "stop", "default": ["\\n"], "shape": [-1], "type": "string"}, {"name": "top_p", "default": 1.0, "shape": null, "type": "double"}]',
  );
  assert.equal(JSON.parse(text(path, 'input_example.json')), {
    inputs: { prompt: 'Hi' },
    params: { max_length: 50, stop: ['\n'], top_p: 1 },
  });
  assert.equal(signatureOf(read)?.toDict(), signature.toDict());
});

test('requirements in place of the default, no example, the package of a CUDA model', async ({ folder, model }) => {
  await saveModel({ path: folder.in('a'), modelDir: model, pipRequirements: ['mlflow', 'x==1'], inputExample: null });
  assert.is(text(folder.in('a'), 'requirements.txt'), 'mlflow\nx==1');
  const mlmodel = await readMLmodel(folder.in('a'));
  assert.not.ok('saved_input_example_info' in mlmodel);
  assert.not.ok(filesBelow(folder.in('a')).some(path => path.includes('example')));
  const config = JSON.parse(text(model, 'genai_config.json'));
  config.model.decoder.session_options.provider_options = [{ cuda: {} }];
  writeFiles(model, { 'genai_config.json': JSON.stringify(config) });
  await saveModel({ path: folder.in('b'), modelDir: model });
  assert.match(text(folder.in('b'), 'requirements.txt'), /onnxruntime-genai-cuda==0\.18\.0$/);
});

test('a loaded Phi3Model brings its folder and its configuration', async ({ folder }) => {
  await using phi3 = new Phi3Model();
  await phi3.loadContext({ artifacts: { 'phi3-mini-onnx': DEMO_MODEL }, modelConfig: { max_length: 40, top_k: 3 } });
  const { mlmodel } = await saveModel({ path: folder.in('m'), phi3Model: phi3, modelConfig: { top_k: 4 } });
  assert.equal(mlmodel.flavors['python_function']?.['config'], { max_length: 40, top_k: 4 });
  assert.ok(filesBelow(folder.in('m')).includes('artifacts/phi3-demo/model.onnx.data'));
  await expectError(
    saveModel({ path: folder.in('n'), phi3Model: new Phi3Model() }),
    'ERR_GENAI_INVALID_ARGUMENT',
    'loaded',
  );
});

test('artifacts lie where Python puts them', async ({ folder, model }) => {
  writeFiles(folder.path, { 'one/adapter/a.txt': '1', 'two/Adapter/a.txt': '2', 'notes.txt': 'n' });
  const artifacts = {
    'phi3-mini-onnx': model,
    a: folder.in('one', 'adapter'),
    b: folder.in('two', 'Adapter'),
    c: `${folder.in('one')}/./adapter/`,
    notes: folder.in('notes.txt'),
  };
  await saveModel({ path: folder.in('m'), artifacts });
  const read = (await readMLmodel(folder.in('m'))).flavors['onnxruntime_genai']?.['artifacts'] as Record<
    string,
    { path: string }
  >;
  assert.equal(Object.fromEntries(Object.entries(read).map(([key, { path }]) => [key, path])), {
    'phi3-mini-onnx': 'artifacts/cpu-int4',
    a: 'artifacts/0/adapter',
    b: 'artifacts/1/Adapter',
    c: 'artifacts/0/adapter',
    notes: 'artifacts/notes.txt',
  });
  assert.is(text(folder.in('m'), 'artifacts/0/adapter/a.txt'), '1');
  assert.is(text(folder.in('m'), 'artifacts/1/Adapter/a.txt'), '2');
});

test('sizes and hashes of artifacts and loader are recorded', async ({ folder, model }) => {
  const large = Buffer.alloc(5 * 2 ** 20 + 17, 'x');
  large.writeUInt32LE(7, 3 * 2 ** 20);
  writeFiles(model, { 'model.onnx.data': large, 'empty.txt': '', 'sub/deep/x.txt': 'x' });
  mkdirSync(join(model, 'hollow'));
  await saveModel({ path: folder.in('m'), modelDir: model });
  const { files } = JSON.parse(text(folder.in('m'), 'onnxruntime_genai_files.json')) as {
    files: { path: string; size: number; sha256: string }[];
  };
  assert.equal(
    files.map(({ path }) => path),
    filesBelow(folder.in('m')).filter(path => /^(artifacts|code)\//.test(path)),
  );
  for (const { path, size, sha256 } of files) {
    const bytes = readFileSync(folder.in('m', path));
    assert.is(bytes.length, size, path);
    assert.is(createHash('sha256').update(bytes).digest('hex'), sha256, path);
  }
  assert.equal(readFileSync(folder.in('m', 'artifacts/cpu-int4/model.onnx.data')), large);
  assert.ok(statSync(folder.in('m', 'artifacts/cpu-int4/hollow')).isDirectory());
});

test('links to files are followed, as in a Hugging Face cache; links to folders are not', async ({ folder, model }) => {
  renameSync(join(model, 'model.onnx'), folder.in('blob'));
  symlinkSync('../blob', join(model, 'model.onnx'));
  await saveModel({ path: folder.in('m'), modelDir: model });
  assert.ok(
    !readdirSync(folder.in('m', 'artifacts', 'cpu-int4'), { withFileTypes: true }).some(entry =>
      entry.isSymbolicLink(),
    ),
  );
  assert.is(text(folder.in('m'), 'artifacts/cpu-int4/model.onnx'), 'not really');
  symlinkSync(model, folder.in('linked'));
  await saveModel({ path: folder.in('n'), modelDir: folder.in('linked') });
  assert.ok(filesBelow(folder.in('n')).includes('artifacts/linked/model.onnx'));
  symlinkSync('..', join(model, 'up'));
  await expectError(saveModel({ path: folder.in('o'), modelDir: model }), 'ERR_MLFLOW_UNSAFE_PATH', 'up');
  assert.not.ok(readdirSync(folder.path).some(name => name.includes('.o.') || name === 'o'));
});

test('what is no file is refused', async ({ folder, model }) => {
  symlinkSync('nowhere', join(model, 'broken'));
  await expectError(saveModel({ path: folder.in('m'), modelDir: model }), 'ERR_MLFLOW_TRANSFER', 'broken');
  renameSync(join(model, 'broken'), folder.in('broken'));
  const server = createServer();
  await new Promise<void>(resolve => server.listen(join(model, 'sock'), resolve));
  await expectError(saveModel({ path: folder.in('m'), modelDir: model }), 'ERR_MLFLOW_TRANSFER', 'a socket');
  await new Promise(resolve => server.close(resolve));
  symlinkSync('/dev/zero', join(model, 'zero'));
  await expectError(saveModel({ path: folder.in('m'), modelDir: model }), 'ERR_MLFLOW_TRANSFER', 'a device');
});

test('hard links share the files', async ({ folder, model }) => {
  await saveModel({ path: folder.in('m'), modelDir: model, link: 'hard' });
  const inode = (path: string): number => statSync(path).ino;
  assert.is(inode(folder.in('m', 'artifacts/cpu-int4/model.onnx')), inode(join(model, 'model.onnx')));
  await saveModel({ path: folder.in('n'), modelDir: model });
  assert.is.not(inode(folder.in('n', 'artifacts/cpu-int4/model.onnx')), inode(join(model, 'model.onnx')));
});

test('a file that changes while it is copied is noticed', async ({ folder, model }) => {
  writeFiles(model, { 'model.onnx.data': Buffer.alloc(8 * 2 ** 20) });
  const change = (name: string, size: number): SaveModelOptions['onProgress'] => {
    let done = false;
    return ({ file }) => {
      if (done || !file.endsWith('.data')) return;
      done = true;
      writeFiles(model, { [name]: Buffer.alloc(size, 1) });
    };
  };
  for (const size of [8 * 2 ** 20, 100, 9 * 2 ** 20]) {
    const path = folder.in(`m${size}`);
    await expectError(
      saveModel({ path, modelDir: model, onProgress: change('model.onnx.data', size) }),
      'ERR_MLFLOW_TRANSFER',
      'changed',
    );
    writeFiles(model, { 'model.onnx.data': Buffer.alloc(8 * 2 ** 20) });
  }
  assert.equal(readdirSync(folder.path), ['cpu-int4']);
});

test('progress by the bytes, an abort leaves nothing', async ({ folder, model }) => {
  writeFiles(model, { 'model.onnx.data': Buffer.alloc(6 * 2 ** 20) });
  const seen: { file: string; bytes: number; totalBytes: number }[] = [];
  await saveModel({ path: folder.in('m'), modelDir: model, onProgress: progress => seen.push(progress) });
  const total = ['genai_config.json', 'model.onnx', 'model.onnx.data'].reduce(
    (sum, name) => sum + statSync(join(model, name)).size,
    0,
  );
  assert.ok(seen.length >= 5);
  assert.ok(seen.every(({ totalBytes, bytes }, i) => totalBytes === total && bytes > (seen[i - 1]?.bytes ?? 0)));
  assert.is(seen.at(-1)?.bytes, total);
  assert.is(seen.at(-1)?.file, 'artifacts/cpu-int4/model.onnx.data');

  const controller = new AbortController();
  const reason = new Error('enough');
  let reached = 0;
  const onProgress: SaveModelOptions['onProgress'] = ({ bytes }) => {
    reached = bytes;
    if (bytes > 3 * 2 ** 20) controller.abort(reason);
  };
  const saving = saveModel({ path: folder.in('n'), modelDir: model, signal: controller.signal, onProgress });
  assert.is(await expectRejection(saving), reason);
  assert.ok(reached < 5 * 2 ** 20, `went on to ${reached} bytes`);
  assert.equal(readdirSync(folder.path).sort(), ['cpu-int4', 'm']);
  const aborted = AbortSignal.abort(reason);
  assert.is(await expectRejection(saveModel({ path: folder.in('n'), modelDir: model, signal: aborted })), reason);
  await turn();
});

test('what is there already stays; of two writers one wins', async ({ folder, model }) => {
  writeFiles(folder.in('there'), { mine: 'x' });
  await expectError(saveModel({ path: folder.in('there'), modelDir: model }), 'ERR_MLFLOW_PATH_EXISTS', 'there');
  assert.equal(filesBelow(folder.in('there')), ['mine']);
  mkdirSync(folder.in('empty'));
  await saveModel({ path: folder.in('empty'), modelDir: model });
  writeFiles(model, { 'model.onnx.data': Buffer.alloc(3 * 2 ** 20) });
  const tasks = ['prompt', 'llm/v1/chat'] as const;
  const both = await Promise.allSettled(tasks.map(task => saveModel({ path: folder.in('m'), modelDir: model, task })));
  const won = both.findIndex(({ status }) => status === 'fulfilled');
  const lost = both[1 - won];
  await expectError(Promise.reject(lost?.status === 'rejected' ? lost.reason : lost), 'ERR_MLFLOW_PATH_EXISTS');
  const mlmodel = await readMLmodel(folder.in('m'));
  assert.is(mlmodel.flavors['onnxruntime_genai']?.['task'], tasks[won]);
  assert.equal(readdirSync(folder.path).sort(), ['cpu-int4', 'empty', 'm', 'there']);
});

test('the target is not in the model folder', async ({ model }) => {
  await expectError(
    saveModel({ path: join(model, 'saved'), modelDir: model }),
    'ERR_GENAI_INVALID_ARGUMENT',
    'outside',
  );
  await expectError(saveModel({ path: model, modelDir: model }), 'ERR_GENAI_INVALID_ARGUMENT', 'outside');
  await expectError(
    saveModel({ path: join(model, '..x', 'saved'), modelDir: model }),
    'ERR_GENAI_INVALID_ARGUMENT',
    'outside',
  );
  await saveModel({ path: `${model}-saved`, modelDir: model });
  assert.not.ok(filesBelow(model).includes('MLmodel'));
});

test('nor by way of a link', async ({ folder, model }) => {
  symlinkSync(model, folder.in('link'));
  mkdirSync(folder.in('elsewhere'));
  symlinkSync(folder.in('elsewhere'), folder.in('out'));
  for (const path of [folder.in('link', 'saved'), folder.in('link', 'deep', 'saved'), folder.in('link')]) {
    await expectError(saveModel({ path, modelDir: model }), 'ERR_GENAI_INVALID_ARGUMENT', 'outside');
    await expectError(saveModel({ path, modelDir: folder.in('link') }), 'ERR_GENAI_INVALID_ARGUMENT', 'outside');
  }
  assert.equal(readdirSync(model).sort(), ['genai_config.json', 'model.onnx']);
  await saveModel({ path: folder.in('out', 'deep', 'saved'), modelDir: model });
  assert.ok(filesBelow(folder.in('elsewhere')).includes('deep/saved/MLmodel'));
});

test('a file that changes between the look at it and its copy is noticed', async ({ folder, model }) => {
  const prepared = await preparePackage({ modelDir: model });
  writeFiles(model, { 'model.onnx': 'not alike!' }); // as long as before
  mkdirSync(folder.in('m'));
  await expectError(writePackage(folder.in('m'), prepared, {}), 'ERR_MLFLOW_TRANSFER', 'model.onnx');
});

test('a given signature is used; what contradicts it is refused before anything is written', async ({
  folder,
  model,
}) => {
  const signature = inferSignature({ question: 'x' }, 'y');
  const { mlmodel } = await saveModel({
    path: folder.in('m'),
    modelDir: model,
    signature,
    inputExample: { question: 'Hi' },
  });
  assert.is(mlmodel.signature?.inputs, '[{"type": "string", "name": "question", "required": true}]');
  const refused = (options: Partial<SaveModelOptions>, message: string): Promise<unknown> =>
    expectError(saveModel({ path: folder.in('n'), modelDir: model, ...options }), 'ERR_MLFLOW_SIGNATURE', message);
  await refused({ signature, inputExample: { prompt: 'Hi' } }, 'contradicts');
  await refused({ signature }, 'contradicts');
  await refused({ inputExample: { prompt: 5 } }, 'string');
  await refused({ inputExample: { messages: [{ role: 'user', content: 'x' }] } }, 'llm/v1/chat');
  await refused({ task: 'llm/v1/chat', inputExample: { prompt: 'x' } }, 'messages');
  await refused({ task: 'llm/v1/chat', inputExample: { messages: [{ role: 'user' }] } }, 'content');
  await refused({ task: 'llm/v1/chat', signature: inferSignature({ prompt: 'x' }) }, 'messages');
  await refused({ inputExampleParams: { warmth: 1 } }, 'warmth');
  await refused(
    {
      signature: new ModelSignature({ inputs: [{ type: 'string', name: 'prompt', required: true }] }),
      inputExample: 7,
    },
    'contradicts',
  );
  assert.not.ok(readdirSync(folder.path).includes('n'));
});

const INVALID: Readonly<Record<string, [Record<string, unknown>, string]>> = {
  'no model': [{ modelDir: undefined }, '0 times'],
  'two models': [{ artifacts: { 'phi3-mini-onnx': 'x' } }, '2 times'],
  'a model folder that is no text': [{ modelDir: 7 }, 'modelDir'],
  'artifacts that are no record': [{ artifacts: ['x'] }, 'artifacts'],
  'an artifact that is no text': [{ artifacts: { a: 1 } }, 'artifacts["a"]'],
  'no Phi3Model': [{ phi3Model: {} }, 'phi3Model'],
  'an unknown option': [{ artifact_path: 'x' }, 'artifact_path'],
  'an unknown task': [{ task: 'llm/v1/completions' }, 'task'],
  'an unknown chat signature': [{ task: 'llm/v1/chat', chatSignature: '2.x' }, 'chatSignature'],
  'a chat signature of a prompt model': [{ chatSignature: 'seed' }, 'chatSignature'],
  'another task in the metadata': [{ task: 'llm/v1/chat', metadata: { task: 'x' } }, 'metadata.task'],
  'metadata that is no record': [{ metadata: 'x' }, 'metadata'],
  'an unknown search option': [{ modelConfig: { maxlength: 3 } }, 'maxlength'],
  'a search option that is a text': [{ modelConfig: { max_length: '3' } }, 'max_length'],
  'requirements that are no list': [{ pipRequirements: 'torch' }, 'pipRequirements'],
  'a requirement of two lines': [{ pipRequirements: ['a\nb'] }, 'pipRequirements[0]'],
  'both kinds of requirements': [{ pipRequirements: ['a'], extraPipRequirements: ['b'] }, 'extraPipRequirements'],
  'a short Python version': [{ pythonVersion: '3.11' }, 'pythonVersion'],
  'a dependency without a version': [{ nodeDependencies: { a: '' } }, 'nodeDependencies["a"]'],
  'an empty path': [{ path: '' }, 'path'],
  'a path that is no text': [{ path: 3 }, 'path'],
  'an unknown kind of link': [{ link: 'soft' }, 'link'],
  'progress to nobody': [{ onProgress: true }, 'onProgress'],
  'a signal that is none': [{ signal: {} }, 'signal'],
  'an example that JSON cannot hold': [{ inputExample: { prompt: 'x', f: () => 1 } }, ''],
};

test('bad options, one by one', async ({ folder, model }) => {
  for (const [name, [options, message]] of Object.entries(INVALID)) {
    const all = { path: folder.in('m'), modelDir: model, ...options } as SaveModelOptions;
    try {
      const codes = ['ERR_GENAI_INVALID_ARGUMENT', ...(message === '' ? ['ERR_MLFLOW_SIGNATURE'] : [])];
      const error = (await expectRejection(saveModel(all))) as { code: string; message: string };
      assert.ok(codes.includes(error.code) && error.message.includes(message), `${error.code} ${error.message}`);
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`);
    }
  }
  assert.equal(readdirSync(folder.path), ['cpu-int4']);
});

test('a folder that is no model is refused before anything is copied', async ({ folder, model }) => {
  const save = (modelDir: string): Promise<unknown> => saveModel({ path: folder.in('m'), modelDir });
  await expectError(save(folder.in('nowhere')), 'ERR_GENAI_MODEL_NOT_FOUND');
  await expectError(save(join(model, 'model.onnx')), 'ERR_GENAI_MODEL_NOT_FOUND', 'is a file');
  writeFiles(model, { 'genai_config.json': '{' });
  await expectError(save(model), 'ERR_GENAI_MODEL_INVALID');
  await expectError(
    saveModel({
      path: folder.in('m'),
      artifacts: { 'phi3-mini-onnx': writeDummyModel(folder.in('x')), more: folder.in('nowhere') },
    }),
    'ERR_MLFLOW_TRANSFER',
    'nowhere',
  );
  assert.not.ok(readdirSync(folder.path).includes('m'));
});

test('the text of the MLmodel file is what Python would write: sorted, and read again', async ({ folder, model }) => {
  await saveModel({ path: folder.in('m'), modelDir: model, task: 'llm/v1/chat' });
  const mlmodel = text(folder.in('m'), 'MLmodel');
  const keys = [...mlmodel.matchAll(/^(\w+):/gm)].map(match => match[1]);
  assert.equal(keys, [...keys].sort());
  assert.is(parseMLmodel(mlmodel).mlflow_version, '3.17.2');
});

test.run();
