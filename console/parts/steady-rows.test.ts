import { expect, it } from 'vitest';
import { steadyRows } from './steady-rows.ts';

const rows = (...ids: string[]) => ids.map((id) => ({ id, version: 1 }));
const keyOf = (row: { id: string }) => row.id;
const idsOf = (list: { id: string }[]) => list.map(keyOf).join('');

it('keeps newcomers waiting and says how many', () => {
  const { shown, waiting } = steadyRows(rows('a', 'b', 'c'), rows('y', 'z', 'a', 'b', 'c'), keyOf);
  expect([idsOf(shown), waiting]).toEqual(['abc', 2]);
});

it('shows what changed in its place, and what left until it is let go', () => {
  const { shown, waiting } = steadyRows(rows('a', 'b', 'c'), [{ id: 'c', version: 2 }], keyOf);
  expect([idsOf(shown), waiting]).toEqual(['abc', 0]);
  expect(shown[2]?.version).toBe(2);
});

it('adds further pages below', () => {
  const { shown, waiting } = steadyRows(rows('a', 'b'), rows('x', 'a', 'b', 'c', 'd'), keyOf);
  expect([idsOf(shown), waiting]).toEqual(['abcd', 1]);
});

it('offers a list of nothing but newcomers instead of mixing it in', () => {
  const { shown, waiting } = steadyRows(rows('a'), rows('x', 'y'), keyOf);
  expect([idsOf(shown), waiting]).toEqual(['a', 2]);
});
