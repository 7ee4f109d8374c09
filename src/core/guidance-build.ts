/** Whether a library file was built with guidance: a build without it has the functions, and ignores what they are told. */
import { createReadStream } from 'node:fs';

/** The name of the library within the library, which its messages name. */
const MARK = Buffer.from('llguidance');

const known = new Map<string, Promise<boolean>>();

/** Reads the file once (tens of milliseconds); one that cannot be read is taken for a release, which has it. */
export function isBuiltWithGuidance(file: string): Promise<boolean> {
  let answer = known.get(file);
  if (answer === undefined) {
    answer = holdsMark(file).catch(() => true);
    known.set(file, answer);
  }
  return answer;
}

async function holdsMark(file: string): Promise<boolean> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const piece = Buffer.concat([rest, chunk]);
    if (piece.includes(MARK)) return true;
    rest = piece.subarray(-MARK.length);
  }
  return false;
}
