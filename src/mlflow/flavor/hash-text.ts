import { createHash } from 'node:crypto';

/** Size in UTF-8 and SHA-256 of a text. */
export function hashText(text: string): { size: number; sha256: string } {
  return { size: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}
