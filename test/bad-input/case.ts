/** Rows of the bad-input tables: what is done wrong, and what must come of it. */
import { capabilities, type ErrorCode, type Feature, type Generator, type Model } from '../../src/index.ts';
import type { Phi3Model } from '../../src/phi3/index.ts';
import { expectError } from '../helpers/expect-reject.ts';

/** What a case always has. */
export interface Place {
  /** An empty folder of this case. */
  readonly folder: string;
}

/** What most cases are done to. */
export interface World extends Place {
  /** The demo model, shared by all cases. Whatever a case does, it answers afterwards as before. */
  readonly model: Model;
  /** Loaded, shared by all cases. */
  readonly phi3: Phi3Model;
  /** New for each case. It holds `HELD` and nothing else, and so it does afterwards. */
  readonly generator: Generator;
}

/** What the generator of a case holds. */
export const HELD: readonly number[] = [450, 7483, 310];

type Act<Has> = (world: Has) => unknown;

/** Fails with this code, and the message holds the text. */
interface Refused<Has> {
  readonly code: ErrorCode;
  readonly text: string;
  readonly act: Act<Has>;
  /** Without it the call itself is refused. */
  readonly needs?: Feature;
}

/** Is harmless, or fails in a way that `check` itself looks at. */
interface Checked<Has> {
  readonly check: Act<Has>;
}

export type BadCase<Has = World> = Refused<Has> | Checked<Has>;

/** Cases by name; a name is never used twice in a table. */
export type Table<Has = World> = Readonly<Record<string, BadCase<Has>>>;

export function refused<Has = World>(code: ErrorCode, text: string, act: Act<Has>): Refused<Has> {
  return { code, text, act };
}

/** The most frequent code. */
export function invalid<Has = World>(text: string, act: Act<Has>): Refused<Has> {
  return refused('ERR_GENAI_INVALID_ARGUMENT', text, act);
}

export function checked<Has = World>(check: Act<Has>): BadCase<Has> {
  return { check };
}

/** Calls of what not every version has: one without it refuses them as such, whatever else is wrong with them. */
export function since<Has = World>(needs: Feature, cases: Readonly<Record<string, Refused<Has>>>): Table<Has> {
  return Object.fromEntries(Object.entries(cases).map(([name, badCase]) => [name, { ...badCase, needs }]));
}

/** Does it, and fails when something else comes of it than the case says. */
export async function outcome<Has>(badCase: BadCase<Has>, world: Has): Promise<void> {
  if ('check' in badCase) return void (await badCase.check(world));
  const { code, text, act, needs } = badCase;
  const has = needs === undefined || (await capabilities()).features[needs];
  await expectError(async () => act(world), has ? code : 'ERR_GENAI_UNSUPPORTED_BY_LIBRARY', has ? text : '');
}

/** One table of several parts. */
export function table<Has = World>(...parts: readonly Table<Has>[]): Table<Has> {
  const names = parts.flatMap(part => Object.keys(part));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two cases are named "${twice}"`);
  return Object.assign({}, ...parts) as Table<Has>;
}

/** A table with one case per item. */
export function each<Item, Has = World>(
  items: readonly Item[],
  entry: (item: Item) => readonly [name: string, BadCase<Has>],
): Table<Has> {
  return table(...items.map(item => Object.fromEntries([entry(item)])));
}

export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
