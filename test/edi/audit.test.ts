/** The table of README.md names tests: each is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const table = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

/** `flows/x` is a room's file, `x` one beside this; undefined for what is no test file. */
function fileOf(name: string): string | undefined {
  return ['test/edi', 'src', '.'].map((folder) => join(ROOT, folder, `${name}.test.ts`)).find(existsSync);
}

/** Every file that a row names, with the tests quoted behind it; ` …` ends a name that goes on. */
function named(): [file: string, tests: string[]][] {
  return table.split('\n').flatMap((row) => {
    const cell = row.split(' | ').slice(1).join(' | ');
    return cell
      .split(/(?=`[\w/-]+`)/)
      .map((part): [string, string[]] => [
        /^`([\w/-]+)`/.exec(part)?.[1] ?? '',
        [...part.matchAll(/"((?:[^"\\]|\\.)+)"/g)].map(([, text]) => (text as string).replaceAll('\\"', '"')),
      ])
      .filter(([file]) => fileOf(file) !== undefined);
  });
}

test('the table names tests that are there', () => {
  const missing: string[] = [];
  for (const [file, tests] of named()) {
    const source = readFileSync(fileOf(file) as string, 'utf8');
    for (const name of tests) {
      const parts = name.split('…').map((part) => part.trim().replace(/,$/, ''));
      if (!parts.every((part) => source.includes(part))) missing.push(`${file}: ${name}`);
    }
  }
  expect(missing).toEqual([]);
  expect(named().length).toBeGreaterThan(100);
});
