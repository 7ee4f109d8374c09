/** Connections of undici, with certificates. */
import { readFile } from 'node:fs/promises';
import type { Agent } from 'undici';
import { GenAIError } from '../../errors.ts';
import type { ServerSettings } from './settings.ts';

/**
 * @param whose a `stranger` is any host but the server itself: it gets neither our certificate nor trust in our server's
 *   authority
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for a certificate that cannot be read
 */
export async function makeAgent(settings: ServerSettings, whose: 'own' | 'stranger'): Promise<Agent> {
  const { Agent } = await import('undici');
  const { timeoutMs: timeout, insecureTls } = settings;
  if (whose === 'stranger') return new Agent({ connect: { timeout } });
  return new Agent({ connect: { timeout, rejectUnauthorized: !insecureTls, ...(await readCertificates(settings)) } });
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
