/** Which library pairs exist, what pip must ask for, and which files of a wheel are wanted. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PlainError } from './plain-error.mjs';
import { root } from './run.mjs';

const FOLDER = join(root, 'scripts', 'runtime');
/** Pairs that only tests use. */
const OLDER = join(FOLDER, 'older');

/** Platform of Node (`process.platform-process.arch`) to the oldest platform tag that has wheels of both libraries. */
const PIP_PLATFORM = {
  'linux-x64': 'manylinux_2_28_x86_64',
  'linux-arm64': 'manylinux_2_28_aarch64',
  'win32-x64': 'win_amd64',
  'win32-arm64': 'win_arm64',
  'darwin-arm64': 'macosx_14_0_arm64',
};

/** Names of all pairs, such as `linux-x64-cpu`. */
export function pairNames() {
  return namesIn(FOLDER);
}

/** Versions of onnxruntime-genai besides the newest that there is a pair of, oldest first. */
export function olderVersions(platform, variant) {
  const prefix = `${platform}-${variant}-`;
  return namesIn(OLDER)
    .filter(name => name.startsWith(prefix))
    .map(name => name.slice(prefix.length))
    .sort();
}

function namesIn(folder) {
  return readdirSync(folder)
    .filter(file => file.endsWith('.txt'))
    .map(file => basename(file, '.txt'));
}

/**
 * The pinned pair of a platform and variant.
 *
 * @param {string | undefined} version of onnxruntime-genai; the newest when left out
 * @returns {{ name: string, file: string, pipPlatform: string, versions: Record<string, string> }} `file` is the
 *   requirement file; `versions` has the keys `onnxruntime-genai` and `onnxruntime` in every variant
 */
export function findPair(platform, variant, version) {
  if (version !== undefined) return readPair(olderName(platform, variant, version), OLDER, platform);
  const name = `${platform}-${variant}`;
  if (!pairNames().includes(name)) {
    throw new PlainError(
      `there are no libraries of the variant ${variant} for ${platform}; there are: ${pairNames().join(', ')}.\n` +
        'Build them from source and name their folder in ORT_GENAI_HOME.',
    );
  }
  return readPair(name, FOLDER, platform);
}

function olderName(platform, variant, version) {
  const versions = olderVersions(platform, variant);
  if (versions.includes(version)) return `${platform}-${variant}-${version}`;
  throw new PlainError(
    `there is no pair of onnxruntime-genai ${version} (${variant}) for ${platform}; older versions: ` +
      `${versions.join(', ') || 'none'}.`,
  );
}

function readPair(name, folder, platform) {
  const file = join(folder, `${name}.txt`);
  const versions = {};
  for (const [, library, version] of readFileSync(file, 'utf8').matchAll(/^(onnxruntime(?:-genai)?)\S*==([\w.]+)/gm)) {
    versions[library] = version;
  }
  return { name, file, pipPlatform: PIP_PLATFORM[platform], versions };
}

/**
 * The name under which a file of a wheel is kept, or null when it is not wanted.
 * Wanted are shared libraries (Python's extension modules are not named `lib*`) and the terms they come under.
 *
 * @param {string} path path inside the wheel, with `/`
 */
export function keptName(path) {
  const name = basename(path);
  if (/\.(dll|dylib)$/.test(name) || /^lib.+\.so(\.\d+)*$/.test(name)) return name;
  const terms = /^onnxruntime(_genai)?\/(LICENSE|ThirdPartyNotices)(\.\w+)?$/.exec(path);
  return terms ? `${terms[2]}-onnxruntime${terms[1] ? '-genai' : ''}${terms[3] ?? ''}` : null;
}
