/** One file over HTTP, that goes on where a broken connection stopped. */
import type { GenAIError } from '../../../errors.ts';
import type { Answer } from '../http/answer.ts';
import type { Connection } from '../http/connection.ts';
import { FailedAttempt } from '../http/retry.ts';
import type { DownloadOptions, Fetched } from './artifact-store.ts';
import type { FileWriter } from './file-writer.ts';
import { transferError } from './transfer-error.ts';

/** A connection that brought as much was worth it: the count of retries begins anew. */
const PROGRESS_BYTES = 1024 * 1024;

/**
 * @param path of the request
 * @param options with `size`, a longer or shorter file is refused, the longer one before it fills the disk
 * @throws {GenAIError} `ERR_MLFLOW_TRANSFER` for another size than announced; `ERR_MLFLOW_HTTP`; or the signal's reason
 */
export async function fetchInto(
  writer: FileWriter,
  connection: Connection,
  path: string,
  options: DownloadOptions,
): Promise<Fetched> {
  const { size, signal } = options;
  const download = new Download(writer, connection, path, options);
  await connection.retry({ repeatable: true, signal }, async state => {
    try {
      await download.attempt();
    } catch (error) {
      // The server did not say that this was the end, but its listing does.
      if (error instanceof FailedAttempt && writer.size > 0 && writer.size === size) return;
      if (download.gained >= PROGRESS_BYTES) state.retries = 0;
      throw error;
    }
  });
  return writer.finish();
}

/** What is known of the file between two attempts. */
class Download {
  /** How much further the last attempt got than all before it. Nothing, when it did not go on with what was here. */
  gained = 0;
  readonly #writer: FileWriter;
  readonly #connection: Connection;
  readonly #path: string;
  readonly #options: DownloadOptions;
  /** Of the file whose beginning is here. */
  #validator: string | undefined;
  /** The most bytes that were ever here. */
  #furthest = 0;
  #continued = false;

  constructor(writer: FileWriter, connection: Connection, path: string, options: DownloadOptions) {
    this.#writer = writer;
    this.#connection = connection;
    this.#path = path;
    this.#options = options;
  }

  async attempt(): Promise<void> {
    this.gained = 0;
    try {
      await this.#attempt();
    } catch (error) {
      const isBehindEnd = error instanceof FailedAttempt && error.status === 416 && this.#writer.size > 0;
      if (!isBehindEnd) throw error;
      await this.#beginAnew(); // without a range, to which no server answers so
      await this.#attempt();
    } finally {
      const { size } = this.#writer;
      if (this.#continued) this.gained = Math.max(0, size - this.#furthest);
      this.#furthest = Math.max(this.#furthest, size);
    }
  }

  async #attempt(): Promise<void> {
    this.#continued = false;
    // Without a validator the rest may be that of another file.
    if (this.#validator === undefined) await this.#beginAnew();
    const { size, signal, onBytes } = this.#options;
    const writer = this.#writer;
    const start = writer.size;
    const headers = { 'accept-encoding': 'identity', ...rangeHeaders(start, this.#validator) };
    await this.#connection.exchange('GET', this.#path, { headers, signal, leaveHost: true }, async answer => {
      const how = compare(answer, start, this.#validator);
      if (how !== 'continues') await this.#beginAnew();
      if (how === 'unusable') throw new FailedAttempt('unknown', () => wrongPart(this.#path, start));
      this.#continued = start > 0 && how === 'continues';
      this.#validator = validatorOf(answer);
      await receive(answer, writer, this.#path, size, onBytes);
    });
  }

  async #beginAnew(): Promise<void> {
    this.#validator = undefined;
    if (this.#writer.size === 0) return;
    this.#options.onBytes(-this.#writer.size);
    await this.#writer.restart();
  }
}

/** If-Range: the rest of this very file, or a new one whole. */
function rangeHeaders(start: number, validator: string | undefined): Record<string, string> {
  return start === 0 || validator === undefined ? {} : { range: `bytes=${start}-`, 'if-range': validator };
}

/** `whole`: the server knows no ranges, or the file is a new one. `unusable`: a part that fits to nothing that is here. */
function compare(answer: Answer, start: number, validator: string | undefined): 'continues' | 'whole' | 'unusable' {
  if (answer.statusCode !== 206) return start === 0 ? 'continues' : 'whole';
  const [, first] = /^bytes (\d+)-/.exec(String(answer.headers['content-range'])) ?? [];
  return Number(first) === start && validatorOf(answer) === validator ? 'continues' : 'unusable';
}

/** A weak tag (`W/`) promises no equal bytes. */
function validatorOf({ headers }: Answer): string | undefined {
  const { etag, 'last-modified': modified } = headers;
  if (typeof etag === 'string') return etag.startsWith('W/') ? undefined : etag;
  return typeof modified === 'string' ? modified : undefined;
}

async function receive(
  answer: Answer,
  writer: FileWriter,
  path: string,
  size: number | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const encoding = answer.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw transferError(`The server sends ${path} encoded as ${encoding}, which was not asked for.`, { path });
  }
  const announced = Number(answer.headers['content-length'] ?? Number.NaN);
  if (size !== undefined && !Number.isNaN(announced) && writer.size + announced !== size) {
    throw wrongSize(path, size, writer.size + announced);
  }
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    if (size !== undefined && writer.size + chunk.length > size)
      throw wrongSize(path, size, writer.size + chunk.length);
    await writer.add(chunk);
    onBytes(chunk.length);
  }
  if (size !== undefined && writer.size < size) {
    throw new FailedAttempt('unknown', () => wrongSize(path, size, writer.size));
  }
}

function wrongPart(path: string, start: number): GenAIError {
  return transferError(`The server sends another part of ${path} than the one from byte ${start} on.`, { path, start });
}

function wrongSize(path: string, expected: number, actual: number): GenAIError {
  const message = `${path} should have ${expected} bytes by the server's listing, but has ${actual}${
    actual > expected ? ' or more' : ''
  }. The file changed, or the server is broken.`;
  return transferError(message, { path, expected, actual });
}
