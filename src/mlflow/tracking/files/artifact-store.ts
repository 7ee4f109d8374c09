/** A place where artifacts lie: behind the server's proxy, or in a directory of this machine. */
import type { FileInfo } from '../entities.ts';

export interface ArtifactStore {
  /** The place as a message names it. */
  readonly uri: string;
  /** What lies directly in the directory `path` (`''` is the root); empty when there is none. Not checked. */
  list(path: string, signal: AbortSignal | undefined): Promise<readonly FileInfo[]>;
  /** Stores a local file as `path`, over what is there. */
  upload(file: LocalFile, path: string, options: CopyOptions): Promise<void>;
  /** Writes the file `path` to a new local file. */
  download(path: string, target: string, options: DownloadOptions): Promise<Fetched>;
  /** Removes a file, or a directory with all that is in it. */
  remove(path: string, signal: AbortSignal | undefined): Promise<void>;
}

export interface LocalFile {
  /** Absolute. */
  readonly source: string;
  /** In bytes, when the upload was planned. */
  readonly size: number;
}

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that are done; with a negative number when they must be sent again. */
  readonly onBytes: (bytes: number) => void;
}

export interface DownloadOptions extends CopyOptions {
  /** What the listing says; absent when it is not known. */
  readonly size?: number | undefined;
  /** Default false: it takes as long as all the rest of a download from a near server. */
  readonly hash?: boolean;
}

export interface Fetched {
  readonly size: number;
  /** In hexadecimal digits, where it was wanted. */
  readonly sha256?: string;
}
