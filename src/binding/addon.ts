/** Loads the addon on first use: importing the package never does. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ERROR_CODES, GenAIError } from '../errors.ts';
import { packageRoot } from '../util/package.ts';
import type { NativeAddon } from './addon-types.ts';
import { toGenAIError } from './native-error.ts';

let addon: NativeAddon | undefined;

/**
 * The addon of this platform, from `prebuilds/` or a local build.
 *
 * @throws {GenAIError} `ERR_GENAI_RUNTIME_NOT_FOUND` when there is none, with what to do about it
 */
export function loadAddon(): NativeAddon {
  addon ??= open();
  return addon;
}

function open(): NativeAddon {
  const root = packageRoot();
  try {
    const load = createRequire(import.meta.url)('node-gyp-build') as (folder: string) => unknown;
    return load(root) as NativeAddon;
  } catch (cause) {
    if (Object.hasOwn(ERROR_CODES, (cause as { code?: string }).code ?? '')) throw toGenAIError(cause);
    const checkout = existsSync(join(root, 'CMakeLists.txt'));
    throw new GenAIError(
      'ERR_GENAI_RUNTIME_NOT_FOUND',
      `No native addon of onnxruntime-genai-node works for ${process.platform}-${process.arch}, Node ${process.version}. ` +
        (checkout
          ? 'This is a source checkout: run "npm run setup" to build it (needs CMake and a C++ compiler).'
          : 'Prebuilt ones exist for linux x64/arm64, win32 x64/arm64 and darwin arm64; was the package installed on another machine?') +
        ` Cause: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`,
      { cause, details: { platform: process.platform, arch: process.arch } },
    );
  }
}
