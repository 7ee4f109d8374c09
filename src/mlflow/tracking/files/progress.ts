/** How far a transfer of several files is. */
export interface TransferProgress {
  /** The file that has just moved on, relative to the directory. */
  readonly file: string;
  /** Bytes of all files that are done. Goes back when a file must be sent again. */
  readonly bytes: number;
  /** Bytes of all files; of those whose size the server has told. */
  readonly totalBytes: number;
  /** Files that are done. */
  readonly files: number;
  readonly totalFiles: number;
}

export interface ProgressMeter {
  add(file: string, bytes: number): void;
  finish(file: string): void;
}

export function meterProgress(
  totals: { bytes: number; files: number },
  onProgress: ((progress: TransferProgress) => void) | undefined,
): ProgressMeter {
  let bytes = 0;
  let files = 0;
  const report = (file: string): void =>
    onProgress?.({ file, bytes, totalBytes: totals.bytes, files, totalFiles: totals.files });
  return {
    add(file, more) {
      bytes += more;
      if (more !== 0) report(file);
    },
    finish(file) {
      files++;
      report(file);
    },
  };
}
