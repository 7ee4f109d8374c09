/** Downloads from servers that cut, lie, loop, and name files that are none. */
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { TransferProgress } from '../../../src/mlflow/tracking/files/progress.ts';
import type { MlflowClientOptions } from '../../../src/mlflow/tracking/http/settings.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { artifactPath, type Entry, listedDirectory, serveContent, serveFiles } from './artifact-server.ts';
import { cleanEnvironment, html, json, type Received, withFake } from './fake-server.ts';

const test = suite('download');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
test.before(() => cleanEnvironment(home));
test.after(() => rmSync(home, { recursive: true, force: true }));

let count = 0;
function target(): string {
  return join(home, `target-${count++}`);
}

/** Nothing is left beside a target that was not reached. */
function assertNothingAt(path: string): void {
  assert.not.ok(existsSync(path), path);
  assert.equal(
    readdirSync(home).filter(name => name.endsWith('.tmp')),
    [],
  );
}

const FILES = { 'm/MLmodel': 'flavors: {}\n', 'm/data/ä %&?.bin': randomBytes(300_000), 'm/empty': '' };
const BIG = randomBytes(3_000_000);
const SHA_OF_BIG = createHash('sha256').update(BIG).digest('hex');

test('a directory arrives whole, with hashes and progress', async () => {
  await withFake(
    (request, answer) => serveFiles(FILES, request, answer),
    async server => {
      const place = target();
      const seen: TransferProgress[] = [];
      const files = await server
        .client()
        .downloadDirectory('mlflow-artifacts:/m', place, { hashes: true, onProgress: p => seen.push(p) });
      for (const [path, content] of Object.entries(FILES)) {
        assert.equal(readFileSync(join(place, path.slice(2))), Buffer.from(content));
      }
      const hashes = Object.fromEntries(files.map(file => [file.path, file.sha256]));
      assert.is(hashes['data/ä %&?.bin'], createHash('sha256').update(FILES['m/data/ä %&?.bin']).digest('hex'));
      assert.is(seen.at(-1)?.files, 3);
      assert.is(seen.at(-1)?.bytes, seen.at(-1)?.totalBytes);
      assert.is(seen.at(-1)?.bytes, 300_012);
    },
  );
});

test('names that every object has are files like all others', async () => {
  const files = { 'm/constructor': 'a', 'm/__proto__': 'b', 'm/toString': 'c' };
  await withFake(
    (request, answer) => serveFiles(files, request, answer),
    async server => {
      const place = target();
      const fetched = await server.client().downloadDirectory('mlflow-artifacts:/m', place, { sha256: {} });
      assert.not.ok(
        fetched.some(file => 'sha256' in file),
        'nobody asked for a hash',
      );
      const bad = server.client().downloadDirectory('mlflow-artifacts:/m', target(), { hashes: 1 as never });
      await expectError(bad, 'ERR_GENAI_INVALID_ARGUMENT', 'hashes');
      assert.equal(readdirSync(place).sort(), ['__proto__', 'constructor', 'toString']);
    },
  );
});

test('a model gets registered_model_meta only by a models: URI', async () => {
  await withFake(
    (request, answer) => {
      if (request.url.includes('/logged-models/')) {
        const info = { model_id: 'm-1', experiment_id: '1', artifact_uri: 'mlflow-artifacts:/m' };
        return json(answer, 200, { model: { info } });
      }
      serveFiles(FILES, request, answer);
    },
    async server => {
      const [first, second] = [target(), target()];
      assert.is(await server.client().downloadModel('models:/m-1', first), first);
      assert.is(readFileSync(join(first, 'registered_model_meta'), 'utf8'), 'model_name: null\nmodel_version: null\n');
      await server.client().downloadModel('mlflow-artifacts:/m', second);
      assert.not.ok(existsSync(join(second, 'registered_model_meta')));
    },
  );
});

test('a model with a file of another hash is not taken', async () => {
  await withFake(
    (request, answer) => serveFiles(FILES, request, answer),
    async server => {
      const place = target();
      const good = createHash('sha256').update(FILES['m/MLmodel']).digest('hex');
      const wrong = { MLmodel: good, empty: '0'.repeat(64) };
      const work = server.client().downloadModel('mlflow-artifacts:/m', place, { sha256: wrong });
      await expectError(work, 'ERR_MLFLOW_TRANSFER', 'empty has 0 bytes with the SHA-256 e3b0c44298fc1c14');
      assertNothingAt(place);
      await server.client().downloadModel('mlflow-artifacts:/m', place, { sha256: { MLmodel: good } });
    },
  );
});

test('a directory without MLmodel is no model', async () => {
  await withFake(
    (request, answer) => serveFiles({ 'm/weights.bin': 'x' }, request, answer),
    async server => {
      const place = target();
      await expectError(
        server.client().downloadModel('mlflow-artifacts:/m', place),
        'ERR_MLFLOW_FORMAT',
        'weights.bin',
      );
      assertNothingAt(place);
    },
  );
});

test('a directory that is not there is an error', async () => {
  await withFake(
    (request, answer) => serveFiles(FILES, request, answer),
    async server => {
      const place = target();
      const work = server.client().downloadDirectory('mlflow-artifacts:/nothing', place);
      await expectError(work, 'ERR_MLFLOW_TRANSFER', 'holds no files');
      assertNothingAt(place);
    },
  );
});

/** Serves `BIG` as one file, by `content`. */
async function withBig(
  content: (request: Received, answer: ServerResponse, tries: number) => void,
  work: (download: (options?: object) => Promise<Buffer>, ranges: () => (string | undefined)[]) => Promise<void>,
  settings: MlflowClientOptions = {},
): Promise<void> {
  let tries = 0;
  await withFake(
    (request, answer) => {
      if (listedDirectory(request) !== undefined) return serveFiles({ 'big.bin': BIG }, request, answer);
      content(request, answer, tries++);
    },
    async server => {
      const download = async (options = {}): Promise<Buffer> => {
        const place = target();
        try {
          const client = server.client(settings);
          const { sha256 } = await client.downloadFile('mlflow-artifacts:/', 'big.bin', place, {
            hashes: true,
            ...options,
          });
          const bytes = readFileSync(place);
          assert.is(sha256, createHash('sha256').update(bytes).digest('hex'));
          return bytes;
        } catch (error) {
          assertNothingAt(place);
          throw error;
        }
      };
      const files = (): Received[] => server.requests.filter(request => listedDirectory(request) === undefined);
      await work(download, () => files().map(request => request.headers['range']));
    },
  );
}

function cutAt(length: number, answer: ServerResponse, headers: Record<string, string> = { etag: '"1"' }): void {
  answer.writeHead(200, { ...headers, 'content-length': BIG.length });
  answer.write(BIG.subarray(0, length), () => setTimeout(() => answer.destroy(), 50));
}

test('a cut connection goes on at its byte', async () => {
  await withBig(
    (request, answer, tries) => (tries === 0 ? cutAt(1_000_000, answer) : serveContent(BIG, request, answer)),
    async (download, ranges) => {
      assert.equal(await download({ sha256: SHA_OF_BIG.toUpperCase() }), BIG);
      assert.equal(ranges(), [undefined, 'bytes=1000000-']);
    },
  );
});

test('a server that knows no ranges sends the file again', async () => {
  await withBig(
    (_, answer, tries) => (tries === 0 ? cutAt(1_000_000, answer) : answer.end(BIG)),
    async download => assert.equal(await download(), BIG),
  );
});

test('progress goes back when a file is sent again', async () => {
  await withBig(
    (_, answer, tries) => (tries === 0 ? cutAt(1_000_000, answer) : answer.end(BIG)),
    async download => {
      const bytes: number[] = [];
      await download({ onProgress: (progress: TransferProgress) => bytes.push(progress.bytes) });
      assert.ok(bytes.includes(0));
      assert.is(Math.max(...bytes), BIG.length);
      assert.is(bytes.at(-1), BIG.length);
    },
  );
});

test('a file that changed meanwhile is fetched anew (If-Range)', async () => {
  const other = randomBytes(BIG.length);
  await withBig(
    (request, answer, tries) => (tries === 0 ? cutAt(1_000_000, answer) : serveContent(other, request, answer, '"2"')),
    async (download, ranges) => {
      assert.equal(await download(), other);
      assert.equal(ranges(), [undefined, 'bytes=1000000-']);
    },
  );
});

test('parts of a changed file are not glued together, also when If-Range is ignored', async () => {
  const other = randomBytes(BIG.length);
  await withBig(
    (request, answer, tries) => {
      if (tries === 0) return cutAt(1_000_000, answer);
      delete request.headers['if-range'];
      serveContent(other, request, answer, '"2"');
    },
    async (download, ranges) => {
      assert.equal(await download(), other);
      assert.equal(ranges(), [undefined, 'bytes=1000000-', undefined]);
    },
  );
});

test('another part than asked for is not taken', async () => {
  await withBig(
    (request, answer, tries) => {
      if (tries !== 1) return tries === 0 ? cutAt(1_000_000, answer) : serveContent(BIG, request, answer);
      answer.writeHead(206, { etag: '"1"', 'content-range': `bytes 5-${BIG.length - 1}/${BIG.length}` });
      answer.end(BIG.subarray(5));
    },
    async download => assert.equal(await download(), BIG),
  );
});

/** Sends `length` bytes from where it was asked to, and breaks off. */
function sendPart(request: Received, answer: ServerResponse, length: number): void {
  const start = Number(/=(\d+)/.exec(String(request.headers['range']))?.[1] ?? 0);
  const range = { 'content-range': `bytes ${start}-${BIG.length - 1}/${BIG.length}` };
  const headers = { etag: '"1"', 'content-length': BIG.length - start, ...(start === 0 ? {} : range) };
  answer.writeHead(start === 0 ? 200 : 206, headers);
  answer.write(BIG.subarray(start, start + length), () => setTimeout(() => answer.destroy(), 30));
}

test('cuts after little progress use up the retries', async () => {
  await withBig(
    (request, answer) => sendPart(request, answer, 100_000),
    async (download, ranges) => {
      const error = await expectError(download(), 'ERR_MLFLOW_HTTP', 'the connection broke');
      assert.is(error.details['retries'], 3);
      assert.equal(ranges(), [undefined, 'bytes=100000-', 'bytes=200000-', 'bytes=300000-']);
    },
  );
});

test('cuts after much progress do not', async () => {
  await withBig(
    (request, answer) => sendPart(request, answer, 1_200_000),
    async (download, ranges) => {
      assert.equal(await download(), BIG);
      assert.is(ranges().length, 3);
    },
    { maxRetries: 1 },
  );
});

test('a body shorter than the listing says is not taken', async () => {
  await withBig(
    (_, answer) => answer.end(BIG.subarray(0, 5)),
    async download => {
      await expectError(download(), 'ERR_MLFLOW_TRANSFER', 'should have 3000000 bytes');
    },
  );
});

test('a chunked body shorter than the listing says is asked for again, then not taken', async () => {
  await withBig(
    (_, answer) => {
      answer.write(BIG.subarray(0, 5));
      answer.end();
    },
    async (download, ranges) => {
      await expectError(download(), 'ERR_MLFLOW_TRANSFER', 'should have 3000000 bytes');
      assert.is(ranges().length, 4);
    },
  );
});

test('a body longer than the listing says is stopped', async () => {
  let sent = 0;
  await withBig(
    (_, answer) => {
      answer.on('error', () => {});
      const more = (): void => {
        sent += BIG.length;
        if (!answer.destroyed && sent < 1e9) answer.write(BIG, more);
      };
      more();
    },
    async download => {
      await expectError(download(), 'ERR_MLFLOW_TRANSFER', 'or more');
      assert.ok(sent < 1e8, `${sent} bytes`);
    },
  );
});

test('an unasked encoding is not stored', async () => {
  await withBig(
    (_, answer) => {
      answer.writeHead(200, { 'content-encoding': 'gzip' });
      answer.end('x');
    },
    async download => {
      await expectError(download(), 'ERR_MLFLOW_TRANSFER', 'gzip');
    },
  );
});

test('a wrong hash leaves no file', async () => {
  await withBig(
    (request, answer) => serveContent(BIG, request, answer),
    async download => {
      await expectError(download({ sha256: '0'.repeat(64) }), 'ERR_MLFLOW_TRANSFER', SHA_OF_BIG);
    },
  );
});

test('an expected file that is missing, and one with another hash, leave no directory', async () => {
  await withFake(
    (request, answer) => serveFiles(FILES, request, answer),
    async server => {
      for (const sha256 of [{ gone: '0' }, { MLmodel: '0'.repeat(64) }]) {
        const place = target();
        await expectError(
          server.client().downloadDirectory('mlflow-artifacts:/m', place, { sha256 }),
          'ERR_MLFLOW_TRANSFER',
          Object.keys(sha256)[0],
        );
        assertNothingAt(place);
      }
    },
  );
});

test('the signal ends a download and leaves nothing', async () => {
  await withBig(
    (_, answer) => {
      answer.writeHead(200, { 'content-length': BIG.length });
      answer.write(BIG.subarray(0, 100_000));
    },
    async download => {
      const stop = new AbortController();
      const reason = new Error('enough');
      setTimeout(() => stop.abort(reason), 150);
      assert.is(await expectRejection(download({ signal: stop.signal })), reason);
    },
  );
});

test('one file that fails ends the others, and leaves nothing', async () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`m/${index}`, 'x']));
  let served = 0;
  await withFake(
    (request, answer) => {
      if (artifactPath(request) === 'm/12') return html(answer, 403, 'No');
      if (listedDirectory(request) === undefined) served++;
      if (artifactPath(request) === 'm/1') return; // hangs
      serveFiles(files, request, answer);
    },
    async server => {
      const place = target();
      const error = await expectError(
        server.client().downloadDirectory('mlflow-artifacts:/m', place),
        'ERR_MLFLOW_HTTP',
      );
      assert.is(error.details['status'], 403);
      assert.ok(served < 19, `${served} requests`);
      assertNothingAt(place);
    },
  );
});

test('a target that exists stays as it is', async () => {
  await withFake(
    (request, answer) => serveFiles(FILES, request, answer),
    async server => {
      const place = target();
      mkdirSync(place);
      writeFileSync(join(place, 'mine'), 'mine');
      await expectError(server.client().downloadDirectory('mlflow-artifacts:/m', place), 'ERR_MLFLOW_PATH_EXISTS');
      const file = join(place, 'mine');
      await expectError(server.client().downloadFile('mlflow-artifacts:/m', 'MLmodel', file), 'ERR_MLFLOW_PATH_EXISTS');
      assert.is(readFileSync(file, 'utf8'), 'mine');
      assert.equal(readdirSync(place), ['mine']);
    },
  );
});

/** Names that a wicked server lists. */
const NAMES: unknown[] = [
  ...['../up', '..', '.', '', '/etc/passwd', 'a/b', 'a/../../b', 'C:\\x', '..\\up', 'a\\b', '\\\\host\\x'],
  ...['a\0b', 'a\nb', '\u001b[2J', 5, null, ['x'], { path: 'x' }],
];

for (const name of NAMES) {
  for (const is_dir of [false, true]) {
    test(`a listed ${is_dir ? 'directory' : 'file'} ${JSON.stringify(name)} is refused`, async () => {
      await withFake(
        (request, answer) =>
          listedDirectory(request) === 'm'
            ? json(answer, 200, { files: [{ path: name, is_dir, file_size: 1 }] })
            : answer.end('x'),
        async server => {
          const place = target();
          const error = await expectError(
            server.client().downloadDirectory('mlflow-artifacts:/m', place),
            typeof name === 'string' && name !== '' ? 'ERR_MLFLOW_UNSAFE_PATH' : 'ERR_MLFLOW_HTTP',
          );
          assert.is(server.requests.length, 1, error.message);
          assertNothingAt(place);
        },
      );
    });
  }
}

const LISTINGS: [
  what: string,
  list: (directory: string) => unknown,
  code: 'ERR_MLFLOW_UNSAFE_PATH' | 'ERR_MLFLOW_TRANSFER' | 'ERR_MLFLOW_HTTP',
  text: string,
][] = [
  ['a name twice', () => [entry('a'), entry('a')], 'ERR_MLFLOW_UNSAFE_PATH', 'twice'],
  [
    'a file and a directory of one name',
    directory => (directory === 'm' ? [entry('a'), entry('a', true)] : [entry('b')]),
    'ERR_MLFLOW_UNSAFE_PATH',
    'twice',
  ],
  ['a directory in itself', () => [entry('a', true)], 'ERR_MLFLOW_TRANSFER', '64 directories deep'],
  [
    'more than can be',
    () => Array.from({ length: 100_000 }, (_, index) => entry(String(index), index === 0)),
    'ERR_MLFLOW_TRANSFER',
    'more than 500000 files',
  ],
  ['no list', () => 'many', 'ERR_MLFLOW_HTTP', '"files"'],
  ['a list of texts', () => ['a'], 'ERR_MLFLOW_HTTP', '"files"'],
];

for (const [what, list, code, text] of LISTINGS) {
  test(`a listing with ${what} ends`, async () => {
    await withFake(
      (request, answer) => json(answer, 200, { files: list(listedDirectory(request) ?? '') }),
      async server => {
        const place = target();
        await expectError(server.client().downloadDirectory('mlflow-artifacts:/m', place), code, text);
        assertNothingAt(place);
      },
    );
  });
}

function entry(path: string, is_dir = false): Entry {
  return { path, is_dir, ...(is_dir ? {} : { file_size: 1 }) };
}

test('100,000 files are listed in a moment', async () => {
  const files = Array.from({ length: 100_000 }, (_, index) => entry(`file-${index}`));
  await withFake(
    (_, answer) => json(answer, 200, { files }),
    async server => {
      const started = performance.now();
      assert.is((await server.client().listArtifacts('mlflow-artifacts:/m')).length, 100_000);
      assert.ok(performance.now() - started < 5000);
    },
  );
});

test('a download may be redirected to another host, without our credentials', async () => {
  await withFake(
    (_, answer) => answer.end('content'),
    async storage => {
      await withFake(
        (request, answer) => {
          if (listedDirectory(request) !== undefined)
            return json(answer, 200, { files: [{ path: 'f', is_dir: false }] });
          answer.writeHead(302, { location: `${storage.url}/signed?key=1` });
          answer.end();
        },
        async server => {
          const place = target();
          await server.client({ token: 'secret-token', workspace: 'w' }).downloadFile('mlflow-artifacts:/', 'f', place);
          assert.is(readFileSync(place, 'utf8'), 'content');
          const [request] = storage.requests;
          assert.is(request?.headers['authorization'], undefined);
          assert.is(request?.headers['x-mlflow-workspace'], undefined);
          assert.is(server.requests[0]?.headers['authorization'], 'Bearer secret-token');
        },
      );
    },
  );
});

test('another artifact host gets no credentials', async () => {
  process.env['MLFLOW_TRACKING_TOKEN'] = 'env-token';
  try {
    await withFake(
      (request, answer) => serveFiles(FILES, request, answer),
      async other => {
        await withFake(
          (_, answer) => json(answer, 500, {}),
          async server => {
            const uri = `mlflow-artifacts://${new URL(other.url).host}/m`;
            await server.client({ username: 'joe', password: 'pw' }).downloadDirectory(uri, target());
            await server.client().downloadDirectory(uri, target());
            assert.is(server.requests.length, 0);
            assert.ok(other.requests.length > 6);
            assert.ok(other.requests.every(request => request.headers['authorization'] === undefined));
          },
        );
      },
    );
  } finally {
    delete process.env['MLFLOW_TRACKING_TOKEN'];
  }
});

test('a store that is a directory of this machine', async () => {
  const store = target();
  mkdirSync(join(store, 'sub'), { recursive: true });
  writeFileSync(join(store, 'MLmodel'), 'flavors: {}\n');
  writeFileSync(join(store, 'sub', 'x'), 'content');
  symlinkSync('sub/x', join(store, 'inside'));
  await withFake(
    (_, answer) => json(answer, 500, {}),
    async server => {
      const client = server.client();
      const place = target();
      await client.downloadModel(store, place);
      assert.is(readFileSync(join(place, 'sub', 'x'), 'utf8'), 'content');
      assert.is(readFileSync(join(place, 'inside'), 'utf8'), 'content');
      const listed = await client.listArtifacts(`file://${store}`, { artifactPath: 'sub' });
      assert.equal(listed, [{ path: 'sub/x', isDir: false, fileSize: 7 }]);
      symlinkSync('/etc/hostname', join(store, 'outside'));
      await expectError(client.downloadModel(store, target()), 'ERR_MLFLOW_UNSAFE_PATH', 'leads out');
    },
  );
});

test.run();
