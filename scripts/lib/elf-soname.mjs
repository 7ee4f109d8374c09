/**
 * The SONAME of a shared library of Linux, by which the loader knows it in a process. Layout: the ELF specification,
 * 64 bits, little endian (System V ABI, chapters 4 and 5).
 */

import { readFile, writeFile } from 'node:fs/promises';
import { PlainError } from './plain-error.mjs';

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_STRTAB = 5n;
const DT_SONAME = 14n;

/**
 * Gives a library another SONAME, in its place: `name` must not be longer than the old one. The versions of its symbols
 * stay as they are.
 *
 * @param {string} file
 * @param {string} name
 */
export async function renameSoname(file, name) {
  const elf = await readFile(file);
  const at = findSoname(elf, file);
  const end = elf.indexOf(0, at);
  if (Buffer.byteLength(name) > end - at) {
    throw new PlainError(`${file}: the SONAME ${elf.toString('utf8', at, end)} has no room for ${name}`);
  }
  elf.fill(0, at, end);
  elf.write(name, at);
  await writeFile(file, elf);
}

/** Where its characters begin in the file. */
function findSoname(elf, file) {
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) {
    throw new PlainError(`${file} is no 64-bit ELF library`);
  }
  const segments = programHeaders(elf);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const entries = dynamic === undefined ? new Map() : dynamicEntries(elf, dynamic);
  const table = entries.get(DT_STRTAB);
  const offset = entries.get(DT_SONAME);
  // The table is named by its address in memory.
  const load = segments.find(
    ({ type, address, size }) => type === PT_LOAD && table >= address && table < address + size,
  );
  if (offset === undefined || load === undefined) throw new PlainError(`${file} has no SONAME`);
  return Number(table - load.address + load.offset + offset);
}

function programHeaders(elf) {
  const start = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  return Array.from({ length: elf.readUInt16LE(56) }, (_, i) => {
    const at = start + i * size;
    return {
      type: elf.readUInt32LE(at),
      offset: elf.readBigUInt64LE(at + 8),
      address: elf.readBigUInt64LE(at + 16),
      size: elf.readBigUInt64LE(at + 32),
    };
  });
}

function dynamicEntries(elf, { offset, size }) {
  const entries = new Map();
  for (let at = Number(offset); at < Number(offset + size); at += 16) {
    entries.set(elf.readBigInt64LE(at), elf.readBigUInt64LE(at + 8));
  }
  return entries;
}
