/** The table of README.md names tests: each is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const table = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

/** A file without a folder lies beside this; others are named from the root. */
const pathOf = (name: string): string => join(name.includes('/') ? ROOT : import.meta.dirname, name);

/** Every file that a row names, with the tests quoted behind it; ` …` ends a name that goes on. */
function named(): [file: string, tests: string[]][] {
  return table.split('\n').flatMap((row) => {
    const cell = row.split(' | ').slice(1).join(' | ');
    return cell
      .split(/(?=`[\w/.-]+\.test\.ts`)/)
      .map((part): [string, string[]] => [
        /^`([\w/.-]+\.test\.ts)`/.exec(part)?.[1] ?? '',
        [...part.matchAll(/"((?:[^"\\]|\\.)+)"/g)].map(([, text]) => (text as string).replaceAll('\\"', '"')),
      ])
      .filter(([file]) => file !== '');
  });
}

test('the table names tests that are there', () => {
  const missing: string[] = [];
  for (const [file, tests] of named()) {
    if (!existsSync(pathOf(file))) {
      missing.push(file);
      continue;
    }
    const source = readFileSync(pathOf(file), 'utf8');
    for (const name of tests) {
      const parts = name.split('…').map((part) => part.trim().replace(/,$/, ''));
      if (!parts.every((part) => source.includes(part))) missing.push(`${file}: ${name}`);
    }
  }
  expect(missing).toEqual([]);
  expect(named().length).toBeGreaterThan(100);
});
