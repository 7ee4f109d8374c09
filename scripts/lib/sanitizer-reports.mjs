/**
 * Reads what the sanitizers wrote, and tells our defects from what Node, V8, ONNX Runtime and onnxruntime-genai do among
 * themselves.
 *
 * TSan does not see how code synchronizes that is not instrumented, by atomics and spin locks, and takes much of it for
 * races. Its suppressions are no cure: one that names a library leaves out every report with that library anywhere in
 * one of the two stacks, and so a race of ours with its thread. Here only the two that race count.
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A frame that ends in the place of its code: `#1 <null> <null> (libonnxruntime.so.1.32.0+0x13d8241)`. */
const FRAME = /^ +#\d+ .*\((\S+)\+(0x[0-9a-f]+)\)/;

/** Frames of these are passed on the way to who did it: interceptors, and what the standard libraries do for others. */
const GO_BETWEEN = /^lib(tsan|asan|ubsan|c|m|stdc\+\+|gcc_s|pthread)\.so/;

/** What follows the stacks of those who race or misuse something: where the memory and the threads came from. */
const BACKGROUND = /^ +(Location is|Thread T\d|Mutex M\d+ \(|As if synchronized|Hint:)|^SUMMARY/m;

/**
 * @param {string} folder with the files of `log_path`
 * @param {string} addon path of the addon under test
 * @returns {{ ours: { file: string, text: string }[], vendors: number }} reports that name us as a party, and how many
 *   others there are
 */
export function readReports(folder, addon) {
  const reports = readdirSync(folder).flatMap(file =>
    splitReports(readFileSync(join(folder, file), 'utf8')).map(text => ({ file, text })),
  );
  const ours = reports.filter(({ text }) => isOurs(text, basename(addon)));
  return { ours, vendors: reports.length - ours.length };
}

function splitReports(text) {
  const parts = text.split(/^=+\n/m).map(part => part.replace(/^ThreadSanitizer: reported \d+ warnings$/m, ''));
  return parts.filter(part => part.trim() !== '');
}

/** Every report that is not one of TSan is ours: ASan and UBSan see nothing but what we do. */
export function isOurs(report, addonName) {
  if (!report.includes('WARNING: ThreadSanitizer')) return true;
  const stacks = report.slice(0, report.search(BACKGROUND)).split(/\n\s*\n/);
  return stacks.some(stack => partyOf(stack) === addonName);
}

/** The module whose code did it. */
function partyOf(stack) {
  const modules = stack.split('\n').flatMap(line => FRAME.exec(line)?.[1] ?? []);
  return modules.find(name => !GO_BETWEEN.test(name));
}

/** The report with names for the frames of the addon: libsanitizer of g++ 12 finds none in a library opened later. */
export function nameFrames(report, addon) {
  return report.replace(/^( +#\d+) <null> <null> \((\S+)\+(0x[0-9a-f]+)\)/gm, (line, number, module, address) => {
    if (module !== basename(addon)) return line;
    try {
      const named = execFileSync('addr2line', ['-Cfpie', addon, address], { encoding: 'utf8' });
      return named.trimEnd().replace(/^/gm, `${number} `);
    } catch {
      return line; // no binutils; the address says it, too
    }
  });
}
