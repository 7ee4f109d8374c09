/** Pictures and recordings as they are given: read, and checked before the library sees them. */
import { readFile } from 'node:fs/promises';
import { GenAIError, invalidArgument } from '../errors.ts';
import { checkText } from '../util/text.ts';

/** The path of a file, or what a file holds. */
export type MediaSource = string | Uint8Array;

/** Says why bytes are refused, or null. */
export type MediaCheck = (bytes: Uint8Array) => string | null;

/**
 * Whole files, which nobody else can change.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` naming the source
 */
export async function readMedia(
  kind: string,
  sources: readonly MediaSource[],
  check: MediaCheck,
): Promise<Uint8Array[]> {
  if (sources.length === 0) throw invalidArgument(kind, 'at least one path or Uint8Array', sources);
  // Bytes are copied before the first file is read: the caller may go on to use them.
  const given = sources.map((source, index) => takeSource(`${kind}[${index}]`, source));
  const files: Uint8Array[] = [];
  for (const { name, source } of given) {
    const bytes = typeof source === 'string' ? await readPath(name, source) : source;
    const problem = bytes.length === 0 ? 'it is empty' : check(bytes);
    if (problem !== null) throw refused(name, source, problem);
    files.push(bytes);
  }
  return files;
}

const EMPTY = new Uint8Array(0);

interface Source {
  readonly name: string;
  readonly source: MediaSource;
}

function takeSource(name: string, source: unknown): Source {
  // A detached one has no length, and cannot be copied.
  if (source instanceof Uint8Array) return { name, source: source.length === 0 ? EMPTY : new Uint8Array(source) };
  if (typeof source !== 'string') throw invalidArgument(name, 'a path or a Uint8Array', source);
  checkText(name, source);
  return { name, source };
}

async function readPath(name: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw refused(name, path, `it cannot be read: ${(cause as Error).message}`, cause);
  }
}

function refused(name: string, source: MediaSource, problem: string, cause?: unknown): GenAIError {
  const path = typeof source === 'string' ? source : undefined;
  return new GenAIError(
    'ERR_GENAI_INVALID_ARGUMENT',
    `${name}${path === undefined ? '' : ` (${path})`} is refused: ${problem}.`,
    {
      ...(cause === undefined ? {} : { cause }),
      details: { argument: name, ...(path === undefined ? {} : { path }) },
    },
  );
}
