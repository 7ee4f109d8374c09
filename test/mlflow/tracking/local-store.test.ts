/** Artifacts in a directory of this machine: what the caller names, and what only the server names. */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { MlflowClient } from '../../../src/mlflow/tracking/client.ts';
import { expectError, expectRejection } from '../../helpers/expect-reject.ts';
import { suite } from '../../helpers/suite.ts';
import { cleanEnvironment, json, withFake } from './fake-server.ts';

const test = suite('local-store');
const home = mkdtempSync(join(tmpdir(), 'tracking-'));
test.before(() => cleanEnvironment(home));
test.after(() => rmSync(home, { recursive: true, force: true }));

const ID = '0123456789abcdef0123456789abcdef';
let count = 0;

function folder(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const path = join(home, `folder-${count++}`);
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

/** A client of a server by whose word everything lies at `place`. */
async function withPlace(place: string, work: (client: MlflowClient) => Promise<void>): Promise<void> {
  await withFake(
    ({ url }, answer) => {
      if (url.includes('/logged-models/search')) return json(answer, 200, { models: [] });
      if (url.includes('/logged-models/')) {
        return json(answer, 200, { model: { info: { model_id: `m-${ID}`, experiment_id: '1', artifact_uri: place } } });
      }
      if (url.includes('get-download-uri')) return json(answer, 200, { artifact_uri: place });
      if (url.includes('/model-versions/get')) {
        return json(answer, 200, { model_version: { name: 'n', version: '1', source: place } });
      }
      const info = { run_id: ID, experiment_id: '1', artifact_uri: place };
      return json(answer, 200, { run: { info } });
    },
    server => work(server.client()),
  );
}

const NAMED_BY_SERVER = [`runs:/${ID}`, `models:/m-${ID}`, 'models:/n/1'];

for (const uri of NAMED_BY_SERVER) {
  test(`${uri}: nothing is removed from a directory that only the server names`, async () => {
    const victim = folder({ 'diary.txt': 'mine' });
    for (const place of [victim, `file://${victim}`]) {
      await withPlace(place, async client => {
        const error = await expectError(client.deleteArtifacts(uri), 'ERR_MLFLOW_UNSAFE_PATH', victim);
        assert.match(error.message, /deleteArtifacts\("/);
        const below = client.deleteArtifacts(uri, { artifactPath: 'diary.txt' });
        await expectError(below, 'ERR_MLFLOW_UNSAFE_PATH');
      });
    }
    assert.is(readFileSync(join(victim, 'diary.txt'), 'utf8'), 'mine');
  });

  test(`${uri}: nothing is written into a directory of the server's choice`, async () => {
    const source = folder({ 'diary.txt': 'other' });
    for (const place of [folder({ 'diary.txt': 'mine' }), join(folder(), ID, 'artifacts', '..', '..')]) {
      await withPlace(place, async client => {
        const file = client.uploadFile(uri, join(source, 'diary.txt'));
        await expectError(file, 'ERR_MLFLOW_UNSAFE_PATH', 'uploadDirectory("');
        await expectError(client.uploadDirectory(uri, source), 'ERR_MLFLOW_UNSAFE_PATH');
        const parts = client.uploadDirectory(uri, source, { artifactPath: `${ID}/artifacts` });
        await expectError(parts, 'ERR_MLFLOW_UNSAFE_PATH');
      });
      assert.not.ok(existsSync(join(place, 'diary.txt')) && readFileSync(join(place, 'diary.txt'), 'utf8') !== 'mine');
    }
  });

  test(`${uri}: the directory of a run or a model is written to, made when it is missing`, async () => {
    const source = folder({ MLmodel: 'x' });
    for (const id of [ID, `m-${ID}`]) {
      const place = join(home, `root-${count++}`, '1', id, 'artifacts');
      await withPlace(place, async client => {
        await client.uploadDirectory(uri, source);
        assert.is(readFileSync(join(place, 'MLmodel'), 'utf8'), 'x');
        await expectError(client.deleteArtifacts(uri), 'ERR_MLFLOW_UNSAFE_PATH');
      });
    }
  });
}

test('what is in a directory that the caller names is removed, the directory is not', async () => {
  const store = folder({ a: 'x', b: 'y' });
  mkdirSync(join(store, 'sub', 'deep'), { recursive: true });
  await withPlace('/nowhere', async client => {
    await client.deleteArtifacts(store, { artifactPath: 'a' });
    assert.equal(readdirSync(store).sort(), ['b', 'sub']);
    await client.deleteArtifacts(`file://${store}`);
    assert.ok(statSync(store).isDirectory());
    assert.equal(readdirSync(store), []);
    await client.deleteArtifacts(join(store, 'nothing')); // no error
    writeFileSync(join(store, 'file'), 'x');
    await expectError(client.deleteArtifacts(join(store, 'file')), 'ERR_MLFLOW_TRANSFER', 'ENOTDIR');
  });
});

test('an aborted upload leaves the file that was there, and nothing else', async () => {
  const source = folder({ big: randomBytes(30_000_000) });
  const store = folder({ big: 'old' });
  await withPlace('/nowhere', async client => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const seen: number[] = [];
    const onProgress = ({ bytes }: { bytes: number }): void => {
      seen.push(bytes);
      if (bytes > 0) stop.abort(reason);
    };
    const work = client.uploadDirectory(store, source, { signal: stop.signal, onProgress });
    assert.is(await expectRejection(work), reason);
    assert.ok((seen[0] ?? 0) < 30_000_000, 'progress is told before the end');
  });
  assert.equal(readdirSync(store), ['big']);
  assert.is(readFileSync(join(store, 'big'), 'utf8'), 'old');
});

test('an upload that fails leaves nothing', async () => {
  const source = folder({ big: randomBytes(30_000_000) });
  const store = folder();
  mkdirSync(join(store, 'big')); // a directory, over which no file can be renamed
  await withPlace('/nowhere', async client => {
    await expectError(client.uploadDirectory(store, source), 'ERR_MLFLOW_TRANSFER');
  });
  assert.equal(readdirSync(store), ['big']);
  assert.equal(readdirSync(join(store, 'big')), []);
});

test('a whole upload has the bytes and the mode of its source', async () => {
  const content = randomBytes(9_000_000);
  const source = folder({ big: content, empty: '' });
  const store = folder({ big: 'old' });
  await withPlace('/nowhere', async client => {
    const seen: number[] = [];
    await client.uploadDirectory(store, source, { onProgress: ({ bytes }) => seen.push(bytes) });
    assert.is(seen.at(-1), content.length);
  });
  assert.equal(readFileSync(join(store, 'big')), content);
  assert.is(statSync(join(store, 'big')).mode, statSync(join(source, 'big')).mode);
  assert.is(statSync(join(store, 'empty')).size, 0);
  assert.equal(readdirSync(store).sort(), ['big', 'empty']);
});

test('what a killed upload has left behind is no artifact', async () => {
  const store = folder({ MLmodel: 'flavors: {}\n', '.big.0123456789ab.tmp': 'half', '.hidden.tmp': 'mine' });
  await withPlace('/nowhere', async client => {
    const names = (await client.listArtifacts(store)).map(({ path }) => path);
    assert.equal(names, ['.hidden.tmp', 'MLmodel']);
  });
});

test.run();
