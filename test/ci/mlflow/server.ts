/** A real MLflow tracking server for one test file, typed. */
import type { Test } from 'uvu';
// @ts-expect-error: a script, without types
import { startMlflowServer as start } from '../../../scripts/lib/mlflow-server.mjs';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { suite } from '../../helpers/suite.ts';

export interface MlflowServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Its folder: `mlflow.db` and `artifacts`, and room for Python programs' own files. */
  readonly folder: string;
  /** Environment for Python programs that use it: no telemetry, nothing written outside `folder`. */
  readonly env: NodeJS.ProcessEnv;
  /** What it has printed so far. */
  output(): string;
  /** Ends it with all its processes and removes the folder. */
  stop(): Promise<void>;
}

interface MlflowServerOptions {
  /** The `bin` folder of the environment; default `GENAI_MLFLOW`, which `scripts/run-uvu.mjs` sets. */
  readonly bin?: string | undefined;
  /** Further arguments of `mlflow server`. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a server and waits until it answers `/health`. Every test file starts its own and stops it in `test.after`. */
export async function startMlflowServer(options: MlflowServerOptions = {}): Promise<MlflowServer> {
  const { bin = process.env['GENAI_MLFLOW'], ...rest } = options;
  if (bin === undefined) throw new Error('GENAI_MLFLOW is not set: run this file by scripts/run-uvu.mjs');
  return (await start(bin, rest)) as MlflowServer;
}

export interface ServerContext {
  readonly server: MlflowServer;
  readonly client: MlflowClient;
}

/** A suite whose tests share a server of their own and a client for it. */
export function serverSuite<More extends object = object>(name: string): Test<ServerContext & More> {
  const test = suite<ServerContext & More>(name);
  test.before(async shared => {
    const server = await startMlflowServer();
    Object.assign(shared, { server, client: new MlflowClient({ trackingUri: server.url }) });
  });
  test.after(async ({ server, client }) => {
    await client.close();
    await server.stop();
  });
  return test;
}
