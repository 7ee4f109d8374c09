/** What is refused before the library sees it. That it takes the rest is shown in images.test.ts, in a process of its own. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkImage } from '../../src/core/image-file.ts';
import { picture } from '../helpers/fixture-models.ts';

const baseline = readFileSync(picture('full-colour.jpg'));
const progressive = readFileSync(picture('progressive.jpg'));

/** Where a segment begins (at its 0xff), counted from the first. */
function find(file: Buffer, marker: number, nth = 0): number {
  let at = -1;
  for (let i = 0; i <= nth; i++) at = file.indexOf(Buffer.of(0xff, marker), at + 1);
  assert.ok(at > 0, `no marker ${marker.toString(16)}`);
  return at;
}

function segmentOf(file: Buffer, marker: number, nth = 0): Buffer {
  const at = find(file, marker, nth);
  return file.subarray(at, at + 2 + file.readUInt16BE(at + 2));
}

function without(file: Buffer, marker: number): Buffer {
  let rest = file;
  for (let at = rest.indexOf(Buffer.of(0xff, marker)); at >= 0; at = rest.indexOf(Buffer.of(0xff, marker))) {
    rest = Buffer.concat([rest.subarray(0, at), rest.subarray(at + 2 + rest.readUInt16BE(at + 2))]);
  }
  return rest;
}

/** `file` with the byte `offset` behind a marker changed. */
function changed(file: Buffer, marker: number, offset: number, value: number): Buffer {
  const copy = Buffer.from(file);
  copy[find(file, marker) + 2 + offset] = value;
  return copy;
}

function inserted(file: Buffer, marker: number, added: Buffer): Buffer {
  const at = find(file, marker);
  return Buffer.concat([file.subarray(0, at), added, file.subarray(at)]);
}

const [SOF0, SOF2, DHT, EOI, SOS, DQT] = [0xc0, 0xc2, 0xc4, 0xd9, 0xda, 0xdb];

for (const name of ['picture.jpg', 'full-colour.jpg', 'progressive.jpg', 'grey.jpg', 'restarts.jpg', 'small.png']) {
  test(`${name} is fine`, () => assert.is(checkImage(readFileSync(picture(name))), null));
}

test('what follows the end of a picture does not matter', () => {
  assert.is(checkImage(Buffer.concat([baseline, Buffer.from('more')])), null);
});

test('a JPEG that is cut off anywhere is refused', () => {
  for (const file of [baseline, progressive, readFileSync(picture('restarts.jpg'))]) {
    for (let length = 2; length < file.length; length++) {
      assert.ok(checkImage(file.subarray(0, length)) !== null, `${length} bytes`);
    }
  }
});

const BROKEN: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  'no picture at all': [Buffer.from('GIF89a and more'), /neither PNG nor JPEG/],
  'a WebP': [readFileSync(picture('other.webp')), /neither PNG nor JPEG/],
  'four colours': [readFileSync(picture('four-colours.jpg')), /4 colour components/],
  'arithmetic coding': [changed(baseline, SOF0, -1, 0xc9), /marker c9/],
  'a lossless one': [changed(baseline, SOF0, -1, 0xc3), /marker c3/],
  'a marker that means nothing': [inserted(baseline, SOF0, Buffer.of(0xff, 0x02, 0, 2)), /marker 2/],
  '12 bits': [changed(baseline, SOF0, 2, 12), /12 bits per sample/],
  'no height': [changed(changed(baseline, SOF0, 3, 0), SOF0, 4, 0), /is empty/],
  'no width': [changed(changed(baseline, SOF0, 5, 0), SOF0, 6, 0), /is empty/],
  'far too large': [changed(changed(baseline, SOF0, 3, 0xff), SOF0, 5, 0xff), /is too large/],
  'a frame header of the wrong length': [changed(baseline, SOF0, 7, 1), /broken frame header/],
  'no sampling factor': [changed(baseline, SOF0, 9, 0x00), /sampling factors/],
  'a sampling factor of 5': [changed(baseline, SOF0, 9, 0x51), /sampling factors/],
  'fractional sampling': [changed(changed(baseline, SOF0, 9, 0x31), SOF0, 12, 0x21), /sampling factors/],
  'too many blocks': [changed(changed(baseline, SOF0, 9, 0x44), SOF0, 12, 0x44), /sampling factors/],
  'components of one name': [changed(baseline, SOF0, 8, 2), /two components of the same name/],
  'a scan of a component that is not there': [changed(baseline, SOS, 3, 9), /unknown components/],
  'a scan of one component twice': [changed(baseline, SOS, 5, 1), /unknown components/],
  'a scan header of the wrong length': [changed(baseline, SOS, 2, 2), /broken scan header/],
  'a quantization table that is not there': [changed(baseline, SOF0, 10, 3), /lacks a quantization table/],
  'no quantization tables': [without(baseline, DQT), /lacks a quantization table/],
  'a quantization table of a number too high': [changed(baseline, DQT, 2, 4), /broken quantization table/],
  'a quantization table that is cut off': [changed(baseline, DQT, 2, 0x10), /broken quantization table/],
  'no Huffman tables': [without(baseline, DHT), /lacks a Huffman table/],
  'a Huffman table that is not there': [changed(baseline, SOS, 4, 0x22), /lacks a Huffman table/],
  'a Huffman table of a number too high': [changed(baseline, DHT, 2, 4), /broken Huffman table/],
  'a Huffman table with too many codes of a length': [changed(baseline, DHT, 3, 3), /broken Huffman table/],
  'a Huffman table with a value too high': [changed(baseline, DHT, 19, 16), /broken Huffman table/],
  'a Huffman table that is cut off': [changed(baseline, DHT, 18, 250), /broken Huffman table/],
  'two frames': [inserted(baseline, DHT, segmentOf(baseline, SOF0)), /two frames/],
  'no frame': [without(baseline, SOF0), /scan without a frame/],
  'a second beginning': [inserted(baseline, SOF0, Buffer.of(0xff, 0xd8, 0, 2)), /marker d8/],
  'no scan': [Buffer.concat([baseline.subarray(0, find(baseline, SOS)), Buffer.of(0xff, EOI)]), /no picture/],
  'a scan too many': [inserted(baseline, EOI, segmentOf(baseline, SOS)), /more scans than components/],
  'only a part of the components': [
    Buffer.concat([
      baseline.subarray(0, find(baseline, SOS)),
      Buffer.of(0xff, SOS, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3, 0xff, EOI),
    ]),
    /only a part of it/,
  ],
  'a segment of length 1': [changed(changed(baseline, DQT, 0, 0), DQT, 1, 1), /is truncated/],
  'a segment that is longer than the file': [changed(baseline, DQT, 0, 0xff), /is truncated/],
  'a restart interval of 3 bytes': [inserted(baseline, SOF0, Buffer.of(0xff, 0xdd, 0, 5, 0, 0, 1)), /restart interval/],
  'a progression out of order': [changed(progressive, SOS, 10, 5), /broken progression/],
  'a progression of bits that are not there': [changed(progressive, SOS, 11, 0x0e), /broken progression/],
  'two hundred scans': [
    inserted(progressive, EOI, Buffer.concat(Array(200).fill(segmentOf(progressive, SOS)))),
    /more than 100 scans/,
  ],
  'a progressive frame that says it is not': [changed(progressive, SOF2, -1, SOF0), /lacks a Huffman|more scans/],
};

for (const [name, [file, problem]] of Object.entries(BROKEN)) {
  test(`refused: ${name}`, () => assert.match(checkImage(file) ?? 'it was taken', problem));
}

test.run();
