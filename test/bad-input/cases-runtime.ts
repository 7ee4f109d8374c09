/**
 * Runtime libraries that cannot be used. These run in child processes (`runtime-child.ts`): a process loads one runtime,
 * and some of what is refused here ended the process once. Libraries are made as Linux has them.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capabilities, configureRuntime } from '../../src/index.ts';
import { expectError } from '../helpers/expect-reject.ts';
import { type BadCase, checked, each, invalid, type Place, refused, type Table, table } from './case.ts';
import {
  compile,
  EMPTY,
  GENAI,
  NO_API,
  ORT,
  onnxruntimeOf,
  pair,
  patchMachine,
  real,
  UNRESOLVED,
} from './libraries.ts';

const NOT_FOUND = 'ERR_GENAI_RUNTIME_NOT_FOUND';
const INCOMPATIBLE = 'ERR_GENAI_RUNTIME_INCOMPATIBLE';

const compiled = (source: string) => (file: string) => compile(file, source);
const text = (file: string) => writeFileSync(file, 'version https://git-lfs.invalid/spec/v1\n'.repeat(5));
const realGenai = (file: string) => real('genai', file);
const realOrt = (file: string) => real('onnxruntime', file);

async function load(home: string): Promise<void> {
  configureRuntime({ home });
  await capabilities();
}

type Files = (folder: string) => unknown;

function unusable(code: Parameters<typeof refused>[0], message: string, fill: Files): BadCase<Place> {
  return refused(code, message, async ({ folder }) => {
    await fill(folder);
    await load(folder);
  });
}

/** Sets a variable of the environment for one call. */
async function withVariable(name: string, value: string, call: () => Promise<unknown>): Promise<void> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    await call();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

/** Found by looking at the files. */
const FILES: Table<Place> = {
  'no runtime library': unusable(NOT_FOUND, `it has no ${GENAI}`, () => {}),
  'runtime folder missing': refused(NOT_FOUND, 'Correct the option "home"', ({ folder }) => load(join(folder, 'none'))),
  'ORT_GENAI_HOME without libraries': refused(NOT_FOUND, 'Unset ORT_GENAI_HOME', ({ folder }) =>
    withVariable('ORT_GENAI_HOME', folder, capabilities),
  ),
  'ONNX Runtime missing': unusable(NOT_FOUND, 'it has no libonnxruntime.so', folder => realGenai(join(folder, GENAI))),
  'ONNX Runtime a dead link': unusable(INCOMPATIBLE, `${ORT} does not exist`, folder =>
    pair(folder, realGenai, file => symlinkSync('none', file)),
  ),
  'ONNX Runtime a folder': unusable(INCOMPATIBLE, `${ORT} is not a regular file`, folder =>
    pair(folder, realGenai, file => mkdirSync(file)),
  ),
  'ONNX Runtime a text file': unusable(INCOMPATIBLE, `${ORT} is not a shared library`, folder =>
    pair(folder, realGenai, text),
  ),
  'genai a text file': unusable(INCOMPATIBLE, `${GENAI} is not a shared library`, folder =>
    pair(folder, text, realOrt),
  ),
  'genai cut short': unusable(INCOMPATIBLE, `${GENAI} is incomplete`, folder =>
    pair(folder, file => real('genai', file, 100_000), realOrt),
  ),
  'ONNX Runtime of another architecture': unusable(INCOMPATIBLE, `this process is ${process.arch}`, folder =>
    pair(folder, realGenai, file => {
      compile(file, EMPTY);
      patchMachine(file);
    }),
  ),
};

const configure = (message: string, options: unknown): BadCase<Place> =>
  invalid(message, () => configureRuntime(options as object));

const ARGUMENTS: Table<Place> = table(
  each([5, null, 'home'], wrong => [
    `configureRuntime ${JSON.stringify(wrong)}`,
    configure('options must be an object, but is ', wrong),
  ]),
  {
    'runtime home a number': configure('home must be a string, but is number', { home: 5 }),
    'runtime home with NUL': configure('home must not contain a NUL', { home: 'a\0' }),
    'runtime variant unknown': configure('variant must be one of cpu, cuda, directml, but is "rocm"', {
      variant: 'rocm',
    }),
    'unknown option of configureRuntime': configure('Unknown option "nonsense". Options are home, variant', {
      nonsense: 1,
    }),
    'almost an option of configureRuntime': configure('Unknown option "Home"; did you mean "home"?', { Home: '.' }),
  },
);

/** Found by looking at the files or the arguments: one process is enough for all of them. */
export const RUNTIME_SEARCH: Table<Place> = table(FILES, ARGUMENTS);

/** Found by opening the libraries, or before: each in a process of its own. */
export const RUNTIME_OPENED: Table<Place> = {
  'no addon': refused(NOT_FOUND, 'run "npm run setup" to build it', ({ folder }) =>
    withVariable('ONNXRUNTIME_GENAI_NODE_PREBUILD', folder, capabilities),
  ),
  'ONNX Runtime too old': unusable(INCOMPATIBLE, 'is ONNX Runtime 1.20.0, but onnxruntime-genai needs 1.26', folder =>
    pair(folder, realGenai, file => onnxruntimeOf('1.20.0', file)),
  ),
  'ONNX Runtime a library that is none': unusable(INCOMPATIBLE, 'is no ONNX Runtime library', folder =>
    pair(folder, realGenai, compiled(EMPTY)),
  ),
  'ONNX Runtime without an API': unusable(INCOMPATIBLE, 'has no API of ONNX Runtime 1.18', folder =>
    pair(folder, realGenai, compiled(NO_API)),
  ),
  'ONNX Runtime a library with a missing dependency': unusable(INCOMPATIBLE, 'nobody_has_this', folder =>
    pair(folder, realGenai, compiled(UNRESOLVED)),
  ),
  'genai a library that is none': unusable(INCOMPATIBLE, 'is no onnxruntime-genai library of version 0.14.1', folder =>
    pair(folder, compiled(EMPTY), realOrt),
  ),
  'genai a library with a missing dependency': unusable(INCOMPATIBLE, 'nobody_has_this', folder =>
    pair(folder, compiled(UNRESOLVED), realOrt),
  ),
  'ONNX Runtime too old for this genai': checked(async ({ folder }) => {
    if (process.env['GENAI_TEST_VERSION'] === '0.14.1') return; // takes every ONNX Runtime that we take
    await pair(folder, realGenai, file => onnxruntimeOf('1.26.0', file));
    await expectError(load(folder), INCOMPATIBLE, 'is ONNX Runtime 1.26.0, but onnxruntime-genai');
  }),
};
