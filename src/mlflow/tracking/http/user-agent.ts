/** What the client says of itself in every request. */
import { readFileSync } from 'node:fs';

/** The version whose REST API this client follows. */
const MLFLOW_VERSION = '3.17.2';

let headers: Readonly<Record<string, string>> | undefined;

export function clientVersion(): Readonly<Record<string, string>> {
  headers ??= {
    'user-agent': `onnxruntime-genai-node/${packageVersion()}`,
    'x-mlflow-client-version': MLFLOW_VERSION,
  };
  return headers;
}

function packageVersion(): string {
  try {
    const manifest = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'));
    const { version } = manifest as { version?: unknown };
    return typeof version === 'string' ? version : 'unknown';
  } catch {
    return 'unknown'; // bundled into another program
  }
}
