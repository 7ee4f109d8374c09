/** What real MLflow has written with the seed's own wrapper runs in Node, and answers the same. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadModel, MlflowClient } from '../../../src/mlflow/index.ts';
import type { ChatCompletion } from '../../../src/phi3/index.ts';
import { ATOM_JOKE, DEMO_MODEL, SPAIN, STORY } from '../../helpers/demo-model.ts';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { python } from './python.ts';
import { type SeedReport, seedModel } from './seed.ts';
import { type MlflowServer, startMlflowServer } from './server.ts';

const test = suite<{ folder: string; server: MlflowServer; client: MlflowClient }>('loadModel of real MLflow models');

test.before(async context => {
  context.folder = mkdtempSync(join(tmpdir(), 'mlflow-load-'));
  context.server = await startMlflowServer();
  context.client = new MlflowClient({ trackingUri: context.server.url });
});
test.after(async ({ folder, server, client }) => {
  await client.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const PROMPTS = [SPAIN, ATOM_JOKE, STORY].map(prompt => ({ prompt }));
const CHATS = ['What is the capital of Spain?', 'Tell me a joke about atom'].map(content => ({
  messages: [{ role: 'user', content }],
}));

/** Python's decode keeps the space that SentencePiece puts before a first word; Node leaves it out. */
function withoutFirstSpace(answer: unknown): string {
  assert.match(String(answer), /^ \S/);
  return String(answer).slice(1);
}

async function compare(uri: string, report: SeedReport, client?: MlflowClient): Promise<string> {
  await using model = await loadModel(uri, { client });
  assert.is(String(model.signature), report.signature);
  assert.match(String(model.notice), 'Python code of this model was not run');
  for (const [index, input] of PROMPTS.entries()) {
    assert.is(await model.predict(input), withoutFirstSpace(report.answers[index]));
  }
  return model.directory;
}

for (const version of ['3.17.2', '2.11.0']) {
  test(`the seed's wrapper, saved by MLflow ${version}`, async ({ folder }) => {
    const path = join(folder, version);
    const bin = process.env[version === '2.11.0' ? 'GENAI_MLFLOW_OLDEST' : 'GENAI_MLFLOW'];
    const report = await seedModel({ task: 'prompt', how: 'save', where: path, inputs: PROMPTS, bin });
    assert.is(
      report.signature,
      "inputs: \n  ['prompt': string (required)]\noutputs: \n  [string (required)]\nparams: \n  None\n",
    );
    // Whoever opened the pickle would fail.
    writeFileSync(join(path, 'python_model.pkl'), 'no pickle any more');
    await compare(path, report);
  });
}

test("the seed's chat signature on a Python model", async ({ folder }) => {
  const path = join(folder, 'chat');
  const report = await seedModel({ task: 'chat', how: 'save', where: path, inputs: CHATS });
  await using model = await loadModel(path);
  assert.is(model.task, 'llm/v1/chat');
  assert.is(String(model.signature), report.signature);
  assert.match(
    report.signature,
    "['messages': Array({content: string (required), name: string (optional), role: string (required)}) (required), 'temperature': double (optional)",
  );
  for (const [index, input] of CHATS.entries()) {
    const [python] = report.answers[index] as ChatCompletion[];
    const [ours] = (await model.predict(input)) as ChatCompletion[];
    assert.equal(ours?.choices, python?.choices);
    assert.equal(ours?.usage, python?.usage);
  }
});

test('an example of numpy texts: MLflow writes a tensor, which is a list of prompts here', async ({ folder }) => {
  const path = join(folder, 'numpy');
  const program = `
import json, mlflow, numpy
class Wrapper(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [text + "!" for text in model_input]
mlflow.pyfunc.save_model(
    ${JSON.stringify(path)},
    python_model=Wrapper(),
    artifacts={"phi3-mini-onnx": ${JSON.stringify(DEMO_MODEL)}},
    input_example=numpy.array(["one", "two"]),
)
model = mlflow.pyfunc.load_model(${JSON.stringify(path)})
print(json.dumps([str(model.metadata.signature), model.predict(numpy.array(["one", "two"]))]))
`;
  const [signature, answers] = (await python(program)) as [string, string[]];
  assert.equal(answers, ['one!', 'two!']);
  assert.match(signature, "[Tensor('str', (-1,))]");
  await using model = await loadModel(path);
  assert.is(String(model.signature), signature);
  const [spain, joke] = await model.predict([SPAIN, ATOM_JOKE]);
  assert.match(String(spain), 'Madrid');
  assert.match(String(joke), 'atom');
});

test("logged to a server by Python: by model id, by run, and by the registry's alias", async ({ server, client }) => {
  const report = await seedModel({ task: 'prompt', how: 'log', where: 'seed', inputs: PROMPTS, env: server.env });
  assert.match(report.uri, /^models:\/m-[0-9a-f]{32}$/);
  const directory = await compare(report.uri, report, client);
  assert.not.ok(existsSync(dirname(directory)), 'what was downloaded is gone after dispose()');
  await compare(`runs:/${report.run_id}/seed`, report, client);
  const { artifactUri } = await client.resolveModelUri(report.uri);
  assert.match(artifactUri, /^mlflow-artifacts:/);
  await compare(artifactUri, report, client);

  await client.createRegisteredModel('from-python');
  const modelId = report.uri.slice('models:/'.length);
  const { version } = await client.createModelVersion('from-python', report.uri, { modelId });
  await client.setRegisteredModelAlias('from-python', 'champion', version);
  await compare('models:/from-python@champion', report, client);
  await compare(`models:/from-python/${version}`, report, client);
  const seen: number[] = [];
  const model = await loadModel('models:/from-python/latest', { client, onProgress: ({ bytes }) => seen.push(bytes) });
  await model.dispose();
  assert.ok(seen.length > 5 && Math.max(...seen) > 10_000_000);
});

test('what the server does not have leaves nothing behind', async ({ client, folder }) => {
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = join(folder, 'tmp');
  mkdirSync(join(folder, 'tmp'));
  try {
    await expectError(loadModel('models:/nobody/1', { client }), 'ERR_MLFLOW_HTTP', 'nobody');
    await expectError(loadModel('models:/nobody@alias', { client }), 'ERR_MLFLOW_HTTP');
    await expectError(loadModel(`models:/m-${'0'.repeat(32)}`, { client }), 'ERR_MLFLOW_HTTP');
    await expectError(loadModel('models:/a/b/c', { client }), 'ERR_MLFLOW_URI');
    await expectError(loadModel('s3://bucket/model', { client }), 'ERR_MLFLOW_URI', 's3');
    assert.equal(readdirSync(join(folder, 'tmp')), []);
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  }
});

test.run();
