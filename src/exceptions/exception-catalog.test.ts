import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exceptionCatalog } from './exception-catalog.ts';

it('is what docs/reference/exceptions.md says (node scripts/generate-reference.mjs)', () => {
  const text = readFileSync(new URL('../../docs/reference/exceptions.md', import.meta.url), 'utf8');
  const sections = [...text.matchAll(/^## ([A-Z_]+)\n\n\*\*(.+?)\*\*: (.+)\n\n- Fix: (.+)\n- Actions: (.+)$/gm)].map(
    ([, code, title, explanation, suggestedFix, actions]) => [
      code,
      { title, explanation, suggestedFix, actions: actions?.split(' · ').length },
    ],
  );
  const declared = Object.entries(exceptionCatalog).map(
    ([code, { title, explanation, suggestedFix, allowedActions }]) => [
      code,
      { title, explanation, suggestedFix, actions: allowedActions.length },
    ],
  );
  expect(Object.fromEntries(sections)).toEqual(Object.fromEntries(declared));
});
