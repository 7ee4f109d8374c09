#!/usr/bin/env node
// What prebuildify calls in place of node-gyp (`--node-gyp` with the path of this file). It passes node-gyp's flags,
// of which cmake-js reads `--target=<node version>` as a CMake target and fails: only the architecture is handed on.
const { spawnSync } = require('node:child_process');

const arch = process.argv.find(argument => argument.startsWith('--arch='));
const cmakeJs = require.resolve('cmake-js/bin/cmake-js');
const { status } = spawnSync(process.execPath, [cmakeJs, 'rebuild', ...(arch ? [arch] : [])], { stdio: 'inherit' });
process.exitCode = status ?? 1;
