/** Artifacts: files of runs and models, up and down. */
import { stat, writeFile } from 'node:fs/promises';
import { basename, join, posix, resolve } from 'node:path';
import { GenAIError, invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import { stageDirectory } from '../../util/staging.ts';
import { REGISTERED_MODEL_META_FILE, stringifyRegisteredModelMeta } from '../format/registered-model-meta.ts';
import { checkArtifactPath, checkUploadPath } from './check.ts';
import { type CallOptions, signalOf } from './client-base.ts';
import type { FileInfo } from './entities.ts';
import type { ArtifactStore, Fetched } from './files/artifact-store.ts';
import { parseArtifactLocation } from './files/artifact-uri.ts';
import { LocalStore } from './files/local-store.ts';
import { readMultipartSettings } from './files/multipart.ts';
import { ProxyStore } from './files/proxy-store.ts';
import { listChecked } from './files/remote-tree.ts';
import {
  type DownloadedFile,
  downloadOne,
  downloadTree,
  type Uploaded,
  uploadFiles,
  uploadTree,
} from './files/transfer.ts';
import { asTransferError } from './files/transfer-error.ts';
import {
  checkTransfer,
  type DownloadDirectoryOptions,
  type DownloadFileOptions,
  type UploadOptions,
} from './files/transfer-options.ts';
import { Connection } from './http/connection.ts';
import { parseModelUri } from './model-uri.ts';
import { RegistryClient } from './registry.ts';
import { type ResolvedModel, resolveUri } from './resolve-uri.ts';

/** What was downloaded can be again, and waiting for the disk costs as much as the download from a near server. */
const REPEATABLE = { durable: false };

/**
 * `uri` is everywhere a URI that `parseModelUri` knows, also `runs:/<run id>` for all artifacts of a run.
 *
 * A server with `--no-serve-artifacts` answers `runs:` and `models:` with a directory of this machine. That is only its
 * word, by which nothing is removed here, and nothing written but below a directory `<id of a run or model>/artifacts`, as
 * MLflow lays them out: else any server could have any file replaced. A path that the caller names itself is free.
 *
 * All methods throw a `GenAIError`: `ERR_MLFLOW_HTTP`, `ERR_MLFLOW_URI`, `ERR_MLFLOW_UNSAFE_PATH`, `ERR_MLFLOW_TRANSFER`,
 * `ERR_GENAI_INVALID_ARGUMENT`; or the signal's reason.
 */
export class ArtifactClient extends RegistryClient {
  readonly #others = new Map<string, Connection>();

  /** Where the files of a model, or of a run, lie. */
  async resolveModelUri(uri: string, options: CallOptions = {}): Promise<ResolvedModel> {
    return resolveUri(this, uri, signalOf(options));
  }

  /** What lies directly in a directory; nothing, when there is none. Paths begin at the URI's root. */
  async listArtifacts(
    uri: string,
    options: CallOptions & { readonly artifactPath?: string | undefined } = {},
  ): Promise<FileInfo[]> {
    checkOptions(options, ['artifactPath', 'signal']);
    const path = checkArtifactPath(options.artifactPath);
    const store = await this.#open(uri, options.signal);
    const files = await listChecked(store, path, options.signal);
    return files.map(file => ({ ...file, path: posix.join(path, file.path) }));
  }

  /**
   * Stores a file under its name, over one that is there. It is read as a stream; where the server offers it, a file from
   * 500 MiB on goes in parts.
   */
  async uploadFile(uri: string, file: string, options: UploadOptions = {}): Promise<Uploaded> {
    checkTransfer(options, ['artifactPath']);
    if (typeof file !== 'string' || file === '') throw invalidArgument('file', 'a path', file);
    const below = checkArtifactPath(options.artifactPath);
    const path = checkUploadPath(basename(file), 'The name of the file');
    const source = resolve(file);
    const info = await stat(source).catch(error => {
      throw asTransferError(error, source, source);
    });
    if (!info.isFile()) throw invalidArgument('file', 'a file; for a directory use uploadDirectory', file);
    const store = await this.#open(uri, options.signal);
    return uploadFiles(store, [{ path, source, size: info.size }], below, options);
  }

  /** Stores all files of a directory, several at once. All names are checked before the first is sent. */
  async uploadDirectory(uri: string, directory: string, options: UploadOptions = {}): Promise<Uploaded> {
    checkTransfer(options, ['artifactPath']);
    if (typeof directory !== 'string' || directory === '') throw invalidArgument('directory', 'a path', directory);
    const below = checkArtifactPath(options.artifactPath);
    const store = await this.#open(uri, options.signal);
    return uploadTree(store, directory, below, options);
  }

  /**
   * One file, which appears at `target` when it is whole. A broken connection is continued where it stopped.
   *
   * @param artifactPath below the URI
   * @throws {GenAIError} also `ERR_MLFLOW_PATH_EXISTS`
   */
  async downloadFile(
    uri: string,
    artifactPath: string,
    target: string,
    options: DownloadFileOptions = {},
  ): Promise<Fetched> {
    checkTransfer(options, ['sha256', 'hashes']);
    const path = checkArtifactPath(artifactPath);
    if (path === '') throw invalidArgument('artifactPath', 'the path of a file', artifactPath);
    return downloadOne(await this.#open(uri, options.signal), path, target, options);
  }

  /**
   * All files below a URI, which appear as the directory `target` when they are whole.
   *
   * @param target does not exist, or is an empty directory
   * @throws {GenAIError} also `ERR_MLFLOW_PATH_EXISTS`
   */
  async downloadDirectory(
    uri: string,
    target: string,
    options: DownloadDirectoryOptions = {},
  ): Promise<DownloadedFile[]> {
    checkTransfer(options, ['artifactPath', 'sha256', 'hashes']);
    const below = checkArtifactPath(options.artifactPath);
    const store = await this.#open(uri, options.signal);
    return stageDirectory(target, temporary => downloadTree(store, below, temporary, options), REPEATABLE);
  }

  /**
   * Downloads a model: a directory with a file `MLmodel`. For a `models:` URI a file `registered_model_meta` is added, as
   * Python does.
   *
   * @param target does not exist, or is an empty directory
   * @returns the absolute path of the directory
   * @throws {GenAIError} also `ERR_MLFLOW_PATH_EXISTS`; `ERR_MLFLOW_FORMAT` when there is no `MLmodel`
   */
  async downloadModel(
    uri: string,
    target: string,
    options: Omit<DownloadDirectoryOptions, 'artifactPath' | 'hashes'> = {},
  ): Promise<string> {
    checkTransfer(options, ['sha256']);
    const resolved = await resolveUri(this, uri, options.signal);
    const store = this.openStore(resolved.artifactUri);
    const place = resolve(target);
    const work = async (temporary: string): Promise<void> => {
      const root = await listChecked(store, '', options.signal);
      if (!root.some(file => file.path === 'MLmodel' && !file.isDir)) throw noModel(uri, store.uri, root);
      await downloadTree(store, '', temporary, options);
      if (parseModelUri(uri).kind.startsWith('models-')) await writeMeta(temporary, resolved);
    };
    await stageDirectory(place, work, REPEATABLE);
    return place;
  }

  /**
   * Removes a file or directory, or everything below the URI. It is no error when there is none. On this machine only what
   * lies below a path that the caller names, never by `runs:` or `models:`; the directory that the URI names stays.
   */
  async deleteArtifacts(
    uri: string,
    options: CallOptions & { readonly artifactPath?: string | undefined } = {},
  ): Promise<void> {
    checkOptions(options, ['artifactPath', 'signal']);
    const path = checkArtifactPath(options.artifactPath);
    const store = await this.#open(uri, options.signal);
    await store.remove(path, options.signal);
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), ...[...this.#others.values()].map(other => other.close())]);
  }

  async #open(uri: string, signal: AbortSignal | undefined): Promise<ArtifactStore> {
    const { artifactUri } = await resolveUri(this, uri, signal);
    return this.openStore(artifactUri, parseModelUri(uri).kind === 'path' ? 'caller' : 'server');
  }

  /**
   * For parts of this client: the place that a resolved URI names.
   *
   * @param namedBy who has chosen the place; a server's word is not enough to change files of this machine
   */
  openStore(artifactUri: string, namedBy: 'caller' | 'server' = 'server'): ArtifactStore {
    const location = parseArtifactLocation(artifactUri);
    if (location.kind === 'path') return new LocalStore(location.path, namedBy);
    const connection = location.host === undefined ? this.tracking : this.#connect(location.host);
    return new ProxyStore(connection, location.path, readMultipartSettings());
  }

  /** Another host may be one that a server made up: it gets no credentials and no certificate of ours. */
  #connect(host: string): Connection {
    const { settings } = this.tracking;
    const origin = new URL(`${new URL(settings.origin).protocol}//${host}`).origin;
    if (origin === settings.origin) return this.tracking;
    const known = this.#others.get(origin);
    if (known !== undefined) return known;
    const stranger = { ...settings, origin, prefix: '', credentials: null, clientCertPath: undefined };
    const connection = new Connection(stranger);
    this.#others.set(origin, connection);
    return connection;
  }
}

async function writeMeta(directory: string, { modelName, modelVersion }: ResolvedModel): Promise<void> {
  const text = stringifyRegisteredModelMeta({ model_name: modelName ?? null, model_version: modelVersion ?? null });
  // The model may hold one already: Python writes over it, too.
  await writeFile(join(directory, REGISTERED_MODEL_META_FILE), text);
}

function noModel(uri: string, place: string, files: readonly FileInfo[]): GenAIError {
  const names = files.slice(0, 5).map(file => file.path);
  const what = names.length === 0 ? 'nothing at all' : names.join(', ');
  const message = `${uri} is no MLflow model: there is no file MLmodel in ${place}, but ${what}.`;
  return new GenAIError('ERR_MLFLOW_FORMAT', message, { details: { uri } });
}
