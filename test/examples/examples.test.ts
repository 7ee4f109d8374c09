/** Every example runs as a user would run it, says what it should, and stays short. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../helpers/demo-model.ts';
import { ALPHA, BETA, fixtureModel, picture } from '../helpers/fixture-models.ts';

const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'generate.mjs': [/^The capital of France is Paris\.\nstop: 10 tokens in, 7 tokens out\n$/],
  'load.mjs': [
    /^onnxruntime-genai 0\.18; CPU: true\nbatching engine: true\nruntime 8 MB\nmodel 8 MB\n/,
    /type: 'phi3'/,
  ],
  'batch.mjs': [
    /^ The capital of France is Paris\.\n The capital of Spain is Madrid\. .*\n The capital of Japan is Tokyo\.\n$/,
  ],
  'stream.mjs': [/^The capital of Spain is Madrid\./, /\n72 tokens, the first after \d+ ms\n$/],
  'cancel.mjs': [/^stopped by TimeoutError\n/, /\nabort after \d+ tokens\nabort after \d+ tokens\n$/],
  'chat.mjs': [
    /^> Hello!\nHello!/,
    /> What is the capital of Italy\?\n.*Rome/,
    /> And what is 2 \+ 2\?\n.*4/,
    /\([1-9]\d* of \d+ tokens from the cache\)\n$/,
  ],
  'chat-history.mjs': [/^The capital of France is Paris\.\n.*4\.?.*\n2, 3 and 4 turns\n$/s],
  'phi3-model.mjs': [/^Alright, here's a little atom-related joke/, /completion_tokens: 20/],
  'low-level.mjs': [/^most likely: token 450, " The"\nThe capital of Japan is Tokyo\.\ninstead: "/],
  'config.mjs': [/^phi3 on CPU, 512 tokens: The capital of Spain is Madrid\./, /\n512\n$/],
  'log.mjs': [/^(generate_next_token .* sequence length: \d+\n){4}The capital of Spain\n$/],
  'tokenizer.mjs': [
    /^\d+ tokens; the first 5: " The capital of Spain is"\n/,
    /32007, 1 time in the prompt\n.*\n.*\(calm\)\n$/s,
  ],
  'engine.mjs': [
    /^\[\n.*France is Paris\.',\n.*Japan is Tokyo\.',\n.*Kenya is Nairobi\.'\n\]\nHello! How can I help you\?\nstop: \{/,
    /inputTokens: 5, outputTokens: 8, cachedInputTokens: 0 \}\nturn 2: .*4\./,
  ],
  'scheduler.mjs': [
    /^The capital of France is Paris\. \(7 tokens\)\n.*Tokyo.*\n.*Nairobi.*\n.*Madrid.*\n.*Rome/,
    /\n\d+ steps, of [\d.]+ requests on average\n$/,
  ],
  'errors.mjs': [/^The input has \d+ tokens/, /limit: 4096/, /\n\d+ of 4096 tokens\n$/],
  'diagnostics.mjs': [/^loaded .*phi3-demo in \d+ ms\n#1 7 tokens: .* = [\d.]+ ms\n#2 \d+ tokens: .* ms\n$/],
  'structured-output.mjs': [
    /^{ city: '(Lisbon|Madrid|Paris|Rome)', inhabitants: \d+ } \d+ tokens\nThe capital of \w+ is (Madrid|Paris)\.\nCities: /,
  ],
  'structured-output-zod.mjs': [
    /^true true true\nThe answer is not whole: .* after 5 tokens\. "/,
    /\nERR_GENAI_GUIDANCE_REFUSED { limit: 'items', max: 10000, actual: 1000000000, path: '#' }\n$/,
  ],
  'mlflow.mjs': [/^inputs: \n {2}\['messages': Array/, /\nThe capital of Spain is Madrid\..* { prompt_tokens: 10,/],
  'tensor.mjs': [/^int64 \[1, \d+\]: [\d ]+\nfloat32 \[1, \d+, 32064\]: next is token \d+\n6 000101 2\n$/],
  'adapters.mjs': [/^no adapter: [\d ]+\n.*alpha\S+: [\d ]+\n.*beta\S+: [\d ]+\n$/],
  'multimodal.mjs': [/^float16 \[1, 17, 3, 336, 336\]\n[\s\S]*\n10 tokens about \d+ that stand for the picture/],
  'picture.mjs': [/\n\d{4} tokens in, most of them the picture; \d+ out\n$/],
  'demo.mjs': [/Answer: The capital of Spain is Madrid\./, /Usage: 10 prompt tokens \+ 72/, /atom-related joke/],
};

/** What those are given that cannot run with the demo model. */
const ARGUMENTS: Readonly<Record<string, () => readonly string[]>> = {
  'adapters.mjs': () => [fixtureModel('lora'), ALPHA, BETA],
  'multimodal.mjs': () => [fixtureModel('vision'), picture('picture.jpg')],
  'picture.mjs': () => [fixtureModel('vision'), picture('picture.jpg')],
};

/** Those that need a tracking server run in test/ci/mlflow. */
const WITH_SERVER = ['mlflow-tracking.mjs', 'mlflow-tracing.mjs'];

const files = readdirSync(join(ROOT, 'examples')).filter(name => name.endsWith('.mjs') && !WITH_SERVER.includes(name));

test('each example is known here', () => {
  assert.equal(files.sort(), Object.keys(EXPECTED).sort());
});

for (const file of files) {
  test(`examples/${file}`, async () => {
    const lines = readFileSync(join(ROOT, 'examples', file), 'utf8').split('\n').length - 1;
    assert.ok(lines <= 40, `${lines} lines`);
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join('examples', file), ...(ARGUMENTS[file]?.() ?? [])],
      { cwd: ROOT },
    );
    assert.is(stderr, '');
    for (const pattern of EXPECTED[file] ?? []) assert.match(stdout, pattern);
  });
}

test.run();
