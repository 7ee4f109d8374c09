/** Long work on files: a bar while it goes on, Ctrl-C ends it. */
import type { SaveProgress } from '../../../mlflow/index.ts';
import { Interrupt } from '../../interrupt.ts';
import { megabytes, type Output } from '../../output.ts';
import { startProgress } from '../../progress.ts';

/** What saving, uploading and downloading tell alike. */
type Done = Pick<SaveProgress, 'bytes' | 'totalBytes'>;

interface Transfer {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Done) => void;
}

const WIDTH = 24;

/** Runs `work` with a signal for Ctrl-C and shows `label` with a bar. */
export async function withProgress<T>(
  output: Output,
  label: string,
  work: (transfer: Transfer) => Promise<T>,
): Promise<T> {
  let state: Done = { bytes: 0, totalBytes: 0 };
  using interrupt = new Interrupt();
  const stop = startProgress(output, { label: () => `${label} ${bar(state)}`.trimEnd() });
  try {
    return await work({
      signal: interrupt.signal,
      onProgress: progress => {
        state = progress;
      },
    });
  } finally {
    stop();
  }
}

/** `━━━━━━╌╌╌╌╌ 25 % of 740 MB` */
export function bar({ bytes, totalBytes }: Done): string {
  if (totalBytes <= 0) return '';
  const part = Math.min(1, bytes / totalBytes);
  const done = Math.round(part * WIDTH);
  return `${'━'.repeat(done)}${'╌'.repeat(WIDTH - done)} ${Math.floor(part * 100)} % of ${megabytes(totalBytes)}`;
}
