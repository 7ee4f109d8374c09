/** Which build tools a machine lacks, all at once, and how to install them there. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Per platform: how each tool is got. The first line of a platform's list that fits all is used. */
const INSTALL = {
  linux: {
    cmake: 'sudo apt-get install cmake',
    compiler: 'sudo apt-get install g++',
    make: 'sudo apt-get install make',
    python: 'sudo apt-get install python3 python3-pip',
    note: 'The commands are those of Debian and Ubuntu; other distributions have packages of similar names.',
  },
  darwin: {
    cmake: 'brew install cmake',
    compiler: 'xcode-select --install',
    make: 'xcode-select --install',
    python: 'brew install python',
    note: 'brew is Homebrew; the installers of cmake and Python for macOS do as well.',
  },
  win32: {
    cmake: 'winget install Kitware.CMake',
    compiler: 'winget install Microsoft.VisualStudio.2022.BuildTools, with the workload "Desktop development with C++"',
    make: '',
    python: 'winget install Python.Python.3.12',
    note: 'Open a new terminal afterwards, so that the PATH is read again.',
  },
};

const NAMES = { cmake: 'cmake', compiler: 'a C++ compiler', make: 'make or ninja', python: 'Python 3 with pip' };

/** True when a program of one of these names is on the PATH. */
function onPath(...names) {
  const suffixes = process.platform === 'win32' ? (process.env['PATHEXT'] ?? '.EXE;.CMD').split(';') : [''];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.some(folder => names.some(name => suffixes.some(suffix => existsSync(join(folder, name + suffix)))));
}

/** What building the addon lacks here. @returns {{ tool: string, problem: string }[]} */
export function missingBuildTools() {
  const missing = [];
  if (!onPath('cmake')) missing.push({ tool: 'cmake', problem: 'cmake is not on the PATH' });
  if (!hasCompiler()) missing.push({ tool: 'compiler', problem: 'no C++ compiler was found' });
  if (process.platform !== 'win32' && !onPath('ninja', 'make'))
    missing.push({ tool: 'make', problem: 'neither ninja nor make is on the PATH' });
  return missing;
}

function hasCompiler() {
  if (process.env['CXX']) return true;
  if (process.platform !== 'win32') return onPath('c++', 'g++', 'clang++');
  // Visual Studio keeps its compiler off the PATH; this file is there exactly when an installer of it has run.
  const programs = process.env['ProgramFiles(x86)'] ?? 'C:\\Program Files (x86)';
  return onPath('cl') || existsSync(join(programs, 'Microsoft Visual Studio', 'Installer', 'vswhere.exe'));
}

/** One message for all that is missing. */
export function describeMissing(missing) {
  const install = INSTALL[process.platform] ?? INSTALL.linux;
  const lines = missing.map(({ tool, problem }) => `  ${NAMES[tool]}: ${problem}.\n      install: ${install[tool]}`);
  return `this machine lacks what the set-up needs:\n${lines.join('\n')}\n  ${install.note}`;
}
