/** Every C function of the library is bound or excused: our list, our C++, our classes and the library say the same. */
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import * as api from '../../src/index.ts';
import { ROOT } from '../helpers/demo-model.ts';
import { suite } from '../helpers/suite.ts';

interface CFunction {
  readonly name: string;
  readonly since: string;
  readonly until: string;
}
interface Lists {
  listedFunctions(): CFunction[];
  usedFunctions(): Set<string>;
  exportedFunctions(library: string): Set<string>;
  isIn(listed: CFunction, version: string): boolean;
}
type Table = Readonly<Record<string, string>>;

const lists = (await import(join(ROOT, 'scripts/lib/c-api.mjs'))) as Lists;
const { METHODS, INTERNAL, EXCUSED, NOT_EXECUTED } = (await import(join(ROOT, 'scripts/lib/c-api-methods.mjs'))) as {
  METHODS: Table;
  INTERNAL: Table;
  EXCUSED: Table;
  NOT_EXECUTED: Table;
};

const test = suite('accounting of the C API');
const onLinux = process.platform === 'linux' ? test : () => {};

const listed = lists.listedFunctions();
const names = listed.map(({ name }) => name);

test('every function stands in one table, and no table knows another one', () => {
  const told = [METHODS, INTERNAL, EXCUSED].flatMap(table => Object.keys(table));
  assert.equal([...told].sort(), [...names].sort());
  for (const name of Object.keys(NOT_EXECUTED))
    assert.ok(Object.hasOwn(METHODS, name) || Object.hasOwn(INTERNAL, name));
});

test('what is bound is called in our C++, and what is excused is not', () => {
  const used = lists.usedFunctions();
  const bound = names.filter(name => !Object.hasOwn(EXCUSED, name));
  assert.equal(
    bound.filter(name => !used.has(name)),
    [],
    'bound, but not in native/',
  );
  assert.equal(
    Object.keys(EXCUSED).filter(name => used.has(name)),
    [],
    'excused, but in native/',
  );
});

test('every method that is named exists', () => {
  const exported = api as unknown as Readonly<Record<string, { prototype?: object } | undefined>>;
  for (const [name, told] of Object.entries(METHODS)) {
    const [path = ''] = told.split(' ');
    const [owner = '', member] = path.split('.');
    const found = exported[owner];
    assert.ok(found !== undefined, `${name}: ${owner} is not exported`);
    if (member === undefined) continue;
    // Fields of an object stand in the source of its class only.
    const known =
      member in found || member in (found.prototype ?? {}) || new RegExp(`\\b${member};`).test(String(found));
    assert.ok(known, `${name}: there is no ${path}`);
  }
});

for (const [version, folder] of [
  ['0.18.0', ''],
  ['0.14.1', '-0.14.1'],
] as const) {
  onLinux(`the library of ${version} exports what the list says, and nothing else`, async () => {
    const { fetchRuntime } = (await import(join(ROOT, 'scripts/fetch-runtime.mjs'))) as {
      fetchRuntime(options: object): Promise<boolean>;
    };
    await fetchRuntime(folder === '' ? {} : { genai: version });
    const home = join(ROOT, '.runtime', `${process.platform}-${process.arch}-cpu${folder}`);
    const exported = lists.exportedFunctions(join(home, 'libonnxruntime-genai.so'));
    const expected = listed.filter(each => lists.isIn(each, version)).map(({ name }) => name);
    assert.equal([...exported].sort(), expected.sort());
  });
}

test.run();
