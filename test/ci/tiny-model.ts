/** The smallest ONNX model: y = x + x, three floats. Written as protobuf by hand, as no file has to be kept for it. */

/** A field that holds bytes: a text or a message of fields. All are shorter than 128 bytes. */
function field(tag: number, ...parts: (string | number[])[]): number[] {
  const body = parts.flatMap(part => (typeof part === 'string' ? [...Buffer.from(part)] : part));
  return [tag * 8 + 2, body.length, ...body];
}

function number(tag: number, value: number): number[] {
  return [tag * 8, value];
}

/** ValueInfoProto: name, and type with element type float and shape [3]. */
function floats(tag: number, name: string): number[] {
  const shape = field(2, field(1, number(1, 3)));
  return field(tag, field(1, name), field(2, field(1, number(1, 1), shape)));
}

const node = field(1, field(1, 'x'), field(1, 'x'), field(2, 'y'), field(4, 'Add'));
const graph = field(7, node, field(2, 'twice'), floats(11, 'x'), floats(12, 'y'));

/** ModelProto: IR version 8, the graph, operator set 13. */
export const TINY_MODEL: Uint8Array = Uint8Array.from([...number(1, 8), ...graph, ...field(8, number(2, 13))]);
