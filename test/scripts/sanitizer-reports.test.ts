/** What the sanitizers' gate takes for ours: it would be green for ever if it took nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../helpers/demo-model.ts';

const ADDON = 'onnxruntime-genai-node.node';

/** A race as libtsan of g++ 12 writes it, between code of two modules. */
function race(one: string, other: string): string {
  return `WARNING: ThreadSanitizer: data race (pid=3303)
  Write of size 1 at 0x7b3000017af8 by thread T3:
    #0 <null> <null> (libtsan.so+0x42191)
    #1 <null> <null> (${one}+0x1d65445)

  Previous atomic read of size 1 at 0x7b3000017af8 by thread T11 (mutexes: write M435295639824353264):
    #0 <null> <null> (libstdc++.so.6+0x62843)
    #1 <null> <null> (${other}+0x1d65cea)
    #2 <null> <null> (${ADDON}+0x5cea)

  Location is heap block of size 192 at 0x7b3000017ac0 allocated by thread T11:
    #0 <null> <null> (${ADDON}+0x87323)

  Thread T3 (tid=3309, running) created by main thread at:
    #0 <null> <null> (${ADDON}+0x5e686)

SUMMARY: ThreadSanitizer: data race (/usr/lib/libtsan.so+0x42191) in memcpy
`;
}

const ASAN = `==16815==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010
READ of size 4 at 0x602000000010 thread T14
    #0 0x7f in nobody (libonnxruntime.so.1.32.0+0x1)
`;

const REPORTS: Readonly<Record<string, { text: string; ours: boolean }>> = {
  'a race of ours': { text: race(ADDON, ADDON), ours: true },
  'a race of ours with a library': { text: race(ADDON, 'libonnxruntime.so.1.32.0'), ours: true },
  'a race of a library with us': { text: race('node', ADDON), ours: true },
  'a race of libraries that we called': { text: race('libonnxruntime.so.1.32.0', 'node'), ours: false },
  'a defect that ASan found': { text: ASAN, ours: true },
};

test('reports of which one party is ours count, alone and in a file with others', async () => {
  const { isOurs, readReports } = (await import(join(ROOT, 'scripts/lib/sanitizer-reports.mjs'))) as {
    isOurs(report: string, addon: string): boolean;
    readReports(folder: string, addon: string): { ours: unknown[]; vendors: number };
  };
  const folder = mkdtempSync(join(tmpdir(), 'reports-'));
  try {
    for (const [name, { text, ours }] of Object.entries(REPORTS)) assert.is(isOurs(text, ADDON), ours, name);
    const line = `${'='.repeat(18)}\n`;
    const all = Object.values(REPORTS).map(({ text }) => `${line}${text}${line}`);
    writeFileSync(join(folder, 'report.1'), `${all.join('')}ThreadSanitizer: reported 5 warnings\n`);
    const { ours, vendors } = readReports(folder, join('/somewhere', ADDON));
    assert.equal([ours.length, vendors], [4, 1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
