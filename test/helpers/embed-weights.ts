/**
 * Makes one ONNX file of a model whose weights lie in a second one: protobuf is read and written by hand, as far as it
 * takes. Field numbers are those of ONNX: graph 7, initializer 5, raw_data 9, external_data 13, data_location 14.
 */
interface Field {
  readonly tag: number;
  /** With tag and length. */
  readonly whole: Uint8Array;
  readonly body: Uint8Array;
}

const BYTES = 2;

export function embedWeights(model: Uint8Array, data: Uint8Array): Uint8Array {
  return join(
    fields(model).map(field => {
      if (field.tag !== 7) return field.whole;
      return message(
        7,
        fields(field.body).map(part => (part.tag === 5 ? message(5, tensor(part.body, data)) : part.whole)),
      );
    }),
  );
}

function tensor(body: Uint8Array, data: Uint8Array): Uint8Array[] {
  const parts = fields(body);
  const external = parts.filter(({ tag }) => tag === 13);
  if (external.length === 0) return parts.map(({ whole }) => whole);
  const entries = Object.fromEntries(
    external.map(entry => fields(entry.body).map(field => Buffer.from(field.body).toString()) as [string, string]),
  );
  const offset = Number(entries['offset'] ?? 0);
  const raw = data.subarray(offset, offset + Number(entries['length']));
  return [...parts.filter(({ tag }) => tag !== 13 && tag !== 14).map(({ whole }) => whole), message(9, [raw])];
}

function fields(bytes: Uint8Array): Field[] {
  const all: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [key, afterKey] = varint(bytes, at);
    const type = key & 7;
    const [value, afterValue] = type === BYTES || type === 0 ? varint(bytes, afterKey) : [0, afterKey];
    const begin = type === BYTES ? afterValue : afterKey;
    const end = type === BYTES ? afterValue + value : type === 0 ? afterValue : afterKey + (type === 1 ? 8 : 4);
    all.push({ tag: key >>> 3, whole: bytes.subarray(at, end), body: bytes.subarray(begin, end) });
    at = end;
  }
  return all;
}

function message(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const body = join(parts);
  return join([toVarint(tag * 8 + BYTES), toVarint(body.length), body]);
}

function varint(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; ; i++) {
    const byte = bytes[at + i] as number;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return [value, at + i + 1];
  }
}

function toVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts)); // plain: a Buffer's slice() is no copy
}
