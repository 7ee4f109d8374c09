/** Proves that a folder holds both libraries, and that this process can load them. */

import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { libraryProblem } from './library-header.ts';
import type { Attempt, RuntimeSource, SearchWorld } from './runtime-types.ts';

interface LibraryFile {
  readonly name: string;
  /** Its first group is the version, with a leading dot. */
  readonly pattern: RegExp;
}

const LIBRARIES: Record<string, { readonly genai: LibraryFile; readonly onnxruntime: LibraryFile }> = {
  win32: {
    genai: { name: 'onnxruntime-genai.dll', pattern: /^onnxruntime-genai\.dll$/i },
    onnxruntime: { name: 'onnxruntime.dll', pattern: /^onnxruntime\.dll$/i },
  },
  darwin: {
    genai: { name: 'libonnxruntime-genai.dylib', pattern: /^libonnxruntime-genai\.dylib$/ },
    onnxruntime: { name: 'libonnxruntime.dylib', pattern: /^libonnxruntime((?:\.\d+)*)\.dylib$/ },
  },
  linux: {
    genai: { name: 'libonnxruntime-genai.so', pattern: /^libonnxruntime-genai\.so$/ },
    onnxruntime: { name: 'libonnxruntime.so', pattern: /^libonnxruntime\.so((?:\.\d+)*)$/ },
  },
};

/** Looks for both libraries in the folders, of which the first is the one that is shown, and in their `lib/`. */
export async function inspectFolders(
  source: RuntimeSource,
  folders: readonly string[],
  world: SearchWorld,
): Promise<Attempt> {
  const directory = folders[0] ?? null;
  const fail = (problem: string): Attempt => ({ source, directory, problem });
  const files: string[] = [];
  let isThere = false;
  for (const folder of folders.flatMap(path => [path, join(path, 'lib')])) {
    const names = await readdir(folder).catch(() => null);
    isThere ||= names !== null;
    files.push(...(names ?? []).map(name => join(folder, name)));
  }
  if (!isThere) return fail('the folder does not exist or cannot be read');

  const wanted = LIBRARIES[world.platform];
  if (wanted === undefined) return fail(`there are no libraries for ${world.platform}`);
  const genaiLibrary = newest(files, wanted.genai.pattern);
  if (genaiLibrary === null) return fail(`it has no ${wanted.genai.name}`);
  const onnxruntimeLibrary = newest(files, wanted.onnxruntime.pattern);
  if (onnxruntimeLibrary === null) return fail(`it has no ${wanted.onnxruntime.name}`);
  for (const file of [genaiLibrary, onnxruntimeLibrary]) {
    const problem = await libraryProblem(file, world.platform, world.arch);
    if (problem !== null) return { ...fail(`${basename(file)} ${problem}`), unfit: true };
  }

  const versions = await readVersions(directory);
  const location = { source, directory: dirname(genaiLibrary), genaiLibrary, onnxruntimeLibrary };
  return { source, directory, problem: null, location: versions ? { ...location, versions } : location };
}

/** The match with the longest version (`.so.1.32.0` is the file, `.so.1` may be a link to another), then the highest. */
function newest(files: readonly string[], pattern: RegExp): string | null {
  const versionOf = (file: string) => (pattern.exec(basename(file))?.[1] ?? '').split('.').slice(1).map(Number);
  const matching = files.filter(file => pattern.test(basename(file)));
  matching.sort((a, b) => {
    const [left, right] = [versionOf(a), versionOf(b)];
    const different = left.findIndex((part, index) => part !== right[index]);
    return right.length - left.length || (right[different] ?? 0) - (left[different] ?? 0);
  });
  return matching[0] ?? null;
}

async function readVersions(directory: string | null): Promise<Record<string, string> | undefined> {
  if (directory === null) return undefined;
  try {
    const manifest: unknown = JSON.parse(await readFile(join(directory, 'runtime.json'), 'utf8'));
    const entries = Object.entries(manifest as Record<string, unknown>);
    return Object.fromEntries(
      entries.filter(
        (entry): entry is [string, string] => entry[0].startsWith('onnxruntime') && typeof entry[1] === 'string',
      ),
    );
  } catch {
    return undefined;
  }
}
