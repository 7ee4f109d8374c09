/**
 * Whether a JPEG can be decoded. The library's decoder ends the process over a marker, a table or a scan that it cannot
 * use, and waits for ever at the end of a truncated file (seen on Linux, 0.15.2 and 0.18.0). So everything is looked at
 * here that such a decoder gives up on. Damage inside the coded data is harmless: the decoder guesses.
 */
import { defineHuffmanTables, defineQuantizationTables, type Tables } from './jpeg-tables.ts';
import { sizeProblem } from './picture-size.ts';

/** An encoder writes about ten; each costs a pass over the whole picture. */
const MOST_SCANS = 100;
const MOST_BLOCKS = 10;

const M = { SOF0: 0xc0, SOF1: 0xc1, SOF2: 0xc2, DHT: 0xc4, SOI: 0xd8, EOI: 0xd9, SOS: 0xda, DQT: 0xdb, DRI: 0xdd };

interface Component {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantization: number;
}

interface Frame {
  readonly progressive: boolean;
  readonly components: readonly Component[];
}

interface Picture {
  frame: Frame | null;
  readonly tables: Tables;
  scans: number;
  /** Ids of the components that some scan had. */
  readonly seen: Set<number>;
}

/** Thrown and caught in this file. */
class Problem extends Error {}

/** Why the bytes of a JPEG are refused, or null. */
export function jpegProblem(bytes: Uint8Array): string | null {
  try {
    readSegments(bytes);
    return null;
  } catch (error) {
    if (error instanceof Problem) return `the JPEG ${error.message}`;
    throw error;
  }
}

function readSegments(bytes: Uint8Array): void {
  const picture: Picture = {
    frame: null,
    tables: { quantization: new Set(), dc: new Set(), ac: new Set() },
    scans: 0,
    seen: new Set(),
  };
  let at = 2;
  for (;;) {
    at = nextMarker(bytes, at);
    const marker = bytes[at - 1] as number;
    if (marker === M.EOI) break;
    if (marker === 0x01 || isRestart(marker)) continue;
    const length = at + 2 <= bytes.length ? ((bytes[at] as number) << 8) | (bytes[at + 1] as number) : 0;
    if (length < 2 || at + length > bytes.length) throw new Problem('is truncated');
    const segment = bytes.subarray(at + 2, at + length);
    at += length;
    readSegment(marker, segment, picture);
    if (marker === M.SOS) at = skipCodedData(bytes, at);
  }
  demandWhole(picture);
}

/** The position behind the next marker. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1] as number;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff) return at + 2;
  }
  throw new Problem('is truncated');
}

/** The position of the marker that ends a scan. */
function skipCodedData(bytes: Uint8Array, from: number): number {
  let at = from;
  do at = nextMarker(bytes, at);
  while (isRestart(bytes[at - 1] as number));
  return at - 2;
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

function readSegment(marker: number, segment: Uint8Array, picture: Picture): void {
  if (marker === M.SOF0 || marker === M.SOF1 || marker === M.SOF2) {
    if (picture.frame !== null) throw new Problem('has two frames');
    picture.frame = readFrame(segment, marker === M.SOF2);
  } else if (marker === M.SOS) {
    readScan(segment, picture);
  } else if (marker === M.DQT) {
    if (!defineQuantizationTables(segment, picture.tables)) throw new Problem('has a broken quantization table');
  } else if (marker === M.DHT) {
    if (!defineHuffmanTables(segment, picture.tables)) throw new Problem('has a broken Huffman table');
  } else if (marker === M.DRI) {
    if (segment.length !== 2) throw new Problem('has a broken restart interval');
  } else if (!((marker >= 0xe0 && marker <= 0xef) || marker === 0xfe)) {
    throw new Problem(`is of a kind that is not supported (marker ${marker.toString(16)})`);
  }
}

function readFrame(segment: Uint8Array, progressive: boolean): Frame {
  const [precision, high, low, left, right, count = 0] = segment as unknown as number[];
  const [height, width] = [((high ?? 0) << 8) | (low ?? 0), ((left ?? 0) << 8) | (right ?? 0)];
  if (segment.length !== 6 + 3 * count) throw new Problem('has a broken frame header');
  if (precision !== 8) throw new Problem(`has ${precision} bits per sample; only 8 are supported`);
  if (count !== 1 && count !== 3) throw new Problem(`has ${count} colour components; 1 and 3 are supported`);
  if (width === 0 || height === 0) throw new Problem('is empty');
  const tooLarge = sizeProblem(width, height);
  if (tooLarge !== null) throw new Problem(tooLarge);
  const components = Array.from({ length: count }, (_, i) => {
    const [id = 0, sampling = 0, quantization = 0] = segment.subarray(6 + 3 * i);
    return { id, horizontal: sampling >> 4, vertical: sampling & 15, quantization };
  });
  if (new Set(components.map(({ id }) => id)).size < count) throw new Problem('has two components of the same name');
  for (const side of ['horizontal', 'vertical'] as const) {
    const most = Math.max(...components.map(component => component[side]));
    if (components.some(component => !(component[side] >= 1 && component[side] <= 4 && most % component[side] === 0))) {
      throw new Problem('has sampling factors that are not supported');
    }
  }
  return { progressive, components };
}

function readScan(segment: Uint8Array, picture: Picture): void {
  const { frame, tables, seen } = picture;
  if (frame === null) throw new Problem('has a scan without a frame');
  const count = segment[0] ?? 0;
  if (count < 1 || count > 4 || segment.length !== 4 + 2 * count) throw new Problem('has a broken scan header');
  // The decoder expects the end after a scan that had everything.
  if (picture.scans > 0 && !frame.progressive && seen.size === frame.components.length) {
    throw new Problem('has more scans than components');
  }
  if (++picture.scans > MOST_SCANS) throw new Problem(`has more than ${MOST_SCANS} scans`);
  const ids = new Set<number>();
  let blocks = 0;
  for (let i = 0; i < count; i++) {
    const [id = 0, selectors = 0] = segment.subarray(1 + 2 * i);
    const component = frame.components.find(candidate => candidate.id === id);
    if (component === undefined || ids.has(id)) throw new Problem('has a scan of unknown components');
    ids.add(id);
    seen.add(id);
    blocks += component.horizontal * component.vertical;
    if (!tables.quantization.has(component.quantization)) throw new Problem('lacks a quantization table');
    if (!hasHuffmanTables(segment.subarray(-3), frame, selectors, tables)) throw new Problem('lacks a Huffman table');
  }
  if (count > 1 && blocks > MOST_BLOCKS) throw new Problem('has sampling factors that are not supported');
  if (frame.progressive && !isProgression(segment.subarray(-3), count)) throw new Problem('has a broken progression');
}

function hasHuffmanTables(
  spectrum: Uint8Array,
  { progressive }: Frame,
  selectors: number,
  { dc, ac }: Tables,
): boolean {
  const [start = 0, , approximation = 0] = spectrum;
  const needsDc = !progressive || (start === 0 && approximation >> 4 === 0);
  const needsAc = !progressive || start > 0;
  return (!needsDc || dc.has(selectors >> 4)) && (!needsAc || ac.has(selectors & 15));
}

/** The rules for the part of the coefficients and of their bits that one scan brings. */
function isProgression([start = 0, end = 0, approximation = 0]: Uint8Array, count: number): boolean {
  const [high, low] = [approximation >> 4, approximation & 15];
  if (start === 0 ? end !== 0 : end < start || end > 63 || count !== 1) return false;
  return low <= 13 && (high === 0 || high === low + 1);
}

function demandWhole({ frame, seen }: Picture): void {
  if (frame === null || seen.size < frame.components.length) throw new Problem('has no picture, or only a part of it');
}
