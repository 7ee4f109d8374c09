/** Connections of undici, with certificates, and through the proxies that the environment names. */
import { readFile } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { GenAIError } from '../../../errors.ts';
import { readProxies } from './proxies.ts';
import type { ServerSettings } from './settings.ts';

/**
 * @param whose a `stranger` is any host but the server itself: it gets neither our certificate nor trust in our server's
 *   authority
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for a certificate that cannot be read, and a proxy that is no URL
 */
export async function makeAgent(settings: ServerSettings, whose: 'own' | 'stranger'): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const { timeoutMs: timeout, insecureTls } = settings;
  const own = whose === 'own' ? { rejectUnauthorized: !insecureTls, ...(await readCertificates(settings)) } : {};
  const connect = { timeout, ...own };
  const proxies = readProxies(new URL(settings.origin).hostname);
  if (proxies === undefined) return new Agent({ connect });
  // In a tunnel the server shows its certificate as without one. http needs no tunnel, which many proxies refuse there.
  return new EnvHttpProxyAgent({ connect, requestTls: connect, proxyTls: { timeout }, proxyTunnel: false, ...proxies });
}

async function readCertificates(settings: ServerSettings): Promise<{ ca?: Buffer; cert?: Buffer; key?: Buffer }> {
  const { createSecureContext } = await import('node:tls');
  const { serverCertPath, clientCertPath } = settings;
  const ca = serverCertPath === undefined ? undefined : await readPem(serverCertPath, 'serverCertPath');
  const pem = clientCertPath === undefined ? undefined : await readPem(clientCertPath, 'clientCertPath');
  const files = { ...(ca && { ca }), ...(pem && { cert: pem, key: pem }) };
  try {
    createSecureContext(files);
  } catch (cause) {
    throw pem === undefined
      ? badPem('serverCertPath', serverCertPath, cause)
      : badPem('clientCertPath', clientCertPath, cause);
  }
  return files;
}

async function readPem(path: string, argument: string): Promise<Buffer> {
  return readFile(path).catch(cause => {
    throw badPem(argument, path, cause);
  });
}

function badPem(argument: string, path: string | undefined, cause: unknown): GenAIError {
  const needs = argument === 'clientCertPath' ? 'a PEM file with a certificate and its key' : 'a PEM file';
  const message = `${argument} cannot be used: ${(cause as Error).message}. It must be ${needs}.`;
  return new GenAIError('ERR_GENAI_INVALID_ARGUMENT', message, { cause, details: { argument, path } });
}
