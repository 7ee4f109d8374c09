/** Which redirects are followed: a server must not send our credentials, or our data, to a place of its choice. */
import type { RawRequest } from './connection.ts';

export const MAX_REDIRECTS = 5;

/** One stop of a request on its way. */
export interface Hop {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly left: number;
}

/** Why a redirect is not followed; `undefined` when it is. */
export function refuseRedirect(
  method: string,
  next: URL | undefined,
  status: number,
  hop: Hop,
  { body, leaveHost = false }: RawRequest,
): string | undefined {
  if (next === undefined || !/^https?:$/.test(next.protocol)) return 'which is neither http nor https';
  if (hop.left === 0) return `after ${MAX_REDIRECTS} redirects`;
  if (hop.url.protocol === 'https:' && next.protocol === 'http:') return 'which is not encrypted';
  const stays = next.origin === hop.url.origin || isUpgrade(hop.url, next);
  if (!stays && !leaveHost) return 'another host: is a sign-in page in front of the server? If not, name that host';
  const keeps = method === 'GET' || method === 'HEAD' || status === 307 || status === 308;
  if (!keeps || (body !== undefined && typeof body !== 'string'))
    return `which a ${method} cannot follow: name that address`;
  return undefined;
}

/** From http to https on the same host, on the usual ports. */
export function isUpgrade(from: URL, to: URL): boolean {
  const same = from.hostname === to.hostname && from.protocol === 'http:' && to.protocol === 'https:';
  return same && from.port === '' && to.port === '';
}

export function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { authorization: _, 'x-mlflow-workspace': __, ...rest } = headers;
  return rest;
}
