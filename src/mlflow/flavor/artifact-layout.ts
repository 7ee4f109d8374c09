/** Where artifacts lie in a model directory. Source: MLflow 3.17.2, observed. */
import { basename, resolve } from 'node:path';

/** One artifact under all of its names; the same source under two names is stored once. */
export interface PlacedArtifact {
  readonly keys: readonly string[];
  /** Absolute path of the file or folder. */
  readonly source: string;
  /** As the caller wrote it; MLflow keeps it as `uri`. */
  readonly uri: string;
  /** Below the model directory, with `/`: `artifacts/phi3-demo`. */
  readonly path: string;
}

/**
 * `artifacts/<name of the source>`, not of the key. Sources with equal names (in any case, for there are file systems
 * that see no difference) go to `artifacts/0/<name>`, `artifacts/1/<name>`, ...
 */
export function placeArtifacts(artifacts: Readonly<Record<string, string>>): PlacedArtifact[] {
  const bySource = new Map<string, { keys: string[]; uri: string }>();
  for (const [key, uri] of Object.entries(artifacts)) {
    const known = bySource.get(resolve(uri));
    if (known === undefined) bySource.set(resolve(uri), { keys: [key], uri });
    else known.keys.push(key);
  }
  const named = [...bySource].map(([source, rest]) => ({ source, name: basename(source), ...rest }));
  const plain = (name: string): string => name.toLowerCase();
  const collides = (name: string): boolean => named.filter(other => plain(other.name) === plain(name)).length > 1;
  const taken = new Set(named.filter(({ name }) => !collides(name)).map(({ name }) => name));
  let next = 0;
  return named.map(({ source, name, keys, uri }) => {
    if (!collides(name)) return { keys, source, uri, path: `artifacts/${name}` };
    while (taken.has(String(next))) next++;
    return { keys, source, uri, path: `artifacts/${next++}/${name}` };
  });
}
