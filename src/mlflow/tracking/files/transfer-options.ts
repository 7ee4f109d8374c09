/** What uploads and downloads take. */
import { invalidArgument } from '../../../errors.ts';
import { checkSignal } from '../../../util/abort.ts';
import { checkOptions } from '../../../util/options.ts';
import { checkInteger } from '../check.ts';
import type { CallOptions } from '../client-base.ts';
import type { TransferProgress } from './progress.ts';

export interface TransferOptions extends CallOptions {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** Files under way at once; default 4. */
  readonly concurrency?: number | undefined;
}

export interface UploadOptions extends TransferOptions {
  /** Directory below the URI; default its root. */
  readonly artifactPath?: string | undefined;
}

export interface DownloadDirectoryOptions extends TransferOptions {
  /** Directory below the URI; default its root. */
  readonly artifactPath?: string | undefined;
  /** Hashes (hex) that files must have, by path. */
  readonly sha256?: Readonly<Record<string, string>> | undefined;
  /** Tell the SHA-256 of every file; default false, for that takes time. */
  readonly hashes?: boolean | undefined;
}

export interface DownloadFileOptions extends TransferOptions {
  /** Hash (hex) that the file must have. */
  readonly sha256?: string | undefined;
  /** Tell the SHA-256 of the file; default false, for that takes time. */
  readonly hashes?: boolean | undefined;
}

const DEFAULT_CONCURRENCY = 4;

export function checkTransfer(
  options: TransferOptions & { readonly hashes?: unknown },
  further: readonly string[] = [],
): { atOnce: number } {
  checkOptions(options, ['signal', 'onProgress', 'concurrency', ...further]);
  const { signal, onProgress, concurrency = DEFAULT_CONCURRENCY, hashes } = options;
  checkSignal(signal);
  checkInteger(concurrency, 'concurrency', 1);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgument('onProgress', 'a function', onProgress);
  }
  if (hashes !== undefined && typeof hashes !== 'boolean') throw invalidArgument('hashes', 'a boolean', hashes);
  return { atOnce: concurrency };
}
