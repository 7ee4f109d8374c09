/** HTTP proxies by the environment variables that Python's client honours, too. */
import { BlockList, isIPv4 } from 'node:net';
import { GenAIError } from '../../../errors.ts';

/** As undici's `EnvHttpProxyAgent` takes them: an empty text is none. */
export interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/**
 * `http_proxy` and `https_proxy` by the kind of the server's URL, but not for hosts in `no_proxy`; each also in capitals.
 *
 * @param host of the server
 * @returns `undefined` when there is no proxy
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for a proxy that is no `http:` or `https:` URL
 */
export function readProxies(
  host: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Proxies | undefined {
  const httpProxy = readProxy('http_proxy', env);
  const httpsProxy = readProxy('https_proxy', env);
  if (httpProxy === '' && httpsProxy === '') return undefined;
  const noProxy = read('no_proxy', env).value;
  return { httpProxy, httpsProxy, noProxy: isInNetwork(host, noProxy) ? `${noProxy},${host}` : noProxy };
}

function read(name: string, env: Readonly<Record<string, string | undefined>>): { name: string; value: string } {
  const capitals = name.toUpperCase();
  return env[name] === undefined ? { name: capitals, value: env[capitals] ?? '' } : { name, value: env[name] };
}

/** The value is not told: it may hold a password. */
function readProxy(variable: string, env: Readonly<Record<string, string | undefined>>): string {
  const { name, value } = read(variable, env);
  const text = value.trim();
  if (text === '') return '';
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  const message = `${name} is no proxy that can be used. It must be a URL such as "http://proxy.example:3128".`;
  throw new GenAIError('ERR_GENAI_INVALID_ARGUMENT', message, { details: { argument: name } });
}

/** undici compares names; Python's client also takes networks, such as 10.0.0.0/8. */
function isInNetwork(host: string, noProxy: string): boolean {
  if (!isIPv4(host)) return false;
  const networks = new BlockList();
  for (const [, address = '', bits] of noProxy.matchAll(/(?:^|[,\s])([\d.]+)\/(\d+)(?=[,\s]|$)/g)) {
    if (isIPv4(address) && Number(bits) <= 32) networks.addSubnet(address, Number(bits));
  }
  return networks.check(host);
}
