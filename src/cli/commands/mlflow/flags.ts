/** Flags and arguments that the `mlflow` commands share. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { MlflowClient } from '../../../mlflow/index.ts';
import { UsageError } from '../../errors.ts';

export type Pairs = Readonly<Record<string, string>>;

/** Collects `--tag key=value` over several uses. */
export function pair(text: string, before: Pairs = {}): Pairs {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be key=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Collects `--tag key=value` where values are numbers and booleans when they look like one. */
export function configPair(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const [[key, value] = ['', '']] = Object.entries(pair(text));
  return { ...before, [key]: plainValue(value) };
}

function plainValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? text : number;
}

/** Collects a flag that may be given several times. */
export function several(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** A JSON text, or the one in the file behind `@`. @throws {UsageError} when it is no JSON */
export async function jsonArgument(flag: string, text: string): Promise<unknown> {
  const source = text.startsWith('@') ? await readText(flag, text.slice(1)) : text;
  try {
    return JSON.parse(source);
  } catch (error) {
    const hint = existsSync(text) ? `; did you mean @${text}?` : '';
    throw new UsageError(`${flag} must be JSON, or @file with JSON in it: ${(error as Error).message}${hint}`);
  }
}

async function readText(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the file of ${flag} cannot be read: ${(error as Error).message}`);
  }
}

/** For a model that brings native code of its own. */
export const ALLOW_CUSTOM_OPS = [
  '--allow-custom-ops',
  'let the model load its own native code; only if you trust its author',
] as const;

export interface ServerFlags {
  readonly trackingUri?: string;
}

export function addServerOptions(command: Command): Command {
  return command
    .optionsGroup('Server:')
    .option('--tracking-uri <uri>', 'the MLflow server (default: $MLFLOW_TRACKING_URI); credentials as for Python');
}

/** The server of the flags; undefined leaves it to the environment, which a local model does not need. */
export function clientOf({ trackingUri }: ServerFlags): MlflowClient | undefined {
  return trackingUri === undefined ? undefined : new MlflowClient({ trackingUri });
}
