/**
 * Rows for somebody who is working in a list. Rows that are there are shown anew in their places, even when they no
 * longer belong; newcomers wait, so that nothing slips away under the pointer; rows of further pages are added below.
 * @returns what to show, and how many newcomers wait
 */
export function steadyRows<Row>(
  frozen: readonly Row[],
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): { shown: Row[]; waiting: number } {
  const fresh = new Map(rows.map((row) => [keyOf(row), row]));
  const known = new Set(frozen.map(keyOf));
  const lastKnown = rows.findLastIndex((row) => known.has(keyOf(row)));
  const upToThere = rows.slice(0, lastKnown + 1);
  const below = lastKnown < 0 ? [] : rows.slice(lastKnown + 1);
  const newcomers = lastKnown < 0 ? rows : upToThere;
  return {
    shown: [...frozen.map((row) => fresh.get(keyOf(row)) ?? row), ...below],
    waiting: newcomers.filter((row) => !known.has(keyOf(row))).length,
  };
}
