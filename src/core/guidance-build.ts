/** Whether a library file was built with guidance: a build without it has the functions, and ignores what they are told. */
import { createReadStream } from 'node:fs';
import { loadRuntime } from '../binding/runtime.ts';
import { GenAIError } from '../errors.ts';

/** The name of the library within the library, which its messages name. */
const MARK = Buffer.from('llguidance');

let built: Promise<boolean> | undefined;

/**
 * Whether the loaded library does what guidance tells it. Reads its file once (tens of milliseconds); one that cannot be
 * read is taken for a release, which does.
 */
export async function hasGuidance(): Promise<boolean> {
  const { info } = await loadRuntime();
  built ??= holdsMark(info.genaiLibrary).catch(() => true);
  return built;
}

/** @throws {GenAIError} `ERR_GENAI_UNSUPPORTED_BY_LIBRARY` */
export function demandGuidance(has: boolean): void {
  if (has) return;
  throw new GenAIError(
    'ERR_GENAI_UNSUPPORTED_BY_LIBRARY',
    'A responseFormat needs an onnxruntime-genai that was built with guidance (USE_GUIDANCE), as its releases are.',
    { details: { feature: 'guidance' } },
  );
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
