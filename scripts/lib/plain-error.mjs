/** Failures that the reader can act on: printed as a message, never as a stack trace. */

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An expected failure whose message says what is wrong and what to do. */
export class PlainError extends Error {}

/** True when the module with this `import.meta.url` is the script that node was started with. */
export function isMain(moduleUrl) {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(moduleUrl);
}

/** Runs the body of a script. A `PlainError` ends it with its message and exit code 1; other errors keep their stack. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof PlainError ? `error: ${error.message}` : error);
    process.exitCode = 1;
  }
}
