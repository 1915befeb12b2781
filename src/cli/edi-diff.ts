/** `crossdock edi diff`: which segments two files do not have in common, envelopes included. */
import { interchangeSegments, readSync } from '../edi/index.ts';
import { EXIT_ACCEPTED, EXIT_ISSUES, EXIT_UNREADABLE, readWhole, reason } from './edi-files.ts';
import type { Io } from './edi-output.ts';

/** Differences that are searched for the fewest; beyond, everything between is told as replaced. The search's memory is its square. */
const DIFFERENCES_MAX = 2_000;

/** Lines for comparing: one segment each, offsets left out. */
async function segmentLines(file: string): Promise<string[]> {
  const bytes = await readWhole(file);
  const lines: string[] = [];
  for (const event of readSync(bytes, { keepDocuments: false })) {
    if (event.kind !== 'interchange-end') continue;
    for (const { id, elements } of interchangeSegments(bytes, event.interchange))
      lines.push(JSON.stringify([id, ...elements]));
  }
  if (lines.length === 0) throw new Error(`${file}: No X12 or EDIFACT interchange was found`);
  return lines;
}

export async function diffCommand(left: string, right: string, io: Io): Promise<void> {
  try {
    const [a, b] = await Promise.all([segmentLines(left), segmentLines(right)]);
    const changes = differences(a, b);
    for (const { side, at } of changes) await io.out(`${side} ${at + 1} ${(side === '-' ? a : b)[at]}`);
    io.exit(changes.length === 0 ? EXIT_ACCEPTED : EXIT_ISSUES);
  } catch (cause) {
    io.err(reason(cause));
    io.exit(EXIT_UNREADABLE);
  }
}

export interface Difference {
  side: '-' | '+';
  /** Index into the left lines for `-`, into the right ones for `+`. */
  at: number;
}

/** The fewest lines to take away and to put in (E. Myers, An O(ND) Difference Algorithm, 1986), in the order of the files. */
export function differences(a: readonly string[], b: readonly string[]): Difference[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const [left, right] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const found = shortestEdit(left, right) ?? [
    ...left.map((_, at): Difference => ({ side: '-', at })),
    ...right.map((_, at): Difference => ({ side: '+', at })),
  ];
  return found.map(({ side, at }) => ({ side, at: at + head }));
}

/** Undefined when there are too many differences to search. */
function shortestEdit(a: readonly string[], b: readonly string[]): Difference[] | undefined {
  const most = Math.min(a.length + b.length, DIFFERENCES_MAX);
  /** Per number of differences: how far into `a` each diagonal (index into `a` less that into `b`) came. */
  const reached: Int32Array[] = [];
  let furthest = new Int32Array(2 * most + 3);
  for (let count = 0; count <= most; count++) {
    const next = new Int32Array(furthest);
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      let x = startOf(furthest, diagonal, count, most);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      next[diagonal + most + 1] = x;
      if (x >= a.length && x - diagonal >= b.length) return trace(reached, a.length, b.length, most);
    }
    reached.push(next.slice(most + 1 - count, most + 2 + count));
    furthest = next;
  }
  return undefined;
}

const isDown = (furthest: (diagonal: number) => number, diagonal: number, count: number): boolean =>
  diagonal === -count || (diagonal !== count && furthest(diagonal - 1) < furthest(diagonal + 1));

function startOf(furthest: Int32Array, diagonal: number, count: number, most: number): number {
  if (count === 0) return 0;
  const at = (one: number): number => furthest[one + most + 1] as number;
  return isDown(at, diagonal, count) ? at(diagonal + 1) : at(diagonal - 1) + 1;
}

/** Back from the ends of both to their beginnings. */
function trace(reached: readonly Int32Array[], x: number, y: number, most: number): Difference[] {
  const found: Difference[] = [];
  for (let count = Math.min(reached.length, most); count > 0; count--) {
    const before = reached[count - 1] as Int32Array;
    const at = (one: number): number => before[one + count - 1] ?? -1;
    const diagonal = x - y;
    const down = isDown(at, diagonal, count);
    const from = diagonal + (down ? 1 : -1);
    x = at(from);
    y = x - from;
    found.push(down ? { side: '+', at: y } : { side: '-', at: x });
  }
  return found.reverse();
}
