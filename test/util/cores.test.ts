import { availableParallelism } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { availableCores } from '../../src/util/cores.ts';

const test = suite('cores');

test('a whole number from 1 to what the machine has, the same each time', () => {
  const cores = availableCores();
  assert.ok(Number.isInteger(cores) && cores >= 1 && cores <= availableParallelism(), String(cores));
  assert.is(availableCores(), cores);
});

test.run();
