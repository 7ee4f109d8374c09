/** What kind of picture a file is, and whether the library can decode it. */
import { jpegProblem } from './jpeg.ts';
import { sizeProblem } from './picture-size.ts';

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Why these bytes are refused, or null. The library itself says what is wrong with a PNG; whatever else it is given it
 * takes for a JPEG.
 */
export function checkImage(bytes: Uint8Array): string | null {
  if (PNG.every((byte, i) => bytes[i] === byte)) return pngProblem(bytes);
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? jpegProblem(bytes) : 'it is neither PNG nor JPEG';
}

/** A PNG tells its size first, and may hold gigabytes of pixels in kilobytes. (PNG specification, 5.6 and 11.2.1) */
function pngProblem(bytes: Uint8Array): string | null {
  if (bytes.length < 24) return null; // cut off, which the library says
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  const problem = sizeProblem(header.getUint32(16), header.getUint32(20));
  return problem === null ? null : `it ${problem}`;
}
