/**
 * Uploads of large files in parts that go straight to the cloud storage behind the server, where it offers that.
 * Source: mlflow/store/artifact/http_artifact_repo.py.
 */
import { posix } from 'node:path';
import { hasErrorCode } from '../experiments.ts';
import { integer, list, text, type Wire } from '../from-wire.ts';
import { httpError, ignoreBody } from '../http/answer.ts';
import type { Connection } from '../http/connection.ts';
import type { CopyOptions, LocalFile } from './artifact-store.ts';
import { inParallel } from './in-parallel.ts';
import { countAttempt, encodePath, PROXY, readRange } from './proxy-wire.ts';

export interface MultipartSettings {
  /** `auto`: where the server says that it can. */
  readonly mode: 'auto' | 'always' | 'never';
  /** Files from this size on go in parts. */
  readonly minimumBytes: number;
  readonly partBytes: number;
}

const MIB = 1024 * 1024;

/** As in Python: files from 500 MiB, parts of 10 MiB. */
export function readMultipartSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): MultipartSettings {
  const wanted = env['MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD'];
  return {
    mode: wanted === undefined || wanted === '' ? 'auto' : /^(true|1)$/i.test(wanted) ? 'always' : 'never',
    minimumBytes: positive(env['MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE'], 500 * MIB),
    partBytes: positive(env['MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE'], 10 * MIB),
  };
}

function positive(text: string | undefined, fallback: number): number {
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) && value > 0 ? value : fallback;
}

/** S3 takes no more parts, and as large ones. */
const MAX_PARTS = 10_000;
const PARTS_AT_ONCE = 4;

/** @returns false when this file, or this server, is not for it: nothing has been sent then */
export async function uploadInParts(
  connection: Connection,
  file: LocalFile,
  path: string,
  settings: MultipartSettings,
  options: CopyOptions,
): Promise<boolean> {
  const { mode, minimumBytes } = settings;
  if (mode === 'never' || file.size < minimumBytes || file.size === 0) return false;
  if (mode === 'auto' && !(await isOffered(connection, options.signal))) return false;
  const partBytes = Math.max(settings.partBytes, Math.ceil(file.size / MAX_PARTS));
  const upload = await begin(connection, path, Math.ceil(file.size / partBytes), options.signal);
  if (upload === undefined) return false;
  try {
    const parts = await sendParts(connection, file, partBytes, upload, options);
    await tell(connection, 'complete', path, { upload_id: upload.id, parts }, options.signal);
    return true;
  } catch (error) {
    // The storage would keep the parts, and charge for them. The first error is the one that counts.
    await tell(connection, 'abort', path, { upload_id: upload.id }, AbortSignal.timeout(10_000)).catch(() => {});
    throw error;
  }
}

interface Upload {
  readonly id: string;
  readonly parts: readonly Part[];
}

interface Part {
  readonly number: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const offers = new WeakMap<Connection, Promise<boolean>>();

/** Asked once. A server that does not know the question (before 3.x) offers nothing. */
function isOffered(connection: Connection, signal: AbortSignal | undefined): Promise<boolean> {
  const known = offers.get(connection);
  if (known !== undefined) return known;
  const asked = connection.call('GET', '/api/3.0/mlflow/server-info', { signal }).then(
    info => info['multipart_uploads_enabled'] === true,
    error => {
      signal?.throwIfAborted();
      if (hasErrorCode(error, 'ENDPOINT_NOT_FOUND', 'NOT_IMPLEMENTED', 'RESOURCE_DOES_NOT_EXIST')) return false;
      throw error;
    },
  );
  offers.set(connection, asked);
  asked.catch(() => offers.delete(connection)); // the next file asks again
  return asked;
}

async function begin(
  connection: Connection,
  path: string,
  count: number,
  signal: AbortSignal | undefined,
): Promise<Upload | undefined> {
  try {
    const answer = await tell(connection, 'create', path, { num_parts: count }, signal);
    const parts = list(answer, 'credentials').map((part, index) => toPart(part, index));
    if (parts.length !== count) throw badOffer(connection, `it names ${parts.length} parts instead of ${count}`);
    return { id: text(answer, 'upload_id'), parts };
  } catch (error) {
    if (hasErrorCode(error, 'NOT_IMPLEMENTED', 'ENDPOINT_NOT_FOUND')) return undefined;
    throw error;
  }
}

function toPart(wire: Wire, index: number): Part {
  const headers = wire['headers'] ?? {};
  const texts = Object.entries(headers).filter(([, value]) => typeof value === 'string');
  return {
    number: integer(wire, 'part_number') ?? index + 1,
    url: text(wire, 'url'),
    headers: Object.fromEntries(texts),
  };
}

async function sendParts(
  connection: Connection,
  { source, size }: LocalFile,
  partBytes: number,
  { parts }: Upload,
  { signal, onBytes }: CopyOptions,
): Promise<object[]> {
  return inParallel(parts, PARTS_AT_ONCE, signal, async (part, stop, index) => {
    const start = index * partBytes;
    const length = Math.min(partBytes, size - start);
    const headers = { ...part.headers, 'content-length': String(length) };
    const etag = await connection.retry({ repeatable: true, signal: stop }, async () => {
      const { add, takeBack } = countAttempt(onBytes);
      const body = readRange(source, start, length, add);
      try {
        return await connection.exchangeElsewhere('PUT', part.url, { headers, body, signal: stop }, async answer => {
          await ignoreBody(answer);
          return String(answer.headers['etag'] ?? '');
        });
      } catch (error) {
        takeBack();
        throw error;
      }
    });
    return { part_number: part.number, etag, url: part.url };
  });
}

/** The three calls around the parts; `path` in the body is the file's name, in the URL its directory. */
function tell(
  connection: Connection,
  step: 'create' | 'complete' | 'abort',
  path: string,
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<Wire> {
  const directory = posix.dirname(path) === '.' ? '' : `/${encodePath(posix.dirname(path))}`;
  const request = { body: { path: posix.basename(path), ...body }, signal, repeatable: step !== 'create' };
  return connection.call('POST', `${PROXY}/mpu/${step}${directory}`, request);
}

function badOffer(connection: Connection, why: string): Error {
  return httpError(connection.nameOf('POST', `${PROXY}/mpu/create`), {
    retries: 0,
    what: `the offer is unusable: ${why}.`,
  });
}
