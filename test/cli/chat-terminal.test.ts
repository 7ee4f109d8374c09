import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ENDLESS } from './run-cli.ts';
import { CTRL_C, CTRL_D, Terminal } from './terminal.ts';

const test = suite('ort-genai chat and generate, in a terminal');
/** Python has no pty on Windows. */
const posix = process.platform === 'win32' ? test.skip : test;

const PROMPT = /> ␛\[3G$/;

posix('Ctrl-C cancels the answer, keeps the session and the partial answer', async () => {
  const terminal = new Terminal(['chat', ...ENDLESS]);
  await terminal.shows(PROMPT);
  terminal.type('Hi\r');
  await terminal.shows(/Hi\r+\n[\s\S]{40}/);
  terminal.type(CTRL_C);
  const before = Number(await terminal.shows(/4 \+ (\d+) tokens, .*, cancelled/));
  await terminal.shows(PROMPT);
  terminal.type('Hi\r');
  await terminal.shows(/Hi\r+\n[\s\S]{40}/);
  terminal.type(CTRL_C);
  const inputTokens = Number(await terminal.shows(/(\d+) \+ \d+ tokens, .*, cancelled/));
  assert.ok(before > 5 && inputTokens > before, `${before} tokens were kept, the next prompt has ${inputTokens}`);
  await terminal.shows(PROMPT);
  terminal.type(CTRL_C);
  assert.is(await terminal.exit(), 0);
});

posix('a line is dropped by Ctrl-C; Ctrl-D leaves', async () => {
  const terminal = new Terminal(['chat']);
  await terminal.shows(PROMPT);
  terminal.type('What is 9+9?');
  await terminal.shows(/9\?$/);
  terminal.type(CTRL_C);
  await terminal.shows(PROMPT);
  terminal.type('What is 2+2?\r');
  await terminal.shows(/2 \+ 2 = 4\.\r\n/);
  await terminal.shows(PROMPT);
  terminal.type(CTRL_D);
  assert.is(await terminal.exit(), 0);
  assert.not.match(terminal.screen, /9 \+ 9/);
});

posix('pasted lines are all answered, each behind its prompt; /exit leaves', async () => {
  const terminal = new Terminal(['chat']);
  await terminal.shows(PROMPT);
  terminal.type('What is 2+2?\rWhat is 2+3?\r/exit\r');
  assert.is(await terminal.exit(), 0);
  assert.match(terminal.screen, /2 \+ 2 = 4\.\r\n[^>]*> What is 2\+3\?\r\n[\s\S]*5\.\r\n[^>]*> \/exit\r\n$/);
});

posix('what is typed during an answer waits for the next prompt', async () => {
  const terminal = new Terminal(['chat', ...ENDLESS]);
  await terminal.shows(PROMPT);
  terminal.type('Hi\r');
  await terminal.shows(/Hi\r+\n[\s\S]{40}/);
  terminal.type('XYZZY');
  await terminal.shows(/[\s\S]{400}/);
  terminal.type(CTRL_C);
  await terminal.shows(/cancelled[\s\S]*> XYZZY/);
  assert.is(terminal.screen.split('XYZZY').length, 2);
  terminal.type(CTRL_C);
  await terminal.shows(PROMPT);
  terminal.type(CTRL_D);
  assert.is(await terminal.exit(), 0);
});

posix('generate ends with a dim usage line; plain with NO_COLOR', async () => {
  const dim = new Terminal(['generate', 'What is 2+2?']);
  assert.is(await dim.exit(), 0);
  assert.match(dim.screen, /2 \+ 2 = 4\.\r\n␛\[2m10 \+ 9 tokens, [^␛]*␛\[22m\r\n$/);
  const plain = new Terminal(['generate', 'What is 2+2?'], { NO_COLOR: '1' });
  assert.is(await plain.exit(), 0);
  assert.match(plain.screen, /2 \+ 2 = 4\.\r\n10 \+ 9 tokens, .*\r\n$/);
  assert.not.match(plain.screen, /␛/);
});

posix('Ctrl-C ends generate with exit code 130', async () => {
  const terminal = new Terminal(['generate', ...ENDLESS, 'Hi']);
  await terminal.shows(/[\s\S]{40}/);
  terminal.type(CTRL_C);
  assert.is(await terminal.exit(), 130);
  assert.match(terminal.screen, /\n␛\[2m4 \+ \d+ tokens, .*, cancelled␛\[22m\r\n$/);
});

posix('generate without a prompt does not wait for the keyboard', async () => {
  const terminal = new Terminal(['generate']);
  assert.is(await terminal.exit(), 2);
  assert.match(terminal.screen, /ort-genai: no prompt was given/);
});

test.run();
