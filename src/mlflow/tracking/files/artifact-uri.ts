/** URIs of artifacts as the server gives them, or a user writes them. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GenAIError, invalidArgument } from '../../../errors.ts';
import { checkArtifactPath } from '../check.ts';

export type ArtifactLocation =
  | { readonly kind: 'path' /** Absolute. */; readonly path: string }
  | {
      readonly kind: 'mlflow-artifacts';
      /** `host:port` of another server than the tracking server. */
      readonly host?: string;
      /** Without slashes at its ends. */
      readonly path: string;
    };

/**
 * A plain path, `file:`, `mlflow-artifacts:/1/...` or `mlflow-artifacts://host:port/1/...`.
 *
 * @throws {GenAIError} `ERR_MLFLOW_URI`, `ERR_MLFLOW_UNSAFE_PATH`
 */
export function parseArtifactLocation(uri: string): ArtifactLocation {
  const scheme = schemeOf(uri);
  if (scheme === undefined) return { kind: 'path', path: resolve(uri) };
  if (scheme === 'file') return { kind: 'path', path: fromFileUri(uri) };
  if (scheme === 'mlflow-artifacts') return fromProxyUri(uri);
  throw unsupportedUri(uri, scheme);
}

/** In lower case; `undefined` for a path, also one like `C:\model`. */
export function schemeOf(uri: unknown): string | undefined {
  if (typeof uri !== 'string' || uri === '') throw invalidArgument('uri', 'a URI or a path', uri);
  if (uri.includes('\0')) throw uriError('A URI must not contain a NUL character.', uri);
  return /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(uri)?.[1]?.toLowerCase();
}

export function uriError(message: string, uri: string): GenAIError {
  return new GenAIError('ERR_MLFLOW_URI', message, { details: { uri: withoutPassword(uri) } });
}

function fromFileUri(uri: string): string {
  const url = /^file:\/\//i.test(uri) ? uri : uri.replace(/^file:/i, 'file://');
  try {
    return fileURLToPath(url);
  } catch (cause) {
    const message = `"${uri}" is not a file URI of this machine: ${(cause as Error).message}.`;
    throw new GenAIError('ERR_MLFLOW_URI', message, { cause, details: { uri } });
  }
}

function fromProxyUri(uri: string): ArtifactLocation {
  const [, host, rest = ''] = /^[^:]+:(?:\/\/([^/]*))?(.*)$/s.exec(uri) ?? [];
  if (host?.includes('@')) throw uriError('An mlflow-artifacts URI must not carry credentials.', uri);
  // urllib takes "mlflow-artifacts://5000/1" for a host named 5000; so does nobody else.
  if (host !== undefined && /^\d+$/.test(host)) throw uriError(`"${uri}" has a port but no host.`, uri);
  const path = checkArtifactPath(rest.replace(/^\/+|\/+$/g, ''), 'The path of an artifact URI');
  return { kind: 'mlflow-artifacts', path, ...(host === undefined || host === '' ? {} : { host }) };
}

const CLOUD = [
  's3',
  's3a',
  's3n',
  'gs',
  'wasb',
  'wasbs',
  'abfs',
  'abfss',
  'dbfs',
  'hdfs',
  'viewfs',
  'ftp',
  'sftp',
  'oss',
  'r2',
  'b2',
];

export function unsupportedUri(uri: string, scheme: string): GenAIError {
  if (CLOUD.includes(scheme)) {
    return uriError(
      `Artifacts under "${scheme}:" cannot be reached: this client has no keys of that storage. ` +
        'Start the server with --serve-artifacts and --artifacts-destination, which makes it their proxy (mlflow-artifacts:).',
      uri,
    );
  }
  if (scheme === 'http' || scheme === 'https') {
    return uriError(
      `"${withoutPassword(uri)}" is a web address, not a model. Set MLFLOW_TRACKING_URI or trackingUri to the server and ` +
        'name the model as "models:/name/1", "models:/name@alias", "models:/m-..." or "runs:/<run id>/<path>".',
      uri,
    );
  }
  return uriError(
    `"${withoutPassword(uri)}" begins with "${scheme}:", which is no kind of URI known here. Known are models:, runs:, ` +
      'mlflow-artifacts:, file: and plain paths (write "./" before a path with a colon).',
    uri,
  );
}

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, '//***@').replace(/\?.*$/s, '');
}
