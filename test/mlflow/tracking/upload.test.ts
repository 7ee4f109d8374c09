/** Uploads: what is sent, what is refused before, and servers that break off. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { TransferProgress } from '../../../src/mlflow/tracking/files/progress.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { artifactPath } from './artifact-server.ts';
import { cleanEnvironment, type FakeServer, html, json, withFake } from './fake-server.ts';

const test = suite('upload');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
test.before(() => cleanEnvironment(home));
test.after(() => rmSync(home, { recursive: true, force: true }));

let count = 0;
function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const path = join(home, `folder-${count++}`);
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

test('a directory is sent file by file, with lengths and types', async () => {
  const path = folder({ MLmodel: 'flavors: {}\n', 'sub/ä %&.bin': 'content', empty: '' });
  mkdirSync(join(path, 'nothing'));
  await withFake(
    (_, answer) => answer.end(),
    async server => {
      const seen: TransferProgress[] = [];
      const onProgress = (progress: TransferProgress): number => seen.push(progress);
      const client = server.client();
      const done = await client.uploadDirectory('mlflow-artifacts:/1/x', path, { artifactPath: 'model', onProgress });
      assert.equal(done, { files: 3, bytes: 19 });
      const sent = server.requests.map(request => [
        request.method,
        artifactPath(request),
        request.headers['content-length'],
        request.headers['content-type'],
        request.body,
      ]);
      assert.equal(sent.sort(), [
        ['PUT', '1/x/model/MLmodel', '12', 'text/plain', 'flavors: {}\n'],
        ['PUT', '1/x/model/empty', '0', 'application/octet-stream', ''],
        ['PUT', '1/x/model/sub/ä %&.bin', '7', 'application/octet-stream', 'content'],
      ]);
      assert.equal(seen.at(-1), { ...seen.at(-1), bytes: 19, totalBytes: 19, files: 3, totalFiles: 3 });
    },
  );
});

test('one file is sent under its name', async () => {
  const path = folder({ 'a.txt': 'content' });
  await withFake(
    (_, answer) => answer.end(),
    async server => {
      await server.client().uploadFile('mlflow-artifacts:/1', join(path, 'a.txt'), { artifactPath: 'sub/dir' });
      assert.is(artifactPath(server.requests[0] as never), '1/sub/dir/a.txt');
    },
  );
});

test('no more files at once than allowed', async () => {
  const path = folder(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`f${index}`, 'x'])));
  for (const concurrency of [1, 3]) {
    let now = 0;
    let most = 0;
    await withFake(
      (_, answer) => {
        most = Math.max(most, ++now);
        setTimeout(() => {
          now--;
          answer.end();
        }, 20);
      },
      async server => {
        await server.client().uploadDirectory('mlflow-artifacts:/1', path, { concurrency });
        assert.is(most, concurrency);
      },
    );
  }
});

test('connections are used again', async () => {
  const path = folder(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}`, 'x'.repeat(index)])));
  const ports = new Set<number | undefined>();
  await withFake(
    (_, answer, raw) => {
      ports.add(raw.socket.remotePort);
      answer.end();
    },
    async server => {
      await server.client().uploadDirectory('mlflow-artifacts:/1', path, { concurrency: 2 });
      assert.ok(ports.size <= 12, `${ports.size} connections for 30 files`);
    },
  );
});

const BAD_NAMES = ['a#b', 'new\nline', 'tab\tname', 'a%41.txt', 'a%2e%2e', 'what?', 'back\\..\\up'];

for (const name of BAD_NAMES) {
  test(`a file named ${JSON.stringify(name)} is refused before anything is sent`, async () => {
    const path = folder({ MLmodel: 'x', 'sub/fine': 'x', [`sub/${name}`]: 'x' });
    await withFake(
      (_, answer) => answer.end(),
      async server => {
        await expectError(
          server.client().uploadDirectory('mlflow-artifacts:/1', path),
          'ERR_MLFLOW_UNSAFE_PATH',
          'sub/',
        );
        assert.is(server.requests.length, 0);
      },
    );
  });
}

for (const artifactPath of ['..', 'a/../../b', '/etc', 'C:\\x', 'a#b', 'a\0', 'a%2fb']) {
  test(`artifactPath ${JSON.stringify(artifactPath)} is refused`, async () => {
    const path = folder({ a: 'x' });
    await withFake(
      (_, answer) => answer.end(),
      async server => {
        const client = server.client();
        const options = { artifactPath };
        const refused = 'ERR_MLFLOW_UNSAFE_PATH';
        await expectError(client.uploadDirectory('mlflow-artifacts:/1', path, options), refused);
        await expectError(client.uploadFile('mlflow-artifacts:/1', join(path, 'a'), options), refused);
        await expectError(client.listArtifacts('mlflow-artifacts:/1', options), refused);
        await expectError(client.deleteArtifacts('mlflow-artifacts:/1', options), refused);
        await expectError(client.downloadDirectory('mlflow-artifacts:/1', join(home, 'x'), options), refused);
        await expectError(client.downloadFile('mlflow-artifacts:/1', artifactPath, join(home, 'x')), refused);
        assert.is(server.requests.length, 0);
      },
    );
  });
}

test('links are followed inside, refused when they lead out; other things are refused', async () => {
  const path = folder({ 'blobs/a': 'content' });
  symlinkSync('blobs/a', join(path, 'inside'));
  symlinkSync('blobs', join(path, 'directory'));
  await withFake(
    (_, answer) => answer.end(),
    async server => {
      const client = server.client();
      assert.is((await client.uploadDirectory('mlflow-artifacts:/1', path)).files, 2);
      symlinkSync('/etc/hostname', join(path, 'outside'));
      await expectError(client.uploadDirectory('mlflow-artifacts:/1', path), 'ERR_MLFLOW_UNSAFE_PATH', 'leads out');
      rmSync(join(path, 'outside'));
      symlinkSync('nowhere', join(path, 'broken'));
      await expectError(client.uploadDirectory('mlflow-artifacts:/1', path), 'ERR_MLFLOW_UNSAFE_PATH', 'leads nowhere');
      await expectError(
        client.uploadDirectory('mlflow-artifacts:/1', join(home, 'gone')),
        'ERR_MLFLOW_TRANSFER',
        'ENOENT',
      );
      await expectError(client.uploadFile('mlflow-artifacts:/1', join(home, 'gone')), 'ERR_MLFLOW_TRANSFER', 'ENOENT');
      await expectError(
        client.uploadFile('mlflow-artifacts:/1', path),
        'ERR_GENAI_INVALID_ARGUMENT',
        'uploadDirectory',
      );
      assert.is(server.requests.length, 2);
    },
  );
});

test('a server that reads slowly gets every byte in its place', async () => {
  const files = { big: randomBytes(9_000_001), bigger: randomBytes(12_582_912) };
  const path = folder(files);
  const hashes: Record<string, string> = {};
  await withFake(
    (request, answer, raw) => {
      const hash = createHash('sha256');
      raw.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        raw.pause();
        setTimeout(() => raw.resume(), Math.random() * 4);
      });
      raw.on('end', () => {
        hashes[artifactPath(request)] = hash.digest('hex');
        answer.end();
      });
    },
    async server => {
      await server.client().uploadDirectory('mlflow-artifacts:/', path);
      const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
      assert.equal(hashes, { big: sha256(files.big), bigger: sha256(files.bigger) });
    },
    { early: true },
  );
});

test('an upload is repeated after 503 and after a cut connection, and progress goes back', async () => {
  const content = randomBytes(2_000_000);
  const path = folder({ big: content });
  let tries = 0;
  await withFake(
    (_, answer, raw) => {
      tries++;
      if (tries === 1) return raw.once('data', () => raw.socket.destroy());
      raw.resume().on('end', () => (tries === 2 ? html(answer, 503, 'Busy') : answer.end()));
      return undefined;
    },
    async server => {
      const bytes: number[] = [];
      await server.client().uploadDirectory('mlflow-artifacts:/1', path, { onProgress: p => bytes.push(p.bytes) });
      assert.is(tries, 3);
      assert.is(bytes.at(-1), content.length);
      assert.is(Math.max(...bytes), content.length);
      assert.ok(bytes.filter(value => value === 0).length >= 1);
    },
    { early: true },
  );
});

test('a server that reads nothing is given up after the timeout', async () => {
  const path = folder({ big: randomBytes(20_000_000) });
  await withFake(
    (_, __, raw) => raw.pause(),
    async server => {
      const client = server.client({ timeoutMs: 500, maxRetries: 0 });
      await expectError(client.uploadDirectory('mlflow-artifacts:/1', path), 'ERR_MLFLOW_HTTP', 'silent for too long');
    },
    { early: true },
  );
});

test('the signal ends an upload', async () => {
  const path = folder({ big: randomBytes(20_000_000) });
  await withFake(
    (_, __, raw) => raw.pause(),
    async server => {
      const stop = new AbortController();
      const reason = new Error('enough');
      setTimeout(() => stop.abort(reason), 100);
      const upload = server.client().uploadDirectory('mlflow-artifacts:/1', path, { signal: stop.signal });
      assert.is(await expectRejection(upload), reason);
    },
    { early: true },
  );
});

for (const [what, type, body] of [
  ['an HTML page', 'text/html', '<!doctype html><title>Sign in</title>'],
  ['a text', 'text/plain', 'fine'],
  ['a list', 'application/json', '[]'],
] as const) {
  test(`${what} is no answer to an upload or a deletion`, async () => {
    const path = folder({ MLmodel: 'x' });
    await withFake(
      (_, answer) => {
        answer.writeHead(200, { 'content-type': type });
        answer.end(body);
      },
      async server => {
        const client = server.client();
        const hint = 'Is this the address of an MLflow server?';
        await expectError(client.uploadDirectory('mlflow-artifacts:/1', path), 'ERR_MLFLOW_HTTP', hint);
        await expectError(client.deleteArtifacts('mlflow-artifacts:/1'), 'ERR_MLFLOW_HTTP', hint);
        assert.is(server.requests.length, 2);
      },
    );
  });
}

for (const body of ['', '{}', ' \n', '{"any": "thing"}']) {
  test(`${JSON.stringify(body)} is an answer to an upload and a deletion`, async () => {
    const path = folder({ MLmodel: 'x' });
    await withFake(
      (_, answer) => answer.end(body),
      async server => {
        const client = server.client();
        assert.equal(await client.uploadDirectory('mlflow-artifacts:/1', path), { files: 1, bytes: 1 });
        await client.deleteArtifacts('mlflow-artifacts:/1');
      },
    );
  });
}

test('a file that becomes shorter while it is sent is an error', async () => {
  const path = folder({ big: randomBytes(20_000_000) });
  await withFake(
    (_, answer, raw) => {
      raw.once('data', () => {
        truncateSync(join(path, 'big'), 5_000_000);
        raw.resume().on('end', () => answer.end());
      });
    },
    async server => {
      const work = server.client({ maxRetries: 0 }).uploadDirectory('mlflow-artifacts:/1', path);
      await expectError(work, 'ERR_MLFLOW_TRANSFER', 'has changed while it was sent');
    },
    { early: true },
  );
});

test('a refusal in the middle of an upload is told as it is', async () => {
  const path = folder({ big: randomBytes(20_000_000) });
  await withFake(
    (_, answer) => html(answer, 413, 'Request Entity Too Large'),
    async server => {
      const work = server.client({ maxRetries: 0 }).uploadDirectory('mlflow-artifacts:/1', path);
      const error = await expectError(work, 'ERR_MLFLOW_HTTP', 'Too Large');
      assert.is(error.details['status'], 413);
    },
    { early: true },
  );
});

/** A cloud storage behind a server that offers multipart uploads. */
async function withMultipart(
  answers: { offered?: boolean; create?: number; failPart?: number; parts?: number },
  work: (server: FakeServer, storage: FakeServer) => Promise<void>,
): Promise<void> {
  const { offered = true, create = 200, failPart, parts } = answers;
  await withFake(
    (request, answer) => {
      const number = new URL(request.url, 'http://x').searchParams.get('part');
      if (number === String(failPart)) return html(answer, 403, 'Signature expired');
      answer.writeHead(200, { etag: `"etag-${number}"` });
      return answer.end();
    },
    async storage =>
      withFake(
        (request, answer) => {
          if (request.url.endsWith('/server-info')) return json(answer, 200, { multipart_uploads_enabled: offered });
          if (!request.url.includes('/mpu/create')) return json(answer, 200, {});
          if (create !== 200) return json(answer, create, { error_code: 'NOT_IMPLEMENTED', message: 'not here' });
          const wanted = parts ?? (JSON.parse(request.body) as { num_parts: number }).num_parts;
          const credentials = Array.from({ length: wanted }, (_, index) => ({
            part_number: index + 1,
            url: `${storage.url}/bucket/key?part=${index + 1}&sig=secret`,
            headers: { 'x-signed': 'yes' },
          }));
          return json(answer, 200, { upload_id: 'U1', credentials });
        },
        server => work(server, storage),
      ),
  );
}

/** Files from 1000 bytes on go in parts of 400. */
async function smallParts<T>(work: () => Promise<T>, further: Record<string, string> = {}): Promise<T> {
  const env = {
    MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: '1000',
    MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE: '400',
    ...further,
  };
  Object.assign(process.env, env);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

const LETTERS = 'abcdefghij'.repeat(100);

test('a large file goes in parts where the server offers it', async () => {
  const path = folder({ 'sub/big.bin': LETTERS, small: 'x' });
  await withMultipart({}, async (server, storage) => {
    await smallParts(() => server.client({ token: 'secret-token' }).uploadDirectory('mlflow-artifacts:/1/m', path));
    const paths = server.requests.map(request => `${request.method} ${request.url.slice('/api/'.length)}`).sort();
    assert.equal(paths, [
      'GET 3.0/mlflow/server-info',
      'POST 2.0/mlflow-artifacts/mpu/complete/1/m/sub',
      'POST 2.0/mlflow-artifacts/mpu/create/1/m/sub',
      'PUT 2.0/mlflow-artifacts/artifacts/1/m/small',
    ]);
    const create = server.requests.find(request => request.url.includes('create'));
    assert.equal(JSON.parse(create?.body ?? ''), { path: 'big.bin', num_parts: 3 });
    const sent = storage.requests.map(request => [request.url, request.body, request.headers['x-signed']]).sort();
    assert.equal(
      sent,
      [LETTERS.slice(0, 400), LETTERS.slice(400, 800), LETTERS.slice(800)].map((part, index) => [
        `/bucket/key?part=${index + 1}&sig=secret`,
        part,
        'yes',
      ]),
    );
    assert.ok(storage.requests.every(request => request.headers['authorization'] === undefined));
    const complete = server.requests.find(request => request.url.includes('complete'));
    const { upload_id, parts } = JSON.parse(complete?.body ?? '') as { upload_id: string; parts: object[] };
    assert.is(upload_id, 'U1');
    assert.equal(
      parts,
      [1, 2, 3].map(number => ({
        part_number: number,
        etag: `"etag-${number}"`,
        url: `${storage.url}/bucket/key?part=${number}&sig=secret`,
      })),
    );
  });
});

for (const [what, answers, env] of [
  ['does not offer parts', { offered: false }, {}],
  ['says 501 to parts', { create: 501 }, {}],
  ['offers parts, which the user does not want', {}, { MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: 'false' }],
] as const) {
  test(`a large file goes whole where the server ${what}`, async () => {
    const path = folder({ 'big.bin': LETTERS });
    await withMultipart(answers, async (server, storage) => {
      await smallParts(() => server.client().uploadDirectory('mlflow-artifacts:/1', path), env);
      const put = server.requests.find(request => request.method === 'PUT');
      assert.is(put?.body, LETTERS);
      assert.is(storage.requests.length, 0);
    });
  });
}

test('an upload in parts that fails is called off, and its secret is not told', async () => {
  const path = folder({ 'big.bin': LETTERS });
  await withMultipart({ failPart: 2 }, async server => {
    const work = smallParts(() => server.client().uploadDirectory('mlflow-artifacts:/1', path));
    const error = await expectError(work, 'ERR_MLFLOW_HTTP', 'Signature expired');
    assert.not.match(JSON.stringify([error.message, error.details]), /secret/);
    const abort = server.requests.find(request => request.url.includes('/mpu/abort/1'));
    assert.equal(JSON.parse(abort?.body ?? ''), { path: 'big.bin', upload_id: 'U1' });
    assert.not.ok(server.requests.some(request => request.url.includes('complete')));
  });
});

test('an offer of too few parts is not used', async () => {
  const path = folder({ 'big.bin': LETTERS });
  await withMultipart({ parts: 2 }, async (server, storage) => {
    const work = smallParts(() => server.client().uploadDirectory('mlflow-artifacts:/1', path));
    await expectError(work, 'ERR_MLFLOW_HTTP', '2 parts instead of 3');
    assert.is(storage.requests.length, 0);
  });
});

test('a store that is a directory of this machine', async () => {
  const path = folder({ MLmodel: 'x', 'sub/a': 'content' });
  const store = join(home, 'store');
  await withFake(
    (_, answer) => json(answer, 500, {}),
    async server => {
      const client = server.client();
      await client.uploadDirectory(store, path, { artifactPath: 'below' });
      await client.uploadFile(`file://${store}`, join(path, 'MLmodel'));
      assert.is(readFileSync(join(store, 'below', 'sub', 'a'), 'utf8'), 'content');
      assert.is(readFileSync(join(store, 'MLmodel'), 'utf8'), 'x');
      await client.deleteArtifacts(store, { artifactPath: 'below' });
      assert.equal(await client.listArtifacts(store), [{ path: 'MLmodel', isDir: false, fileSize: 1 }]);
      assert.is(server.requests.length, 0);
    },
  );
});

test.run();
