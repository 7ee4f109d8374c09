/** What the command knows about the package it is part of. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version in package.json. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8'));
  return String((manifest as { version?: unknown }).version);
}

/** The demo model of a source checkout; an installed package has none. */
export function embeddedModel(): string | undefined {
  const folder = fromRoot('models/phi3-demo');
  return existsSync(folder) ? folder : undefined;
}

/** Both `src/cli` and `dist/cli` lie two folders below the package. */
function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
