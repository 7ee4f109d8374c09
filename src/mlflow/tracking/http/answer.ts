/** Reading what a server answers, of whom nothing is taken on trust: size, kind and form of the body. */
import type { Readable } from 'node:stream';
import { GenAIError } from '../../../errors.ts';
import { isObject } from '../../../util/objects.ts';
import { FailedAttempt, type Outcome, retryAfterMs } from './retry.ts';

/** The part of undici's answer that is used here. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

/** Which request a failure belongs to. */
export interface RequestName {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** `http://127.0.0.1:5000` */
  readonly origin: string;
}

/** A search of 50,000 runs with all their tags has less. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_PAGE = 8192;
const MAX_EXCERPT = 500;

/** Waits for as little of the body as is needed; the rest is not read. */
async function readBody(body: Readable, limit: number): Promise<{ bytes: Buffer; whole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) return { bytes: Buffer.concat(chunks), whole: false };
  }
  return { bytes: Buffer.concat(chunks), whole: true };
}

/** For an answer that says all by its status. A body that is read to its end leaves the connection for the next request. */
export async function ignoreBody(answer: Answer): Promise<void> {
  await readBody(answer.body, MAX_ERROR_BYTES);
}

/** For an answer that has nothing to say: empty or a JSON object. All else is from somebody who is no MLflow server. */
export async function readNothing(answer: Answer, request: RequestName): Promise<void> {
  await readObject(answer, request, true);
}

/** The JSON object of an answer with status 200. */
export async function readJson(answer: Answer, request: RequestName): Promise<Record<string, unknown>> {
  return readObject(answer, request, false);
}

async function readObject(answer: Answer, request: RequestName, mayBeEmpty: boolean): Promise<Record<string, unknown>> {
  const { bytes, whole } = await readBody(answer.body, MAX_JSON_BYTES);
  const status = answer.statusCode;
  if (!whole) throw unusable(request, status, `the answer is larger than ${MAX_JSON_BYTES} bytes`);
  const text = bytes.toString('utf8');
  const value = mayBeEmpty && text.trim() === '' ? {} : parseObject(text);
  if (value !== undefined) return value;
  const what = text.trim() === '' ? 'it is empty' : `it begins with ${JSON.stringify(excerpt(text).slice(0, 100))}`;
  throw unusable(request, status, `the answer is no JSON object: ${what}. Is this the address of an MLflow server?`);
}

function unusable(request: RequestName, status: number, why: string): FailedAttempt {
  return new FailedAttempt('final', retries => httpError(request, { status, retries, what: why }));
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Status codes after which another try may succeed, as Python's client has them. */
const OUTCOMES: ReadonlyMap<number, Outcome> = new Map([
  [408, 'refused'],
  [429, 'refused'],
  [503, 'refused'],
  [500, 'unknown'],
  [502, 'unknown'],
  [504, 'unknown'],
]);

/** What an answer with another status than 2xx means. */
export async function readRefusal(
  answer: Answer,
  request: RequestName,
  secrets: readonly string[],
): Promise<FailedAttempt> {
  const { statusCode: status, headers } = answer;
  const read = await readBody(answer.body, MAX_ERROR_BYTES).catch(() => undefined); // the status says enough
  const text = read?.bytes.toString('utf8') ?? '';
  const { error_code, message } = parseObject(text) ?? {};
  const ownCode = typeof error_code === 'string' && /^[A-Z_]{1,100}$/.test(error_code) ? error_code : undefined;
  const errorCode = ownCode ?? ERROR_CODE_OF_STATUS.get(status) ?? 'INTERNAL_ERROR';
  const said = typeof message === 'string' ? clean(redact(message, secrets)) : excerpt(redact(text, secrets));
  const what = `the answer is ${status} ${errorCode}${said === '' ? '' : `: ${said}`}${hint(status)}`;
  const outcome = OUTCOMES.get(status) ?? 'final';
  const toError = (retries: number): GenAIError => httpError(request, { status, errorCode, retries, what });
  return new FailedAttempt(outcome, toError, retryAfterMs(headers['retry-after']), status);
}

/** For an answer that is not MLflow's JSON, such as that of a proxy: the code that Python's client derives. */
const ERROR_CODE_OF_STATUS: ReadonlyMap<number, string> = new Map([
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'ENDPOINT_NOT_FOUND'],
  [409, 'RESOURCE_CONFLICT'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [501, 'NOT_IMPLEMENTED'],
  [503, 'TEMPORARILY_UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

function hint(status: number): string {
  if (status === 401) {
    return ' Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, or write them to ~/.mlflow/credentials.';
  }
  if (status === 413) return ' A proxy in front of the server limits the size of a request.';
  return '';
}

/** `ERR_MLFLOW_HTTP`; the one place that knows what its details are. */
export function httpError(
  { method, path, origin }: RequestName,
  facts: {
    status?: number;
    errorCode?: string;
    retries: number;
    what: string;
    cause?: unknown;
  },
): GenAIError {
  const { status, errorCode, retries, what, cause } = facts;
  const tries = retries === 0 ? '' : ` (after ${retries + 1} tries)`;
  return new GenAIError('ERR_MLFLOW_HTTP', `${method} ${origin}${path} failed${tries}: ${what}`, {
    details: {
      ...(status === undefined ? {} : { status }),
      ...(errorCode === undefined ? {} : { errorCode }),
      ...{ method, path, retries },
    },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a person can read of a text or an HTML page. */
function excerpt(whole: string): string {
  const text = whole.slice(0, MAX_PAGE);
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1];
  return clean(title ?? text.replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' '));
}

/** One line without control characters (a terminal would obey them). */
function clean(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > MAX_EXCERPT ? `${line.slice(0, MAX_EXCERPT)}...` : line;
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
