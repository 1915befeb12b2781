/**
 * Shares what there is: who wants less than an equal part gets what he wants, the others share the rest. What does not
 * come out even goes around by `turn`, so that with less than one for each everybody has it for a while.
 * @returns a part for each of `wanted`; together at most `limit`
 */
export function fairParts(wanted: readonly number[], limit: number, turn: number): number[] {
  let sum = 0;
  for (const one of wanted) sum += one;
  // The usual case: there is enough.
  if (sum <= limit) return [...wanted];
  const parts = wanted.map(() => 0);
  const count = wanted.length;
  const partOf = (index: number): number => parts[index] ?? 0;
  const wantedOf = (index: number): number => wanted[index] ?? 0;
  for (let left = limit; left > 0; ) {
    const short: number[] = [];
    for (let step = 0; step < count; step++) {
      const index = (turn + step) % count;
      if (partOf(index) < wantedOf(index)) short.push(index);
    }
    if (short.length === 0) break;
    const each = Math.max(1, Math.floor(left / short.length));
    for (const index of short) {
      const more = Math.min(each, wantedOf(index) - partOf(index), left);
      parts[index] = partOf(index) + more;
      left -= more;
    }
  }
  return parts;
}
