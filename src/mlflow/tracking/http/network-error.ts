/** Failures below HTTP: nobody there, a broken connection, a certificate that does not match. */
import type { RequestName } from './answer.ts';
import { httpError } from './answer.ts';
import { readProxies } from './proxies.ts';
import { FailedAttempt, type Outcome } from './retry.ts';

/** Before the first byte of a request could leave. */
const UNSENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** In the middle of it. */
const BROKEN = new Set([
  ...['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT'],
  ...['UND_ERR_BODY_TIMEOUT', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_ABORTED', 'ERR_STREAM_PREMATURE_CLOSE'],
]);

const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** @returns `undefined` for an error that the network has not made */
export function networkFailure(error: unknown, request: RequestName): FailedAttempt | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const refused = refusalOfProxy(code, error);
  if (refused !== undefined) {
    return new FailedAttempt('final', retries => httpError(request, { retries, what: refused, cause: error }));
  }
  const outcome = outcomeOf(code);
  if (outcome === undefined) return undefined;
  const { message } = error as Error;
  const what = `${describe(code, request)} (${code}${message === '' || message.includes(code) ? '' : `: ${message}`}).`;
  return new FailedAttempt(outcome, retries => httpError(request, { retries, what, cause: error }));
}

/** undici has no code for it: its words are what there is. */
function refusalOfProxy(code: string, error: unknown): string | undefined {
  if (code !== 'UND_ERR_INVALID_ARG' && code !== 'UND_ERR_ABORTED') return undefined;
  const [, status] = /^Proxy .*\((4\d\d)\)/.exec((error as Error).message) ?? [];
  if (status === undefined) return undefined;
  const hint = status === '407' ? 'write the name and the password of it into' : 'look at';
  return `the proxy refuses with ${status}; ${hint} HTTP_PROXY or HTTPS_PROXY, or name the server in NO_PROXY.`;
}

function outcomeOf(code: string): Outcome | undefined {
  if (UNSENT.has(code)) return 'unsent';
  if (BROKEN.has(code)) return 'unknown';
  return isCertificateError(code) || isNotHttp(code) ? 'final' : undefined;
}

function describe(code: string, { origin, method }: RequestName): string {
  if (TIMEOUTS.has(code))
    return 'the server was silent for too long; MLFLOW_HTTP_REQUEST_TIMEOUT or timeoutMs allow more';
  if (UNSENT.has(code)) {
    const proxied = readProxies(new URL(origin).hostname) !== undefined;
    const proxy = proxied ? ' And is the proxy, which HTTP_PROXY or HTTPS_PROXY names?' : '';
    return `nobody answers at ${origin}; is the server running, and is this its address?${proxy}`;
  }
  if (isCertificateError(code)) {
    return 'the certificate of the server is not accepted; name its authority by MLFLOW_TRACKING_SERVER_CERT_PATH';
  }
  if (isNotHttp(code)) return 'what answers there does not speak this protocol; is it http or https?';
  const doubt = method === 'GET' ? '' : '; the server may have done it nevertheless: look before you try again';
  return `the connection broke${doubt}`;
}

/** OpenSSL's names, as Node gives them, and those of Node itself. */
function isCertificateError(code: string): boolean {
  return /CERT|^ERR_TLS_|^UNABLE_TO_|SELF_SIGNED|^INVALID_CA$|^PATH_LENGTH_EXCEEDED$|^INVALID_PURPOSE$/.test(code);
}

function isNotHttp(code: string): boolean {
  return (
    code.startsWith('HPE_') || code.startsWith('ERR_SSL_') || code === 'EPROTO' || code === 'UND_ERR_HEADERS_OVERFLOW'
  );
}

/** Two addresses of one host (IPv6 and IPv4) fail together, with their errors in a list. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  if (error.name === 'HTTPParserError') return 'HPE_ERROR'; // undici's, which has not always a code
  const first: unknown = (error as Partial<AggregateError>).errors?.[0];
  return first === undefined ? undefined : codeOf(first);
}
