/**
 * The gates of native code: layers and clang-format, then clang-tidy, which takes a minute or two and needs a build.
 * `--fix` formats in place and does nothing else. The tools come from pip, pinned, into `.cache/lint`.
 */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { main, PlainError } from './lib/plain-error.mjs';
import { requirePython, runPip } from './lib/python.mjs';
import { capture, root, run } from './lib/run.mjs';
import { fingerprint, isNoted, noted } from './lib/up-to-date.mjs';
import { buildAddon } from './setup.mjs';

const TOOLS = ['clang-format==23.1.5', 'clang-tidy==23.1.4'];
const FOLDER = join(root, '.cache', 'lint');
const EXE = process.platform === 'win32' ? '.exe' : '';

/** What a folder of native/ must not know. */
const LAYERS = [
  {
    folders: ['oga', 'text', 'batching'],
    pattern: /#\s*include\s*[<"][^>"]*(napi\.h|node_api\.h|\/napi\/)/,
    rule: 'must not know Node-API',
  },
  { folders: ['napi', 'text', 'batching'], pattern: /\bOga[A-Z]\w*\s*\(/, rule: 'must not call the genai library' },
];

await main(async () => {
  const { values } = parseArgs({ options: { fix: { type: 'boolean', default: false } } });
  const files = readdirSync(join(root, 'native'), { recursive: true })
    .map(path => `native/${path.replaceAll('\\', '/')}`)
    .filter(path => /\.(h|cc)$/.test(path))
    .sort();
  await installTools();
  const clangFormat = join(FOLDER, 'clang_format', 'data', 'bin', `clang-format${EXE}`);
  if (values.fix) {
    await run(clangFormat, ['-i', ...files]);
    return;
  }
  const format = await capture(clangFormat, ['--dry-run', '-Werror', ...files]);
  const advice = format.code === 0 ? [] : [`${format.output.trimEnd()}\nnpm run format formats them`];
  refuse([...brokenLayers(files), ...advice]);
  refuse(await tidy());
});

function refuse(problems) {
  if (problems.length > 0) throw new PlainError(`C++ lint\n${problems.join('\n')}`);
}

async function installTools() {
  const { version } = await requirePython();
  const print = fingerprint([], TOOLS, version);
  if (isNoted('lint', print) && existsSync(FOLDER)) return;
  rmSync(FOLDER, { recursive: true, force: true });
  await noted('lint', print, () => runPip('install', '--target', FOLDER, '--no-deps', ...TOOLS));
}

function* brokenLayers(files) {
  for (const { folders, pattern, rule } of LAYERS) {
    for (const file of files.filter(path => folders.includes(path.split('/')[1]))) {
      for (const [index, line] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
        if (pattern.test(line.replace(/\/\/.*/, ''))) yield `${file}:${index + 1}: ${rule}: ${line.trim()}`;
      }
    }
  }
}

/** Needs the commands of a finished build. A tree that was clean before is not looked at again. */
async function tidy() {
  await buildAddon();
  const commands = join(root, 'build', 'compile_commands.json');
  if (!existsSync(commands))
    throw new PlainError('clang-tidy needs build/compile_commands.json: build with Ninja or make.');
  const print = fingerprint(['native', 'CMakeLists.txt', '.clang-tidy'], TOOLS);
  if (isNoted('clang-tidy', print)) return [];

  const program = join(FOLDER, 'clang_tidy', 'data', 'bin', `clang-tidy${EXE}`);
  // The commands are those of the machine's compiler, which may have warnings that clang has not. A command compiles
  // several sources that one file includes: what is included is to be analysed as well.
  const options = ['-p', 'build', '--quiet', '--checks=-bugprone-suspicious-include'];
  const compiler = ['-Wno-unknown-warning-option', '-Xclang', '-analyzer-opt-analyze-headers'];
  options.push(...compiler.map(option => `--extra-arg=${option}`));
  const problems = new Set();
  const queue = JSON.parse(readFileSync(commands, 'utf8')).map(({ file }) => file);
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const { code, stdout, output } = await capture(program, [...options, file]);
      if (code !== 0) problems.add((stdout || output).trimEnd());
    }
  };
  await Promise.all([worker(), worker()]);
  if (problems.size === 0) await noted('clang-tidy', print, async () => {});
  return [...problems];
}
