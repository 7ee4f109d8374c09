/** Which sanitizers the tests can run under, and what each needs. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { PlainError } from './plain-error.mjs';

/** The tests of owner threads, streams, cancelling, disposing, exits and worker threads; none that measures memory. */
const LIFECYCLE = [
  'collect',
  'copies',
  'dispose',
  'engine',
  'exit',
  'scheduler',
  'signals',
  'streams',
  'tensors',
  'threads',
].map(name => `lifecycle/${name}.test`);

/** Bytes that the library borrows, tokenizers that end by themselves, texts from any thread. */
const CONFIG = ['config', 'log', 'model-data', 'process-settings', 'tokenizer-options'].map(
  name => `core/${name}.test`,
);

/**
 * `heading`: of the gate; `sanitize`: the value of CMake's GENAI_SANITIZE; `runtimes`: what must come before node's own
 * malloc; `options`: environment variables and what they hold, to which the place of the reports is added;
 * `tests`: parts of the paths of the test files; `slowness`: how much longer everything may take.
 */
export const SANITIZERS = {
  address: {
    heading: 'ASan and UBSan',
    sanitize: 'address,undefined',
    runtimes: ['libasan.so', 'libubsan.so'],
    options: {
      // Leaks are not asked for: V8 and the libraries keep memory to the end on purpose.
      ASAN_OPTIONS: 'detect_leaks=0:halt_on_error=1:exitcode=99',
      UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1:exitcode=99',
    },
    tests: [
      ...LIFECYCLE,
      ...CONFIG,
      'lifecycle/objects', // these two measure memory elsewhere, and make fewer objects here
      'lifecycle/engine-memory',
      'core/adapters',
      'core/chat-session',
      'core/engine',
      'core/generator',
      'core/media',
      'core/scheduler',
      'core/stream.test',
      'core/tensor.test',
      'core/tokenizer.test',
      'binding/contract',
      'binding/engine.test',
      'guided/regex',
    ],
    slowness: 4,
  },
  thread: {
    heading: 'TSan',
    sanitize: 'thread',
    runtimes: ['libtsan.so'],
    options: {
      // Reports are judged by reading them, see sanitizer-reports.mjs; names are looked up for those that are shown.
      TSAN_OPTIONS: 'halt_on_error=0:exitcode=0:symbolize=0:report_signal_unsafe=0:atexit_sleep_ms=0',
    },
    tests: [...LIFECYCLE, 'core/engine-', 'core/log.test', 'core/scheduler'],
    slowness: 8,
  },
};

/** Value for LD_PRELOAD. @throws {PlainError} where a runtime is not installed */
export function preload({ runtimes }) {
  const paths = runtimes.map(name => {
    // g++ repeats the bare name of a file that it does not find.
    const path = execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
    return { name, path, found: isAbsolute(path) && existsSync(path) };
  });
  const missing = paths.filter(({ found }) => !found).map(({ name }) => name);
  if (missing.length > 0) {
    const major = execFileSync('g++', ['-dumpversion'], { encoding: 'utf8' }).trim().split('.')[0];
    throw new PlainError(
      `g++ has no ${missing.join(', ')}. On Debian and Ubuntu: sudo apt-get install libgcc-${major}-dev; ` +
        'on Fedora: sudo dnf install libasan libubsan libtsan.',
    );
  }
  return paths.map(({ path }) => path).join(' ');
}
