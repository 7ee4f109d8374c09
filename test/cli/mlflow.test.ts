/** `ort-genai mlflow` without a server; with one it is tested in test/ci/mlflow. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { bar } from '../../src/cli/commands/mlflow/transfer.ts';
import { suite } from '../helpers/suite.ts';
import { demoModel, type Finished, runCli } from './run-cli.ts';

const test = suite<{ folder: string; prompt: string; chat: string }>('ort-genai mlflow');

/** No server of the machine's user. */
const env = { MLFLOW_TRACKING_URI: undefined, MLFLOW_REGISTRY_URI: undefined };

async function mlflow(args: readonly string[], input = ''): Promise<Finished> {
  const { stderr, ...rest } = await runCli(['mlflow', ...args], { input, env });
  return { ...rest, stderr: stderr.replace(/^(Loading|Saving|saved) \S+( [━╌]+.*)?\n/gm, '') };
}

test.before(async shared => {
  shared.folder = mkdtempSync(join(tmpdir(), 'cli-mlflow-'));
  shared.prompt = join(shared.folder, 'prompt');
  shared.chat = join(shared.folder, 'chat');
  const saved = [
    await mlflow(['save', shared.prompt]),
    await mlflow([
      'save',
      shared.chat,
      '--task',
      'llm/v1/chat',
      '--model-config',
      'max_length=500',
      '--metadata',
      'a=b',
    ]),
  ];
  assert.equal(
    saved.map(({ code, stdout, stderr }) => [code, stdout, stderr]),
    [
      [0, `${shared.prompt}\n`, ''],
      [0, `${shared.chat}\n`, ''],
    ],
  );
});
test.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const MADRID = /^The capital of Spain is Madrid\. .*\n$/;
const RAW = '<|user|>\nWhat is the capital of Spain?<|end|>\n<|assistant|>\n';

test('predict: a prompt, a message, JSON, stdin, and a file', async ({ folder, prompt, chat }) => {
  const ask = JSON.stringify({ messages: [{ role: 'user', content: 'What is the capital of Spain?' }] });
  const file = join(folder, 'input.json');
  writeFileSync(file, JSON.stringify({ prompt: RAW }));
  assert.match((await mlflow(['predict', prompt, '--prompt', RAW])).stdout, MADRID);
  assert.match((await mlflow(['predict', prompt, '--input', `@${file}`])).stdout, MADRID);
  assert.match((await mlflow(['predict', chat, '--message', 'What is the capital of Spain?'])).stdout, MADRID);
  const { stdout } = await mlflow(['predict', chat], ask);
  assert.match(JSON.parse(stdout)[0].choices[0].message.content, /Madrid/);
  const several = await mlflow(['predict', prompt, '--input', JSON.stringify([{ prompt: RAW }, { prompt: RAW }])]);
  assert.is(JSON.parse(several.stdout).length, 2);
  assert.match(JSON.parse((await mlflow(['predict', prompt, '--json', '--prompt', RAW])).stdout), /Madrid/);
});

test('predict says what it leaves out, on stderr', async ({ chat }) => {
  const input = JSON.stringify({ messages: [{ role: 'user', content: 'Hello!' }], zz: 1 });
  const { stdout, stderr, code } = await mlflow(['predict', chat, '--input', input]);
  assert.is(code, 0);
  assert.match(stderr, /zz/);
  assert.match(JSON.parse(stdout)[0].choices[0].message.content, /Hello!/);
});

test('describe prints the signature and the example of the seed', async ({ prompt, chat }) => {
  const { stdout, code } = await mlflow(['describe', prompt]);
  assert.is(code, 0);
  assert.ok(
    stdout.includes(
      "{inputs: \n  ['prompt': string (required)],\noutputs: \n  [string (required)],\nparams: \n  None}",
    ),
  );
  assert.ok(
    stdout.includes(
      '{"prompt": "<|system|>You are a stand-up comedian.<|end|><|user|>Tell me a joke about atom<|end|><|assistant|>",}',
    ),
  );
  assert.match(stdout, /artifacts\/phi3-demo\/model\.onnx\.data/);
  const described = (await mlflow(['describe', chat])).stdout;
  assert.ok(described.includes('messages = [{"role": "user", "content": "What is the capital of Spain?"}]'));
  assert.match(described, /Metadata\n {2}a: b\n {2}task: llm\/v1\/chat/);
});

test('validate: exit code 0 for what MLflow takes, 1 for what it refuses', async ({ folder, prompt }) => {
  assert.is((await mlflow(['validate', prompt])).code, 0);
  const bad = join(folder, 'bad');
  await mlflow(['save', bad]);
  rmSync(join(bad, 'code'), { recursive: true });
  const { code, stdout, stderr } = await mlflow(['validate', bad]);
  assert.is(code, 1);
  assert.match(stdout, /^error: .*code/m);
  assert.match(stderr, /: \d errors/);
  const changed = join(folder, 'changed');
  await mlflow(['save', changed]);
  writeFileSync(join(changed, 'artifacts', 'phi3-demo', 'README.md'), 'changed');
  const { code: failed, stdout: found } = await mlflow(['validate', changed]);
  assert.is(failed, 1);
  assert.match(found, /^error: files: .*README\.md/m);
});

test('save: a target that exists is left alone; hard links', async ({ folder, prompt }) => {
  const { code, stderr } = await mlflow(['save', prompt]);
  assert.is(code, 1);
  assert.match(stderr, /exists already.*\nERR_MLFLOW_PATH_EXISTS\n$/);
  assert.is((await mlflow(['save', join(folder, 'linked'), '--link', 'hard'])).code, 0);
  assert.ok(existsSync(join(folder, 'linked', 'artifacts', 'phi3-demo', 'model.onnx')));
});

test('without a server: the message says what to set', async () => {
  for (const args of [['log'], ['register', 'models:/m-1', 'x'], ['predict', 'models:/a/1', '--prompt', 'x']]) {
    const { code, stderr } = await mlflow(args);
    assert.is(code, 1, args.join(' '));
    assert.match(stderr, /MLFLOW_TRACKING_URI.*\nERR_MLFLOW_NO_TRACKING_URI\n$/);
  }
});

test('wrong command lines end with 2 and say what is wrong', async ({ prompt }) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['save'], /missing required argument/],
    [['save', demoModel], /is a model folder; the argument is where to write/],
    [['predict', prompt, '--input', '@nothing.json'], /the file of --input cannot be read/],
    [['predict', prompt, '--input', 'package.json'], /did you mean @package.json/],
    [['predict', prompt], /the input is empty/],
    [['save', 'x', '--model-config', 'max_length'], /key=value/],
    [['save', 'x', '--task', 'other'], /prompt, llm\/v1\/chat/],
    [['save', 'x', '--input-example', '{'], /--input-example must be JSON/],
    [['log', '--alias', 'a'], /--alias needs --register/],
    [['predict', prompt, '--input', '{'], /--input must be JSON/],
    [['predict', prompt, '--params', '[]', '--prompt', 'x'], /--params must be a JSON object/],
    [['predict', prompt, '--prompt', 'x', '--message', 'y'], /cannot be used with/],
    [['nothing'], /unknown command/],
  ];
  for (const [args, pattern] of wrong) {
    const { code, stderr } = await mlflow(args);
    assert.is(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, pattern);
  }
});

test('a bar: empty, half, full, and none without a size', () => {
  assert.match(bar({ bytes: 0, totalBytes: 100e6 }), /^╌+ 0 % of 100 MB$/);
  assert.match(bar({ bytes: 50e6, totalBytes: 100e6 }), /^━{12}╌{12} 50 % of 100 MB$/);
  assert.match(bar({ bytes: 200e6, totalBytes: 100e6 }), /^━+ 100 % of 100 MB$/);
  assert.is(bar({ bytes: 5, totalBytes: 0 }), '');
});

test.run();
