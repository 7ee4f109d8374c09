/** An HTTP server that behaves as badly as a test wants. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { MlflowClient } from '../../../src/mlflow/tracking/client.ts';
import type { MlflowClientOptions } from '../../../src/mlflow/tracking/http/settings.ts';

export interface Received {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FakeServer {
  readonly url: string;
  /** All requests, in the order of their arrival. */
  readonly requests: readonly Received[];
  client(options?: MlflowClientOptions): MlflowClient;
  close(): Promise<void>;
}

type Handler = (request: Received, answer: ServerResponse, raw: IncomingMessage) => void;

interface FakeOptions {
  readonly tls?: ServerOptions;
  /** Call the handler before the body is read, and do not keep the body. */
  readonly early?: boolean;
}

/** Without waits between retries, but with retries. */
export const QUICK = { backoffFactor: 0, backoffJitter: 0, maxRetries: 3, timeoutMs: 10_000 };

export async function startFake(handler: Handler, { tls, early = false }: FakeOptions = {}): Promise<FakeServer> {
  const requests: Received[] = [];
  const listener: RequestListener = (raw, answer) => {
    const { method = '', url = '', headers } = raw;
    if (early) {
      requests.push({ method, url, headers, body: '' });
      handler({ method, url, headers, body: '' }, answer, raw);
      return;
    }
    const chunks: Buffer[] = [];
    raw.on('error', () => {});
    raw.on('data', chunk => chunks.push(chunk));
    raw.on('end', () => {
      const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(request);
      handler(request, answer, raw);
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const clients: MlflowClient[] = [];
  return {
    url,
    requests,
    client(options = {}) {
      const client = new MlflowClient({ trackingUri: url, ...QUICK, ...options });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) await client.close();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** Starts a server for one test and ends it afterwards. */
export async function withFake<T>(
  handler: Handler,
  work: (server: FakeServer) => Promise<T>,
  options: FakeOptions = {},
): Promise<T> {
  const server = await startFake(handler, options);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

export function json(
  answer: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  answer.writeHead(status, { 'content-type': 'application/json', ...headers });
  answer.end(JSON.stringify(body));
}

export function html(answer: ServerResponse, status: number, title: string): void {
  answer.writeHead(status, { 'content-type': 'text/html' });
  answer.end(`<!doctype html><html><head><title>${title}</title></head><body><script>secret()</script></body></html>`);
}

/** An environment without MLflow's variables and proxies, and with an empty home, for the time of a test file. */
export function cleanEnvironment(home: string): void {
  for (const name of Object.keys(process.env)) if (/^MLFLOW_|_PROXY$/i.test(name)) delete process.env[name];
  process.env['HOME'] = home;
  process.env['USERPROFILE'] = home;
}
