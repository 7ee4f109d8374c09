/** What every area of the client stands on: the connections to the tracking server and to the registry. */
import { checkOptions } from '../../util/options.ts';
import { Connection } from './http/connection.ts';
import { type MlflowClientOptions, readSettings } from './http/settings.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export const API = '/api/2.0/mlflow';

export class ClientBase {
  /** For the parts of this client; its methods are no part of the public interface. */
  readonly tracking: Connection;
  readonly registry: Connection;

  constructor(options: MlflowClientOptions = {}) {
    const { tracking, registry } = readSettings(options);
    this.tracking = new Connection(tracking);
    this.registry = registry === tracking ? this.tracking : new Connection(registry);
  }

  /** Ends all connections. Without it they end with the process, which they do not keep alive. */
  async close(): Promise<void> {
    await Promise.all([this.tracking.close(), this.registry.close()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** For calls that take nothing but a signal. */
export function signalOf(options: CallOptions): AbortSignal | undefined {
  checkOptions(options, ['signal']);
  return options.signal;
}
