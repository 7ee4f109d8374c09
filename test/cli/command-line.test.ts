import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/cli/program.ts';
import { fakeOutput } from './fake-output.ts';
import { root, runCli } from './run-cli.ts';

const test = suite('the command line of ort-genai');

/** In this process: nothing here needs one of its own. */
async function runHere(args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const { stdout, stderr, output } = fakeOutput(false);
  const before = process.exitCode;
  await run(args, output);
  const code = process.exitCode;
  process.exitCode = before;
  return { code, stdout: stdout.text, stderr: stderr.text };
}

test('--version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assert.equal(await runCli(['--version']), { code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
});

for (const name of [[], ['generate'], ['chat'], ['doctor']]) {
  test(`--help of ${name[0] ?? 'all'} ends with examples`, async () => {
    const { code, stdout, stderr } = await runHere([...name, '--help']);
    assert.match(stdout, new RegExp(`^Usage: ${['ort-genai', ...name].join(' ')} \\[options\\]`));
    assert.match(stdout, new RegExp(`\\nExamples:\\n  ort-genai ${name[0] ?? 'generate'}`));
    assert.is(stderr, '');
    assert.is(code, 0);
  });
}

test('no command: the help, on stderr', async () => {
  const { code, stdout, stderr } = await runHere([]);
  assert.match(stderr, /^Usage: ort-genai /);
  assert.is(stdout, '');
  assert.is(code, 2);
});

test('an unknown command: what was meant, and where to look', async () => {
  const { code, stdout, stderr } = await runHere(['genrate', 'Hi']);
  assert.is(
    stderr,
    'ort-genai: unknown command \'genrate\'\n(Did you mean generate?)\n"ort-genai --help" shows what there is.\n',
  );
  assert.is(stdout, '');
  assert.is(code, 2);
});

const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [['--temperature', 'hot', 'Hi'], /--temperature <number>' argument 'hot' is invalid\. It must be a number/],
  [['--top-p', '3', 'Hi'], /^ort-genai: --top-p must be a number from 0 to 1, but is 3\.$/m],
  [['-n', '0', 'Hi'], /--max-new-tokens must be an integer of at least 1, but is 0/],
  [['--threads', '1.5', 'Hi'], /--threads <count>' argument '1\.5' is invalid\. It must be an integer of at least 1/],
  [['--num-beams', '2', '--seed', '1', 'Hi'], /--num-beams must be 1 when sampling \(--temperature, /],
  [['--stop', '', 'Hi'], /--stop\[0\] must be a non-empty string/],
  [
    ['--top-q', '1', 'Hi'],
    /unknown option '--top-q'\n\(Did you mean one of --top-k, --top-p\?\)\n"ort-genai generate --help"/,
  ],
  [['What', 'is', 'this?'], /too many arguments.*\nPut a prompt of several words in quotes\./],
  [['--raw', '--system', 'Be concise.', 'Hi'], /--system does not go with --raw/],
  [[''], /the prompt is empty/],
];

for (const [args, message] of REFUSED) {
  test(`refuses: ${args.join(' ') || 'nothing'}`, async () => {
    // A model that does not exist: the command line is refused before it is looked at.
    const { code, stdout, stderr } = await runHere(['generate', '--model', '/nowhere', ...args]);
    assert.match(stderr, message);
    assert.match(stderr, /^ort-genai: /);
    assert.is(stdout, '');
    assert.is(code, 2);
  });
}

test.run();
