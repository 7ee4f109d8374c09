/** A server, a client of it and a small directory that looks like a model, for one test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlflowClient } from '../../../src/mlflow/tracking/client.ts';
import { type MlflowServer, startMlflowServer } from './server.ts';

export async function withServer(
  options: Parameters<typeof startMlflowServer>[0],
  work: (server: MlflowServer, client: MlflowClient, source: string) => Promise<void>,
): Promise<void> {
  for (const name of Object.keys(process.env)) if (name.startsWith('MLFLOW_')) delete process.env[name];
  const server = await startMlflowServer(options);
  try {
    await using client = new MlflowClient({ trackingUri: server.url });
    const source = join(server.folder, 'source');
    mkdirSync(join(source, 'sub'), { recursive: true });
    writeFileSync(join(source, 'MLmodel'), 'flavors: {}\n');
    writeFileSync(join(source, 'sub', 'weights.onnx'), 'x'.repeat(1_000_000));
    await work(server, client, source);
  } finally {
    await server.stop();
  }
}
