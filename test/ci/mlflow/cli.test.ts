/** `ort-genai mlflow` and the example project against a real server. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { runCli } from '../../cli/run-cli.ts';
import { ROOT } from '../../helpers/demo-model.ts';
import { python } from './python.ts';
import { type MlflowServer, serverSuite } from './server.ts';

const test = serverSuite<{ uri: string }>('ort-genai mlflow, real server');

async function mlflow(server: MlflowServer, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(['mlflow', ...args], { env: { MLFLOW_TRACKING_URI: server.url } });
  assert.is(code, 0, stderr);
  return stdout.trim();
}

test('log: run with parameters, tags and metrics, logged model, version, alias', async shared => {
  const { server, client } = shared;
  shared.uri = await mlflow(
    server,
    ...['log', '--name', 'phi3', '--task', 'llm/v1/chat', '--experiment', 'cli', '--run-name', 'first', '--measure'],
    ...['--register', 'phi3-chat', '--alias', 'champion', '--param', 'who=cli', '--tag', 'team=a'],
    ...['--model-config', 'max_length=500'],
  );
  assert.match(shared.uri, /^models:\/m-[0-9a-f]{32}$/);
  const experiment = await client.getExperimentByName('cli');
  const { items: runs } = await client.searchRuns({ experimentIds: [experiment?.experimentId ?? ''] });
  const [run] = runs;
  assert.equal([run?.info.runName, run?.info.status], ['first', 'FINISHED']);
  assert.equal([run?.data.params['who'], run?.data.params['max_length'], run?.data.tags['team']], ['cli', '500', 'a']);
  assert.is(run?.data.metrics['output_tokens'], 72);
  assert.ok((run?.data.metrics['tokens_per_second'] ?? 0) > 0);
  const version = await client.getModelVersionByAlias('phi3-chat', 'champion');
  assert.equal([version.version, version.source], ['1', shared.uri]);
});

test('register, load, predict, describe and validate by URI', async ({ server, uri }) => {
  assert.is(
    await mlflow(server, 'register', uri, 'phi3-chat', '--alias', 'challenger', '--tag', 'a=b'),
    'models:/phi3-chat/2',
  );
  const folder = join(server.folder, 'loaded');
  assert.is(await mlflow(server, 'load', 'models:/phi3-chat@challenger', folder), folder);
  assert.ok(existsSync(join(folder, 'registered_model_meta')));
  const answer = await mlflow(server, 'predict', 'models:/phi3-chat/1', '--message', 'What is the capital of Spain?');
  assert.match(answer, /^The capital of Spain is Madrid\./);
  assert.match(await mlflow(server, 'describe', uri), /'messages': Array/);
  await mlflow(server, 'validate', uri);
});

test('mlflow run of the example project: log, then predict what was logged', async ({ server, client }) => {
  // A user has `npx ort-genai` in the project; here it is the checkout's own command.
  const bin = process.env['GENAI_MLFLOW'] ?? '';
  const env = { ...server.env, PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter) };
  const run = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)(
      join(bin, 'mlflow'),
      ['run', 'examples/mlproject', '--env-manager', 'local', '--experiment-name', 'project', ...args],
      { cwd: ROOT, env, maxBuffer: 16 << 20, timeout: 300_000 },
    );
  await run('-e', 'log', '-P', 'name=from-project', '-P', 'max_length=400');
  const { stdout } = await run('-e', 'predict', '-P', 'uri=models:/from-project@champion');
  assert.match(stdout, /The capital of Spain is Madrid\./);

  const experiment = await client.getExperimentByName('project');
  const { items: runs } = await client.searchRuns({ experimentIds: [experiment?.experimentId ?? ''] });
  assert.is(runs.length, 2);
  const logged = runs.find(({ data }) => data.params['name'] === 'from-project');
  assert.is(logged?.info.status, 'FINISHED');
  assert.equal([logged?.data.params['max_length'], logged?.data.params['task']], ['400', 'llm/v1/chat']);
  assert.ok((logged?.data.metrics['output_tokens'] ?? 0) > 0);
  const models = await client.searchLoggedModels({ experimentIds: [experiment?.experimentId ?? ''] });
  assert.equal(
    models.items.map(model => [model.name, model.status, model.sourceRunId]),
    [['from-project', 'READY', logged?.info.runId]],
  );
});

test("the server's own pages find signature, example and metrics", async ({ server, uri }) => {
  const modelId = uri.slice('models:/'.length);
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(`${server.url}/ajax-api/2.0/mlflow/${path}`);
    const text = await answer.text();
    assert.is(answer.status, 200, `${path}: ${text}`);
    return text;
  };
  const { model } = JSON.parse(await get(`logged-models/${modelId}`)) as {
    model: { info: { status: string; source_run_id: string } };
  };
  assert.is(model.info.status, 'LOGGED_MODEL_READY');
  const file = (name: string): Promise<string> =>
    get(`logged-models/${modelId}/artifacts/files?artifact_file_path=${name}`);
  assert.match(await file('MLmodel'), /"name": "messages"/);
  assert.match(await file('input_example.json'), /What is the capital of Spain\?/);
  assert.match(await get(`runs/get?run_id=${model.info.source_run_id}`), /"key": ?"output_tokens"/);
  assert.equal(
    await python(
      `
import json, mlflow
model = mlflow.pyfunc.load_model("models:/phi3-chat@champion")
info = mlflow.models.get_model_info("models:/phi3-chat@champion")
answer = model.predict({"messages": [{"role": "user", "content": "What is the capital of Spain?"}]})
print(json.dumps([answer[0]["choices"][0]["message"]["content"][:30], info.signature.inputs.input_names()[0]]))
`,
      server,
    ),
    ['The capital of Spain is Madrid', 'messages'],
  );
});

test.run();
