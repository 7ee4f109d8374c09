/** The part of a fake server that lists and serves artifacts, well; tests break single answers of it. */
import type { ServerResponse } from 'node:http';
import { json, type Received } from './fake-server.ts';

const ROOT = '/api/2.0/mlflow-artifacts/artifacts';

export interface Entry {
  readonly path: unknown;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

/** Path below the proxy's root, without the query. */
export function artifactPath(request: Received): string {
  const path = request.url.split('?')[0] ?? '';
  return decodeURIComponent(path.slice(ROOT.length + 1));
}

/** The directory that a request wants listed; `undefined` for a request of a file. */
export function listedDirectory(request: Received): string | undefined {
  if (request.method !== 'GET' || !request.url.startsWith(`${ROOT}?`)) return undefined;
  return new URL(request.url, 'http://x').searchParams.get('path') ?? '';
}

/** Answers of a store with these files (contents by path). */
export function serveFiles(
  files: Readonly<Record<string, Buffer | string>>,
  request: Received,
  answer: ServerResponse,
): void {
  const directory = listedDirectory(request);
  if (directory !== undefined) {
    json(answer, 200, { files: listing(files, directory) });
    return;
  }
  const content = files[artifactPath(request)];
  if (content !== undefined) serveContent(Buffer.from(content), request, answer);
  else json(answer, 404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no file' });
}

/** With ranges and an ETag, as the real server. */
export function serveContent(content: Buffer, request: Received, answer: ServerResponse, etag = '"1"'): void {
  const { range } = request.headers;
  const ifRange = request.headers['if-range'];
  const [, first] = /^bytes=(\d+)-$/.exec(String(range)) ?? [];
  if (first === undefined || (ifRange !== undefined && ifRange !== etag)) {
    answer.writeHead(200, { etag, 'content-length': content.length });
    answer.end(content);
    return;
  }
  const part = content.subarray(Number(first));
  const contentRange = `bytes ${first}-${content.length - 1}/${content.length}`;
  answer.writeHead(206, { etag, 'content-length': part.length, 'content-range': contentRange });
  answer.end(part);
}

function listing(files: Readonly<Record<string, Buffer | string>>, directory: string): Entry[] {
  const prefix = directory === '' ? '' : `${directory}/`;
  const entries = new Map<string, Entry>();
  for (const [path, content] of Object.entries(files)) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...rest] = path.slice(prefix.length).split('/');
    const size = Buffer.byteLength(content);
    // As protobuf: an empty file has no size.
    const file = { path: name, is_dir: false, ...(size === 0 ? {} : { file_size: size }) };
    entries.set(name, rest.length > 0 ? { path: name, is_dir: true } : file);
  }
  return [...entries.values()];
}
