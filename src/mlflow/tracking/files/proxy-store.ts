/** Artifacts behind the server's proxy, `/api/2.0/mlflow-artifacts`. */

import type { FileInfo } from '../entities.ts';
import { integer, list, text } from '../from-wire.ts';
import { type Answer, readNothing } from '../http/answer.ts';
import type { Connection } from '../http/connection.ts';
import type { ArtifactStore, CopyOptions, DownloadOptions, Fetched, LocalFile } from './artifact-store.ts';
import { FileWriter } from './file-writer.ts';
import { type MultipartSettings, uploadInParts } from './multipart.ts';
import { countAttempt, encodePath, PROXY, readRange } from './proxy-wire.ts';
import { fetchInto } from './resumable-download.ts';
import { asTransferError } from './transfer-error.ts';

/** What MLflow's Python client calls text; a store may keep the type and show it to a browser. */
const TEXT =
  /(^|\.)(txt|log|err|cfg|conf|cnf|cf|ini|properties|prop|hocon|toml|yaml|yml|xml|json|js|py|py3|csv|tsv|md|rst|ipynb|MLmodel|MLproject)$/;

export class ProxyStore implements ArtifactStore {
  readonly uri: string;
  readonly #connection: Connection;
  readonly #root: string;
  readonly #multipart: MultipartSettings;

  /** @param root path below the proxy's own, without slashes at its ends */
  constructor(connection: Connection, root: string, multipart: MultipartSettings) {
    this.uri = `mlflow-artifacts:/${root}`;
    this.#connection = connection;
    this.#root = root;
    this.#multipart = multipart;
  }

  async list(path: string, signal: AbortSignal | undefined): Promise<readonly FileInfo[]> {
    const query = { path: this.#full(path) };
    const answer = await this.#connection.call('GET', `${PROXY}/artifacts`, { query, signal });
    return list(answer, 'files').map(file => {
      const isDir = file['is_dir'] === true;
      const fileSize = isDir ? undefined : integer(file, 'file_size');
      return { path: text(file, 'path'), isDir, ...(fileSize === undefined ? {} : { fileSize }) };
    });
  }

  async upload(file: LocalFile, path: string, options: CopyOptions): Promise<void> {
    try {
      const full = this.#full(path);
      if (await uploadInParts(this.#connection, file, full, this.#multipart, options)) return;
      await this.#put(file, full, options);
    } catch (error) {
      throw asTransferError(error, file.source, file.source);
    }
  }

  async download(path: string, target: string, options: DownloadOptions): Promise<Fetched> {
    const writer = await FileWriter.create(target, options);
    try {
      return await fetchInto(writer, this.#connection, this.#url(this.#full(path)), options);
    } catch (error) {
      throw asTransferError(error, target, target);
    } finally {
      await writer.close();
    }
  }

  async remove(path: string, signal: AbortSignal | undefined): Promise<void> {
    const url = this.#url(this.#full(path));
    await this.#connection.retry({ repeatable: true, signal }, () =>
      this.#connection.exchange('DELETE', url, { signal }, this.#nothing('DELETE', url)),
    );
  }

  async #put({ source, size }: LocalFile, path: string, { signal, onBytes }: CopyOptions): Promise<void> {
    const headers = { 'content-type': contentType(path), 'content-length': String(size) };
    const url = this.#url(path);
    await this.#connection.retry({ repeatable: true, signal }, async () => {
      const { add, takeBack } = countAttempt(onBytes);
      const body = readRange(source, 0, size, add);
      try {
        await this.#connection.exchange('PUT', url, { headers, body, signal }, this.#nothing('PUT', url));
      } catch (error) {
        takeBack();
        throw error;
      }
    });
  }

  /** A sign-in page, which comes with status 200, has stored and removed nothing. */
  #nothing(method: string, url: string): (answer: Answer) => Promise<void> {
    return answer => readNothing(answer, this.#connection.nameOf(method, url));
  }

  #full(path: string): string {
    return [this.#root, path].filter(part => part !== '').join('/');
  }

  #url(path: string): string {
    return `${PROXY}/artifacts/${encodePath(path)}`;
  }
}

function contentType(path: string): string {
  return TEXT.test(path.slice(path.lastIndexOf('/') + 1)) ? 'text/plain' : 'application/octet-stream';
}
