import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ediReferencePages, HAND_WRITTEN } from '../../scripts/generate-edi-reference.ts';

const folder = join(import.meta.dirname, '../../docs/reference/edi');

test('docs/reference/edi is as generated', () => {
  const pages = ediReferencePages();
  expect(readdirSync(folder).sort()).toEqual([...pages.keys(), ...Object.keys(HAND_WRITTEN)].sort());
  for (const [file, text] of pages) expect(readFileSync(join(folder, file), 'utf8'), file).toBe(text);
});
