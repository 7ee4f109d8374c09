/** What this package is called, to servers and in the models that it saves. */
import { readFileSync } from 'node:fs';

export const PACKAGE = 'onnxruntime-genai-node';

/** The version in package.json; `"unknown"` where the code was bundled into another program. */
export function packageVersion(): string {
  try {
    // Both `src/util` and `dist/util` lie two folders below the package.
    const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    return String((manifest as { version?: unknown }).version);
  } catch {
    return 'unknown';
  }
}
