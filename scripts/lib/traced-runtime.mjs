/**
 * The runtime libraries with a record of which C functions are called: a library of our own stands before
 * onnxruntime-genai. Each of its functions marks one byte of a file and jumps to the real one, so arguments, results and
 * exceptions pass untouched. Linux on x64 and arm64.
 */

import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { exportedFunctions } from './c-api.mjs';
import { run } from './run.mjs';

const GENAI = 'libonnxruntime-genai.so';

const JUMPS = {
  x64: (name, i) => `${name}:
  movq genai_marks(%rip), %r11
  movb $1, ${i}(%r11)
  movq genai_functions+${8 * i}(%rip), %r11
  jmp *%r11`,
  arm64: (name, i) => `${name}:
  mov w17, #1
  adrp x16, genai_marks
  ldr x16, [x16, #:lo12:genai_marks]
  strb w17, [x16, #${i}]
  adrp x16, genai_functions+${8 * i}
  ldr x16, [x16, #:lo12:genai_functions+${8 * i}]
  br x16`,
};

/** True where calls can be recorded. */
export function canTrace() {
  return process.platform === 'linux' && Object.hasOwn(JUMPS, process.arch);
}

/**
 * Makes the folder anew.
 *
 * @param {string} runtime folder with the real libraries
 * @param {string} folder where the others go; it must not exist
 * @returns {Promise<{ env: Record<string, string>, called: () => Set<string> }>} what a process needs in its environment,
 *   and the functions that such processes have called so far
 */
export async function traceRuntime(runtime, folder) {
  const home = join(folder, 'runtime');
  mkdirSync(home, { recursive: true });
  for (const name of readdirSync(runtime)) if (name !== GENAI) symlinkSync(join(runtime, name), join(home, name));
  const names = [...exportedFunctions(join(runtime, GENAI))].sort();
  const marks = join(folder, 'calls');
  const file = openSync(marks, 'w');
  ftruncateSync(file, names.length);
  closeSync(file);
  const source = join(folder, 'trace.c');
  writeFileSync(source, program(names, join(runtime, GENAI), marks));
  await run('cc', ['-O1', '-fPIC', '-shared', `-Wl,-soname,${GENAI}`, '-o', join(home, GENAI), source, '-ldl']);
  return {
    env: { ORT_GENAI_HOME: home },
    called: () => {
      const bytes = readFileSync(marks);
      return new Set(names.filter((_, i) => bytes[i] === 1));
    },
  };
}

function program(names, library, marks) {
  const jumps = names.map(
    (name, i) => `.globl ${name}\n.type ${name}, %function\n${JUMPS[process.arch](name, i)}\n.size ${name}, .-${name}`,
  );
  return `#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

__attribute__((visibility("hidden"))) unsigned char* genai_marks;
__attribute__((visibility("hidden"))) void* genai_functions[${names.length}];
// A library of some size, for tests that cut one short.
__attribute__((used)) static const char padding[1 << 18] = {1};
// What src/core/guidance-build.ts looks for.
__attribute__((used)) static const char built_with[] = "${readFileSync(library).includes('llguidance') ? 'llguidance' : ''}";
static const char* const names[] = {${names.map(name => JSON.stringify(name)).join(', ')}};

__attribute__((constructor)) static void Begin(void) {
  void* library = dlopen(${JSON.stringify(library)}, RTLD_NOW | RTLD_LOCAL);
  int file = open(${JSON.stringify(marks)}, O_RDWR | O_CLOEXEC);
  genai_marks = mmap(0, ${names.length}, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (library == NULL || genai_marks == MAP_FAILED) {
    fprintf(stderr, "cannot trace: %s\\n", library == NULL ? dlerror() : "no file for the marks");
    abort();
  }
  for (int i = 0; i < ${names.length}; ++i) genai_functions[i] = dlsym(library, names[i]);
}

__asm__(".text\\n" ${JSON.stringify(jumps.join('\n'))});
`;
}
