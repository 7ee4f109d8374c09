/** The one door through which a failed command leaves. */
import { debuglog, inspect } from 'node:util';
import { isGenAIError } from '../errors.ts';
import type { Output } from './output.ts';

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {}

/** Ctrl-C: exit code 130, the code of a process that a SIGINT ended. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted.');
  }
}

/** Says what went wrong, without a stack trace, and gives the exit code for it. */
export function reportError(error: unknown, output: Output): number {
  if (error instanceof Interrupted) return 130;
  output.error(`ort-genai: ${error instanceof Error ? error.message : String(error)}`);
  const debug = debuglog('genai');
  if (isGenAIError(error)) output.note(error.code);
  else if (!(error instanceof UsageError) && !debug.enabled) {
    output.note('This is not an error that ort-genai knows; NODE_DEBUG=genai shows where it comes from.');
  }
  if (debug.enabled) output.error(inspect(error));
  return error instanceof UsageError ? 2 : 1;
}
