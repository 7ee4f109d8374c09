import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ROOT } from '../helpers/demo-model.ts';
import { expectRejection } from '../helpers/expect-reject.ts';
import { suite } from '../helpers/suite.ts';

const test = suite<{ folder: string; library: string }>('SONAME');
const onLinux = process.platform === 'linux' ? test : () => {};

const { renameSoname } = (await import(join(ROOT, 'scripts/lib/elf-soname.mjs'))) as {
  renameSoname(file: string, name: string): Promise<void>;
};

const RUNTIME = join(ROOT, '.runtime', `${process.platform}-${process.arch}-cpu`);
const OLD = 'libonnxruntime_providers_shared.so';

test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'soname-'));
  context.library = join(context.folder, 'library.so');
  copyFileSync(join(RUNTIME, OLD), context.library);
});

test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

onLinux('a name as long, and a shorter one', async ({ library }) => {
  for (const name of [`x${OLD.slice(1)}`, 'short.so']) {
    const before = readFileSync(library);
    await renameSoname(library, name);
    assert.ok(readFileSync(library).includes(`\0${name}\0`));
    const changed = readFileSync(library).filter((byte, at) => byte !== before[at]);
    assert.ok(changed.length > 0 && changed.length <= OLD.length, `${changed.length} bytes changed`);
  }
});

onLinux('a name without room, and files without one, are refused and left as they are', async ({ folder, library }) => {
  const before = readFileSync(library);
  await refused(library, `has no room for ${OLD}.1`, `${OLD}.1`);
  assert.ok(readFileSync(library).equals(before));
  await refused(process.execPath, 'has no SONAME');
  const text = join(folder, 'text.so');
  writeFileSync(text, 'no library');
  await refused(text, 'is no 64-bit ELF library');
  truncateSync(library, 60);
  await refused(library, 'is no 64-bit ELF library');
});

async function refused(file: string, why: string, name = 'x.so'): Promise<void> {
  const { message } = (await expectRejection(renameSoname(file, name))) as Error;
  assert.ok(message.includes(why), message);
}

onLinux('the ONNX Runtime that is fetched has one of its own', async () => {
  const { onnxruntime } = JSON.parse(readFileSync(join(RUNTIME, 'runtime.json'), 'utf8')) as { onnxruntime: string };
  const library = readFileSync(join(RUNTIME, `libonnxruntime.so.${onnxruntime}`));
  assert.ok(library.includes('\0libort-of-genai.so\0') && !library.includes('\0libonnxruntime.so.1\0'));
});

test.run();
