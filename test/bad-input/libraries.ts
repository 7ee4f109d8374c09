/** Shared libraries that are not what they seem (Linux). Whoever runs the tests has built the addon with a compiler. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findRuntime, type RuntimeLocation } from '../../src/binding/runtime-paths.ts';

export const GENAI = 'libonnxruntime-genai.so';
export const ORT = 'libonnxruntime.so.1.99.0';

/** A library that exports nothing. */
export const EMPTY = '';

/** It cannot be opened: what it calls is nowhere. */
export const UNRESOLVED = 'extern "C" void nobody_has_this(); extern "C" void use() { nobody_has_this(); }';

/** An ONNX Runtime of a good version that has no API table for us. */
export const NO_API = `
  struct Base { const void* const* (*get_api)(unsigned); const char* (*get_version)(); };
  static const void* const* GetApi(unsigned) { return nullptr; }
  static const char* GetVersionString() { return "1.99.0"; }
  static const Base base = {GetApi, GetVersionString};
  extern "C" const Base* OrtGetApiBase() { return &base; }
`;

/** Does what the true ONNX Runtime does, but says that it is of another version. */
export async function onnxruntimeOf(version: string, file: string): Promise<void> {
  const { onnxruntimeLibrary } = await trueRuntime();
  const source = `
    #include <dlfcn.h>
    struct Base { const void* const* (*get_api)(unsigned); const char* (*get_version)(); };
    static const void* const* GetApi(unsigned version) {
      void* library = dlopen(${JSON.stringify(onnxruntimeLibrary)}, RTLD_NOW | RTLD_LOCAL);
      auto base = reinterpret_cast<const Base* (*)()>(dlsym(library, "OrtGetApiBase"));
      return base()->get_api(version);
    }
    static const char* GetVersionString() { return "${version}"; }
    static const Base base = {GetApi, GetVersionString};
    extern "C" const Base* OrtGetApiBase() { return &base; }
  `;
  compile(file, source);
}

/** Compiles C++ into the library `file`. */
export function compile(file: string, source: string, options: readonly string[] = []): void {
  mkdirSync(dirname(file), { recursive: true });
  const compilers = [process.env['CXX'], 'c++', 'g++', 'clang++'].filter(name => name !== undefined && name !== '');
  for (const compiler of compilers) {
    try {
      execFileSync(compiler as string, ['-shared', '-fPIC', '-x', 'c++', '-', '-o', file, '-x', 'none', ...options], {
        input: source,
      });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`no C++ compiler: none of ${compilers.join(', ')} is there (set CXX)`);
}

/** Says of a library that it is for another processor. */
export function patchMachine(file: string): void {
  const bytes = readFileSync(file);
  const X64 = 62;
  const ARM64 = 183;
  bytes.writeUInt16LE(process.arch === 'x64' ? ARM64 : X64, 18);
  writeFileSync(file, bytes);
}

async function trueRuntime(): Promise<RuntimeLocation> {
  const { found } = await findRuntime();
  if (found === null) throw new Error('the tests need the runtime libraries: npm run runtime');
  return found;
}

/** The true library, or its first bytes. */
export async function real(which: 'genai' | 'onnxruntime', file: string, bytes?: number): Promise<void> {
  const found = await trueRuntime();
  const library = which === 'genai' ? found.genaiLibrary : found.onnxruntimeLibrary;
  mkdirSync(dirname(file), { recursive: true });
  if (bytes === undefined) return symlinkSync(library, file);
  const head = Buffer.alloc(bytes);
  const handle = openSync(library, 'r');
  readSync(handle, head);
  closeSync(handle);
  writeFileSync(file, head);
}

/** A folder with both libraries, each made by its function. */
export async function pair(
  folder: string,
  genai: (file: string) => unknown,
  onnxruntime: (file: string) => unknown,
): Promise<string> {
  await genai(join(folder, GENAI));
  await onnxruntime(join(folder, ORT));
  return folder;
}
