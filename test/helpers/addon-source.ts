import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ROOT } from './demo-model.ts';

/** The text of the files that declare what the addon exports. */
export const ADDON_SOURCE: string = ['addon-types', 'addon-engine-types', 'addon-media-types']
  .map(name => readFileSync(join(ROOT, `src/binding/${name}.ts`), 'utf8'))
  .join('\n');

function bodyOf(name: string): string {
  const body = new RegExp(`export interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(ADDON_SOURCE)?.[1];
  assert.ok(body !== undefined, `${name} is not declared`);
  return body;
}

/** The methods that an interface declares, in order. */
export function declaredMethods(name: string): string[] {
  return [...bodyOf(name).matchAll(/^ {2}(\w+)\(/gm)].map(match => match[1] as string).sort();
}

/** The fields that an interface declares, in order. */
export function declaredFields(name: string): string[] {
  return [...bodyOf(name).matchAll(/readonly (\w+):/g)].map(match => match[1] as string).sort();
}
