/** A schema as plain data: a copy that JSON holds without loss, so that what is screened is what the library gets. */
import { GenAIError } from '../errors.ts';
import { checkText } from '../util/text.ts';

/** What JSON can hold. */
export type PlainData = null | boolean | number | string | readonly PlainData[] | PlainObject;

export interface PlainObject {
  readonly [key: string]: PlainData;
}

/** No limit of the caller goes beyond what the stack holds. */
const DEEPEST = 1_000;

/**
 * Copies plain data; properties that are undefined are left out, as in JSON.
 *
 * @param tooDeep called where it is deeper than `depth`, or than any stack holds; throws
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` with the path of what JSON cannot hold: a circle, a function, a class
 */
export function plainData(
  name: string,
  value: unknown,
  depth: number,
  tooDeep: (actual: number, path: string) => void,
): PlainData {
  const above: object[] = [];
  const copy = (item: unknown, path: string): PlainData => {
    if (item === null || typeof item === 'boolean') return item;
    if (typeof item === 'string') {
      checkSurrogates(path, item);
      return item;
    }
    if (typeof item === 'number') return Number.isFinite(item) ? item : refuse(path, `is ${item}`);
    if (typeof item !== 'object') return refuse(path, item === undefined ? 'is undefined' : `is a ${typeof item}`);
    if (above.includes(item)) return refuse(path, 'contains itself');
    above.push(item);
    if (above.length > Math.min(depth, DEEPEST)) {
      tooDeep(above.length, path);
      if (above.length > DEEPEST) refuse(path, `is deeper than ${DEEPEST}`);
    }
    const copied = Array.isArray(item)
      ? Array.from(item, (element: unknown, index) => copy(element, `${path}/${index}`))
      : copyObject(item, path);
    above.pop();
    return copied;
  };
  const copyObject = (item: object, path: string): PlainObject => {
    const prototype: unknown = Object.getPrototypeOf(item);
    if (prototype !== null && Object.getPrototypeOf(prototype as object) !== null) {
      return refuse(path, `is a ${item.constructor?.name ?? 'class instance'}`);
    }
    const copied: Record<string, PlainData> = Object.create(null) as Record<string, PlainData>;
    for (const [key, property] of Object.entries(item)) {
      if (property === undefined) continue;
      checkSurrogates(path, key);
      copied[key] = copy(property, `${path}/${pointerPart(key)}`);
    }
    return copied;
  };
  return copy(value, name);
}

/** A key in a JSON pointer. */
export function pointerPart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A path for a message: what is deep has a long one. */
export function shortPath(path: string): string {
  return path.length <= 120 ? path : `${path.slice(0, 40)}...${path.slice(-70)}`;
}

/** NUL is fine: JSON writes it as an escape. */
function checkSurrogates(path: string, text: string): void {
  checkText(path, text.replaceAll('\0', ' '));
}

function refuse(path: string, what: string): never {
  throw new GenAIError(
    'ERR_GENAI_INVALID_ARGUMENT',
    `A schema must be plain data that JSON can hold, but ${shortPath(path)} ${what}.`,
    {
      details: { argument: path },
    },
  );
}
