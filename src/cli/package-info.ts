/** What the command knows about the package it is part of. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The demo model of a source checkout; an installed package has none. */
export function embeddedModel(): string | undefined {
  const folder = fromRoot('models/phi3-demo');
  return existsSync(folder) ? folder : undefined;
}

/** Both `src/cli` and `dist/cli` lie two folders below the package. */
function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
