/** Downloads that break off, of servers that tell little of their files: no validator, no ranges, no size. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { expectError } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { listedDirectory, serveContent } from './artifact-server.ts';
import { cleanEnvironment, json, type Received, withFake } from './fake-server.ts';

const test = suite('resume');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
test.before(() => cleanEnvironment(home));
test.after(() => rmSync(home, { recursive: true, force: true }));

const FILE = randomBytes(5_000_000);
let count = 0;

interface Case {
  /** Does the listing tell the size? */
  readonly sized?: boolean;
  /** Answers the request of the file; `tries` counts from 0. */
  readonly serve: (request: Received, answer: ServerResponse, tries: number) => void;
}

/** @returns what was downloaded, and the `Range` headers of all requests */
async function download({ sized = true, serve }: Case): Promise<{ bytes: Buffer; ranges: unknown[] }> {
  const place = join(home, `file-${count++}`);
  const ranges: unknown[] = [];
  return withFake(
    (request, answer) => {
      const size = sized ? { file_size: FILE.length } : {};
      if (listedDirectory(request) !== undefined) {
        return json(answer, 200, { files: [{ path: 'f', is_dir: false, ...size }] });
      }
      serve(request, answer, ranges.push(request.headers['range']) - 1);
    },
    async server => {
      await server.client().downloadFile('mlflow-artifacts:/', 'f', place);
      return { bytes: readFileSync(place), ranges };
    },
  );
}

/** Sends the first bytes of an answer, and breaks the connection. */
function breakOff(answer: ServerResponse, status: number, headers: object, bytes: Buffer): void {
  answer.writeHead(status, { ...headers });
  answer.write(bytes, () => setTimeout(() => answer.destroy(), 40));
}

/** As many requests are more than any number of retries allows. */
const FOR_EVER = 25;

for (const [what, headers] of [
  ['without ETag and Last-Modified', {}],
  ['with a weak ETag', { etag: 'W/"1"' }],
] as const) {
  test(`a file ${what} is fetched anew: its parts may be of two files`, async () => {
    const other = randomBytes(FILE.length);
    const { bytes, ranges } = await download({
      serve(request, answer, tries) {
        if (tries === 0)
          return breakOff(answer, 200, { ...headers, 'content-length': FILE.length }, FILE.subarray(0, 2_000_000));
        const [, first] = /^bytes=(\d+)-$/.exec(String(request.headers['range'])) ?? [];
        const start = Number(first ?? 0);
        const range = { 'content-range': `bytes ${start}-${other.length - 1}/${other.length}` };
        answer.writeHead(first === undefined ? 200 : 206, { ...headers, ...(first === undefined ? {} : range) });
        answer.end(other.subarray(start));
      },
    });
    assert.equal(bytes, other);
    assert.equal(ranges, [undefined, undefined]);
  });
}

test('a server that knows no ranges and cuts at varying points is given up', async () => {
  let requests = 0;
  const work = download({
    serve(_, answer, tries) {
      requests++;
      if (tries >= FOR_EVER) return void answer.end(FILE);
      const length = tries % 2 === 0 ? 1_200_000 : 2_600_000;
      breakOff(answer, 200, { etag: '"1"', 'content-length': FILE.length }, FILE.subarray(0, length));
    },
  });
  const error = await expectError(work, 'ERR_MLFLOW_HTTP', 'the connection broke');
  assert.is(requests, 4);
  assert.is(error.details['retries'], 3);
});

test('a server that continues, but whose file changes again and again, is given up', async () => {
  let requests = 0;
  const work = download({
    serve(request, answer, tries) {
      requests++;
      if (tries >= FOR_EVER) return void answer.end(FILE);
      const start = tries % 2 === 0 ? 0 : Number(/\d+/.exec(String(request.headers['range']))?.[0] ?? 0);
      const headers = { etag: `"${Math.floor(tries / 2)}"`, 'content-length': FILE.length - start };
      const range = { 'content-range': `bytes ${start}-${FILE.length - 1}/${FILE.length}` };
      const bytes = FILE.subarray(start, start + 1_200_000);
      breakOff(answer, start === 0 ? 200 : 206, { ...headers, ...(start === 0 ? {} : range) }, bytes);
    },
  });
  await expectError(work, 'ERR_MLFLOW_HTTP', 'the connection broke');
  assert.ok(requests < 10, `${requests} requests`);
});

test('a connection that breaks behind the last byte has brought the file', async () => {
  const { bytes, ranges } = await download({
    serve(request, answer) {
      if (request.headers['range'] !== undefined) return json(answer, 416, {});
      breakOff(answer, 200, { etag: '"1"' }, FILE);
    },
  });
  assert.equal(bytes, FILE);
  assert.equal(ranges, [undefined]);
});

test('an empty file that cannot be fetched is not taken for one that was', async () => {
  await withFake(
    (request, answer) => {
      const files = [{ path: 'f', is_dir: false, file_size: 0 }];
      json(answer, listedDirectory(request) === undefined ? 404 : 200, { files });
    },
    async server => {
      const work = server.client().downloadFile('mlflow-artifacts:/', 'f', join(home, 'empty'));
      await expectError(work, 'ERR_MLFLOW_HTTP', '404');
    },
  );
});

test('a range behind the end (416) begins anew, once', async () => {
  const { bytes, ranges } = await download({
    sized: false,
    serve(request, answer, tries) {
      if (request.headers['range'] !== undefined) return json(answer, 416, {});
      if (tries === 0) return breakOff(answer, 200, { etag: '"1"' }, FILE);
      serveContent(FILE, request, answer);
    },
  });
  assert.equal(bytes, FILE);
  assert.equal(ranges, [undefined, 'bytes=5000000-', undefined]);
});

test('a server that knows nothing but 416 is given up', async () => {
  let requests = 0;
  const work = download({
    serve(_, answer) {
      requests++;
      json(answer, 416, {});
    },
  });
  const error = await expectError(work, 'ERR_MLFLOW_HTTP');
  assert.is(error.details['status'], 416);
  assert.is(requests, 1);
});

test.run();
