/** Reads the first bytes of a library file: loading one that does not fit would be a loader error at best. */

import { type FileHandle, open } from 'node:fs/promises';

interface Header {
  readonly system: 'linux' | 'darwin' | 'win32';
  /** Names as in `process.arch`; several for a universal macOS file. */
  readonly architectures: readonly string[];
  /** Smallest size in bytes that a complete file with this header has; 0 when the header does not tell. */
  readonly minimumSize: number;
}

const ELF_MACHINES: Record<number, string> = {
  3: 'ia32',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
};
const PE_MACHINES: Record<number, string> = { 332: 'ia32', 452: 'arm', 34404: 'x64', 43620: 'arm64' };
const MACH_O_CPUS: Record<number, string> = { 7: 'ia32', 12: 'arm', 16777223: 'x64', 16777228: 'arm64' };

/**
 * Says why a file cannot be a library of this platform, or null when nothing speaks against it.
 *
 * @param platform as `process.platform`
 * @param arch as `process.arch`
 */
export async function libraryProblem(file: string, platform: string, arch: string): Promise<string | null> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const stat = await handle.stat();
    if (!stat.isFile()) return 'is not a regular file';
    const header = await readHeader(handle);
    if (header === null) return 'is not a shared library';
    if (header.system !== platform) return `is a library for ${header.system}, this process runs on ${platform}`;
    if (!header.architectures.includes(arch))
      return `is built for ${header.architectures.join(' and ')}, this process is ${arch}`;
    return stat.size < header.minimumSize ? 'is incomplete' : null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? message})`;
  } finally {
    await handle?.close();
  }
}

async function readHeader(handle: FileHandle): Promise<Header | null> {
  const bytes = await readAt(handle, 0, 512);
  if (bytes.length < 64) return null;
  const magic = bytes.readUInt32BE(0);
  if (magic === 0x7f454c46) return elf(bytes);
  if (magic === 0xcffaedfe) return machO([bytes.readUInt32LE(4)]);
  if (magic === 0xcafebabe || magic === 0xcafebabf) return universal(bytes, magic === 0xcafebabe ? 20 : 32);
  if (bytes.readUInt16BE(0) === 0x4d5a) return pe(await readAt(handle, bytes.readUInt32LE(0x3c), 6));
  return null;
}

function elf(bytes: Buffer): Header | null {
  const is64 = bytes[4] === 2;
  const isLittleEndian = bytes[5] === 1;
  const isSharedObject = bytes.readUInt16LE(16) === 3;
  if (!isLittleEndian || !isSharedObject) return null;
  // The table of sections comes last in the file, so a copy that was cut short ends before it does.
  const tableEnd = is64 ? Number(bytes.readBigUInt64LE(40)) + bytes.readUInt16LE(58) * bytes.readUInt16LE(60) : 0;
  return { system: 'linux', architectures: [named(ELF_MACHINES, bytes.readUInt16LE(18))], minimumSize: tableEnd };
}

function pe(bytes: Buffer): Header | null {
  if (bytes.length < 6 || bytes.readUInt32BE(0) !== 0x50450000) return null;
  return { system: 'win32', architectures: [named(PE_MACHINES, bytes.readUInt16LE(4))], minimumSize: 0 };
}

function universal(bytes: Buffer, entrySize: number): Header {
  const count = Math.min(bytes.readUInt32BE(4), Math.floor((bytes.length - 8) / entrySize));
  return machO(Array.from({ length: count }, (_, index) => bytes.readUInt32BE(8 + index * entrySize)));
}

function machO(cpus: number[]): Header {
  return { system: 'darwin', architectures: cpus.map(cpu => named(MACH_O_CPUS, cpu)), minimumSize: 0 };
}

function named(names: Record<number, string>, id: number): string {
  return names[id] ?? `an unknown processor (${id})`;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
