import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ACTIONS } from '../src/security/roles.ts';

it('hides buttons by action names that the hub knows', () => {
  const files = ['pages', 'parts'].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder)).map((file) => join(import.meta.dirname, folder, file)),
  );
  const asked = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/useMay\('([^']+)'\)/g)]);
  const names = asked.map((match) => match[1]);
  expect(names).toContain('destination.pause');
  expect(names.filter((name) => !(ACTIONS as readonly string[]).includes(name ?? ''))).toEqual([]);
});
