/** What the client is told by options and, where they are silent, by MLflow's environment variables. */
import { GenAIError, invalidArgument } from '../../../errors.ts';
import { checkOptions } from '../../../util/options.ts';
import type { RetryPolicy } from './retry.ts';

/** All optional; the environment variable that stands behind each is the one of MLflow's Python client. */
export interface MlflowClientOptions {
  /** `http(s)://[user:password@]host[:port][/prefix]` of the tracking server; `MLFLOW_TRACKING_URI`. */
  readonly trackingUri?: string | undefined;
  /** The same for the model registry; `MLFLOW_REGISTRY_URI`, default the tracking server. */
  readonly registryUri?: string | undefined;
  /** Basic authentication, which wins over `token`; `MLFLOW_TRACKING_USERNAME`, `~/.mlflow/credentials`. */
  readonly username?: string | undefined;
  /** `MLFLOW_TRACKING_PASSWORD`, `~/.mlflow/credentials`. */
  readonly password?: string | undefined;
  /** Sent as `Authorization: Bearer`; `MLFLOW_TRACKING_TOKEN`. */
  readonly token?: string | undefined;
  /** `MLFLOW_WORKSPACE`. */
  readonly workspace?: string | undefined;
  /** PEM file of the only authorities that are trusted; `MLFLOW_TRACKING_SERVER_CERT_PATH`. */
  readonly serverCertPath?: string | undefined;
  /** PEM file with the client's certificate and key; `MLFLOW_TRACKING_CLIENT_CERT_PATH`. */
  readonly clientCertPath?: string | undefined;
  /** Do not check the server's certificate; `MLFLOW_TRACKING_INSECURE_TLS`. */
  readonly insecureTls?: boolean | undefined;
  /** Longest silence of the server, in milliseconds; default `MLFLOW_HTTP_REQUEST_TIMEOUT` seconds or 120 s. */
  readonly timeoutMs?: number | undefined;
  /** `MLFLOW_HTTP_REQUEST_MAX_RETRIES`, default 7. */
  readonly maxRetries?: number | undefined;
  /** Seconds; `MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR`, default 2. */
  readonly backoffFactor?: number | undefined;
  /** Seconds; `MLFLOW_HTTP_REQUEST_BACKOFF_JITTER`, default 1. */
  readonly backoffJitter?: number | undefined;
}

const OPTIONS = [
  ...['trackingUri', 'registryUri', 'username', 'password', 'token', 'workspace'],
  ...['serverCertPath', 'clientCertPath', 'insecureTls', 'timeoutMs', 'maxRetries', 'backoffFactor', 'backoffJitter'],
];

/** One server and how to talk to it. */
export interface ServerSettings {
  /** `http://127.0.0.1:5000`: without credentials, so that it may stand in a message. */
  readonly origin: string;
  /** What stands before `/api`, without a slash at its end: `''` or `/mlflow`. */
  readonly prefix: string;
  /** `null`: none at all, also none of the environment. */
  readonly credentials: Credentials | null;
  readonly workspace: string | undefined;
  readonly serverCertPath: string | undefined;
  readonly clientCertPath: string | undefined;
  readonly insecureTls: boolean;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
}

/** Those of the options and the URI. The environment's are added when the first request is made. */
export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @throws {GenAIError} `ERR_MLFLOW_NO_TRACKING_URI`; `ERR_MLFLOW_URI` for a store that is no server;
 *   `ERR_GENAI_INVALID_ARGUMENT`
 */
export function readSettings(
  options: MlflowClientOptions,
  env: Environment = process.env,
): { tracking: ServerSettings; registry: ServerSettings } {
  checkOptions(options, OPTIONS);
  refuseUnsupported(env);
  const uri = options.trackingUri ?? env['MLFLOW_TRACKING_URI'];
  if (uri === undefined || uri === '') throw noTrackingUri();
  const shared = readShared(options, env);
  const explicit: Credentials = { username: options.username, password: options.password, token: options.token };
  const tracking = { ...shared, ...readServerUri(uri, 'trackingUri', explicit) };
  const registryUri = options.registryUri ?? env['MLFLOW_REGISTRY_URI'];
  if (registryUri === undefined || registryUri === '') return { tracking, registry: tracking };
  return { tracking, registry: { ...shared, ...readServerUri(registryUri, 'registryUri', explicit) } };
}

function readShared(options: MlflowClientOptions, env: Environment): Omit<ServerSettings, UriParts> {
  const serverCertPath = checkText('serverCertPath', options.serverCertPath ?? env['MLFLOW_TRACKING_SERVER_CERT_PATH']);
  const insecureTls = options.insecureTls ?? flag(env['MLFLOW_TRACKING_INSECURE_TLS'], 'MLFLOW_TRACKING_INSECURE_TLS');
  if (typeof insecureTls !== 'boolean') throw invalidArgument('insecureTls', 'true or false', insecureTls);
  if (insecureTls && serverCertPath !== undefined) {
    throw refusal('insecureTls and serverCertPath contradict each other: pass one of them.', 'insecureTls');
  }
  return {
    workspace: checkText('workspace', options.workspace ?? env['MLFLOW_WORKSPACE']),
    serverCertPath,
    clientCertPath: checkText('clientCertPath', options.clientCertPath ?? env['MLFLOW_TRACKING_CLIENT_CERT_PATH']),
    insecureTls,
    timeoutMs: number('timeoutMs', options.timeoutMs, env, 'MLFLOW_HTTP_REQUEST_TIMEOUT', 120, 1000),
    retry: {
      maxRetries: number('maxRetries', options.maxRetries, env, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES', 7),
      backoffFactor: number('backoffFactor', options.backoffFactor, env, 'MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR', 2),
      backoffJitter: number('backoffJitter', options.backoffJitter, env, 'MLFLOW_HTTP_REQUEST_BACKOFF_JITTER', 1),
    },
  };
}

type UriParts = 'origin' | 'prefix' | 'credentials';

/** Credentials in the URI win over those of the environment, as in Python; those in the options over both. */
function readServerUri(uri: string, name: string, explicit: Credentials): Pick<ServerSettings, UriParts> {
  if (typeof uri !== 'string') throw invalidArgument(name, 'a string', uri);
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw notAServer(uri, name);
  const { username, password, token } = explicit;
  const has = (username ?? password ?? token) !== undefined;
  const inUri = url.username !== '' && url.password !== '';
  const decoded = inUri ? { username: percentDecoded(url.username), password: percentDecoded(url.password) } : {};
  for (const [key, value] of Object.entries(explicit)) if (value !== undefined) checkText(key, value);
  return {
    origin: url.origin,
    prefix: url.pathname.replace(/\/+$/, ''),
    credentials: has ? explicit : decoded,
  };
}

function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function noTrackingUri(): GenAIError {
  return new GenAIError(
    'ERR_MLFLOW_NO_TRACKING_URI',
    'No MLflow tracking server is named. Set MLFLOW_TRACKING_URI or pass trackingUri (--tracking-uri), such as "http://127.0.0.1:5000".',
  );
}

/** The message holds the scheme alone: a database URI may have a password in it. */
function notAServer(uri: string, name: string): GenAIError {
  const scheme = /^([A-Za-z][\w+.-]*):/.exec(uri)?.[1];
  const what = scheme === undefined || scheme.length === 1 ? 'a file path' : `of the kind "${scheme}:"`;
  return new GenAIError(
    'ERR_MLFLOW_URI',
    `${name} is ${what}, but this client talks to an MLflow server over HTTP. Start one, for example by ` +
      '"mlflow server --backend-store-uri sqlite:///mlflow.db --port 5000", and name it as "http://127.0.0.1:5000".',
    { details: { argument: name, ...(scheme === undefined ? {} : { scheme }) } },
  );
}

/** Ways to sign in that are not built would end as a 401 without a reason. */
function refuseUnsupported(env: Environment): void {
  for (const name of ['MLFLOW_TRACKING_AUTH', 'MLFLOW_TRACKING_AWS_SIGV4']) {
    const value = env[name];
    if (value === undefined || value === '' || /^(false|0)$/i.test(value)) continue;
    throw refusal(`${name} is set, but this client knows only a user name with a password, and a token.`, name);
  }
}

/** @returns `undefined` for nothing and for an empty text */
export function checkText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined;
  // Never with the value: it may be a password. A line break would end the header that it is sent in.
  if (typeof value !== 'string') throw refusal(`${name} must be a string, but is ${typeof value}.`, name);
  if (/[\r\n\0]/.test(value)) throw refusal(`${name} must not contain line breaks or NUL characters.`, name);
  // Header fields of their own; a name and a password are encoded.
  if (/token|workspace/i.test(name) && /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw refusal(`${name} must consist of characters that an HTTP header can hold.`, name);
  }
  return value;
}

function flag(value: string | undefined, name: string): boolean {
  if (value === undefined || value === '') return false;
  if (/^(true|1)$/i.test(value)) return true;
  if (/^(false|0)$/i.test(value)) return false;
  throw invalidArgument(name, '"true" or "false"', value);
}

function number(
  name: string,
  option: number | undefined,
  env: Environment,
  variable: string,
  fallback: number,
  factor = 1,
): number {
  const value = option ?? (env[variable] ? Number(env[variable]) : fallback) * factor;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw invalidArgument(
    option === undefined ? variable : name,
    'a number that is not negative',
    option ?? env[variable],
  );
}

function refusal(message: string, argument: string): GenAIError {
  return new GenAIError('ERR_GENAI_INVALID_ARGUMENT', message, { details: { argument } });
}
