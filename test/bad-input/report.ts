/**
 * What `scripts/mutate.mjs` asks for through the environment: only some of the tables, some cases left out, and a file
 * with a line of JSON as each case begins and ends, so that it is known which one a crash belongs to.
 */
import { appendFileSync } from 'node:fs';

const { BAD_INPUT_TABLES, BAD_INPUT_SKIP, BAD_INPUT_REPORT } = process.env;

const tables = BAD_INPUT_TABLES?.split(',');
const skipped = new Set<string>(JSON.parse(BAD_INPUT_SKIP ?? '[]') as string[]);

export const reporting = BAD_INPUT_REPORT !== undefined;

export function isWanted(table: string, name: string): boolean {
  return (tables === undefined || tables.includes(table)) && !skipped.has(`${table}: ${name}`);
}

export function report(line: object): void {
  if (BAD_INPUT_REPORT !== undefined) appendFileSync(BAD_INPUT_REPORT, `${JSON.stringify(line)}\n`);
}
