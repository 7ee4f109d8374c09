/** One server: its connections, how requests to it look, and when they are repeated. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { isGenAIError } from '../../../errors.ts';
import { checkSignal } from '../../../util/abort.ts';
import { makeAgent } from './agent.ts';
import { type Answer, httpError, type RequestName, readJson, readRefusal } from './answer.ts';
import { authorization, resolveCredentials, secretsOf } from './credentials.ts';
import { networkFailure } from './network-error.ts';
import { type Hop, isUpgrade, MAX_REDIRECTS, refuseRedirect, withoutCredentials } from './redirect.ts';
import { FailedAttempt, type RetryPolicy, type RetryState, withRetries } from './retry.ts';
import type { Credentials, ServerSettings } from './settings.ts';
import { clientVersion } from './user-agent.ts';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface ApiRequest {
  readonly query?: Query;
  /** Sent as JSON; members that are undefined are left away. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** False when doing it twice does harm: then it is repeated only if the server cannot have done it. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface RawRequest {
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  /** An iterable is read once: make a new one for every attempt. */
  readonly body?: string | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
  /** Follow a redirect to another host, without our credentials; default: that is an error. */
  readonly leaveHost?: boolean;
}

interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly user: string | undefined;
}

/** Keeps connections open until `close`, or until the process ends: idle ones do not keep it alive. */
export class Connection {
  readonly settings: ServerSettings;
  #agent: Promise<Dispatcher> | undefined;
  #strangers: Promise<Dispatcher> | undefined;
  #signed: Promise<Signed> | undefined;

  constructor(settings: ServerSettings) {
    this.settings = settings;
  }

  /**
   * A call of the REST API, repeated as the policy says.
   *
   * @param path from `/api/...`
   * @returns the JSON object of the answer
   * @throws {GenAIError} `ERR_MLFLOW_HTTP`; or the signal's reason
   */
  async call(method: string, path: string, request: ApiRequest = {}): Promise<Record<string, unknown>> {
    const { query = {}, body, repeatable = true, signal } = request;
    checkSignal(signal);
    const name = this.nameOf(method, path);
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const text = body === undefined ? undefined : JSON.stringify(body);
    return this.retry({ repeatable, signal }, () =>
      this.exchange(method, path, { query, headers, signal, ...(text === undefined ? {} : { body: text }) }, answer =>
        readJson(answer, name),
      ),
    );
  }

  /** Runs an attempt, that may use `exchange`, as often as the policy allows. */
  retry<T>(
    options: { repeatable: boolean; signal?: AbortSignal | undefined },
    attempt: (state: RetryState) => Promise<T>,
  ): Promise<T> {
    return withRetries(this.policy, options, attempt);
  }

  get policy(): RetryPolicy {
    return this.settings.retry;
  }

  /**
   * One request, once. `read` gets an answer with a status of 2xx, and must read its body to the end or fail.
   *
   * @throws {FailedAttempt} for `retry`; or what `read` throws
   */
  async exchange<T>(
    method: string,
    path: string,
    request: RawRequest,
    read: (answer: Answer) => Promise<T>,
  ): Promise<T> {
    const name = this.nameOf(method, path);
    const { headers, secrets } = await this.#sign();
    const { prefix, origin } = this.settings;
    const target = new URL(`${origin}${prefix}${path}${queryText(request.query)}`);
    const hop: Hop = { url: target, headers: { ...headers, ...request.headers }, left: MAX_REDIRECTS };
    return guarded(name, request.signal, async () => {
      const answer = await this.#follow(method, hop, request, name);
      return this.#settle(answer, read, name, secrets);
    });
  }

  /** A request to a URL that the server has signed for us, such as a part of an upload. No credentials go there. */
  async exchangeElsewhere<T>(
    method: string,
    url: string,
    request: RawRequest,
    read: (answer: Answer) => Promise<T>,
  ): Promise<T> {
    if (!/^https?:/.test(url) || !URL.canParse(url)) {
      const what = 'the server names an address that is neither http nor https.';
      throw new FailedAttempt('final', retries => httpError(this.nameOf(method, ''), { retries, what }));
    }
    const target = new URL(url);
    // The query holds the signature: a secret. The path is of no use without it.
    const name: RequestName = { method, origin: target.origin, path: target.pathname };
    return guarded(name, request.signal, async () => {
      const answer = await this.#send(await this.#agentForStrangers(), method, target, request.headers ?? {}, request);
      return this.#settle(answer, read, name, [target.search.slice(1)]);
    });
  }

  /** The user name that the server sees, if there is one. */
  async user(): Promise<string | undefined> {
    return (await this.#sign()).user;
  }

  /** What every request to the server carries, credentials included: for other clients of the same server. */
  async headers(): Promise<Readonly<Record<string, string>>> {
    return (await this.#sign()).headers;
  }

  /** Ends all connections; what runs on them fails. */
  async close(): Promise<void> {
    const agents = await Promise.allSettled([this.#agent, this.#strangers]);
    for (const agent of agents) if (agent.status === 'fulfilled') await agent.value?.destroy();
    this.#agent = undefined;
    this.#strangers = undefined;
  }

  nameOf(method: string, path: string): RequestName {
    return { method, path: `${this.settings.prefix}${path}`, origin: this.settings.origin };
  }

  async #settle<T>(
    answer: Answer,
    read: (answer: Answer) => Promise<T>,
    name: RequestName,
    secrets: readonly string[],
  ): Promise<T> {
    // A body that nobody reads holds its connection.
    try {
      if (answer.statusCode < 200 || answer.statusCode > 299) throw await readRefusal(answer, name, secrets);
      return await read(answer);
    } finally {
      answer.body.on('error', () => {}).destroy();
    }
  }

  /**
   * Redirects on the same host are followed (http to https too); to another host only a download is, without
   * credentials. All else is a proxy's sign-in page or a wrong address, and a POST must not turn into a GET.
   */
  async #follow(method: string, hop: Hop, request: RawRequest, name: RequestName): Promise<Answer> {
    const foreign = hop.url.origin !== this.settings.origin && !isUpgrade(new URL(this.settings.origin), hop.url);
    const agent = await (foreign ? this.#agentForStrangers() : this.#ownAgent());
    const answer = await this.#send(agent, method, hop.url, hop.headers, request);
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.statusCode) || typeof location !== 'string') return answer;
    answer.body.on('error', () => {}).destroy();
    const next = URL.canParse(location, hop.url.href) ? new URL(location, hop.url) : undefined;
    const why = refuseRedirect(method, next, answer.statusCode, hop, request);
    if (next === undefined || why !== undefined) {
      const status = answer.statusCode;
      const what = `the server redirects to ${next?.origin ?? 'a place that is no URL'}, ${why}.`;
      throw new FailedAttempt('final', retries => httpError(name, { status, retries, what }));
    }
    const stays = next.origin === hop.url.origin || isUpgrade(hop.url, next);
    const headers = stays ? hop.headers : withoutCredentials(hop.headers);
    return this.#follow(method, { url: next, headers, left: hop.left - 1 }, request, name);
  }

  async #send(
    agent: Dispatcher,
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
    { body, signal }: RawRequest,
  ): Promise<Answer> {
    const { timeoutMs } = this.settings;
    return agent.request({
      method: method as 'GET',
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      headers,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(body === undefined ? {} : { body: body as string | Readable }), // undici takes any iterable, its types do not
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #sign(): Promise<Signed> {
    const { credentials: given } = this.settings;
    this.#signed ??= (given === null ? Promise.resolve({}) : resolveCredentials(given)).then(
      (credentials: Credentials) => {
        const header = authorization(credentials);
        const { workspace } = this.settings;
        return {
          headers: {
            ...clientVersion(),
            ...(workspace === undefined ? {} : { 'x-mlflow-workspace': workspace }),
            ...(header === undefined ? {} : { authorization: header }),
          },
          secrets: secretsOf(credentials),
          user: credentials.username || undefined,
        };
      },
    );
    return this.#signed;
  }

  #ownAgent(): Promise<Dispatcher> {
    this.#agent ??= makeAgent(this.settings, 'own');
    return this.#agent;
  }

  /** Another host gets neither our certificate nor trust in our server's authority. */
  #agentForStrangers(): Promise<Dispatcher> {
    this.#strangers ??= makeAgent(this.settings, 'stranger');
    return this.#strangers;
  }
}

/** Failures of the network, told from errors of this program. */
async function guarded<T>(name: RequestName, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted === true || error instanceof FailedAttempt || isGenAIError(error)) throw error;
    throw networkFailure(error, name) ?? error;
  }
}

function queryText(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const item of typeof value === 'object' ? value : [value]) params.append(name, String(item));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
