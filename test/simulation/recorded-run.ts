import { invariants } from './checker.ts';
import type { Score } from './score.ts';

export interface RecordedRun {
  readonly date: string;
  readonly version: string;
  readonly first: number;
  readonly score: Score;
  readonly wallSeconds: number;
  readonly processorSeconds: number;
  readonly threads: number;
  readonly bounds: { readonly livenessBoundMs: number; readonly drainBoundMs: number };
}

const begin = '<!-- recorded run: written by npm run simulate -- --record -->';
const end = '<!-- end of the recorded run -->';
const heads = ['Date', 'Version', 'Seeds', 'Failed', 'Deliveries', 'Calls', 'Steps', 'Simulated', 'Wall', 'Processor'];

const count = (n: number): string => Math.round(n).toLocaleString('en-US');
const words = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const rule = (cells: number): string => `|${'---|'.repeat(cells)}`;

/** The document with this run in its list, newest first, and its counts in place of those of the run before. */
export function recordRun(document: string, run: RecordedRun): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error('the document has no place for a recorded run');
  const earlier = document
    .slice(from, to)
    .split('\n')
    .filter((line) => /^\| \d{4}-/.test(line));
  const { score, first, bounds } = run;
  const lines = [
    begin,
    '',
    tableRow(heads),
    rule(heads.length),
    tableRow([
      run.date,
      run.version,
      `${first} to ${first + score.seeds - 1}`,
      count(score.failed.length),
      count(score.deliveries),
      count(score.requests),
      count(score.steps),
      `${(score.simulatedMs / 3_600_000).toFixed(1)} h`,
      `${count(run.wallSeconds)} s on ${run.threads} threads`,
      `${count(run.processorSeconds)} s`,
    ]),
    ...earlier,
    '',
    'The newest of them in detail. Faults, as they came about:',
    '',
    Object.entries(score.faults)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, n]) => `${words(name)} ${count(n)}`)
      .join(', ') + '.',
    '',
    tableRow(['#', 'Invariant', 'Judged', 'Broken in seeds']),
    rule(4),
    ...Object.entries(invariants).map(([number, name]) => {
      const broken = score.failed.filter(({ found }) => found.startsWith(`invariant ${number} `)).length;
      return tableRow([number, name, count(score.judged[number] ?? 0), String(broken)]);
    }),
    '',
    `After the last fault everything was done that needs no person within ${(score.settledAfterMs / 1_000).toFixed(1)} s`,
    `(the bound is ${bounds.livenessBoundMs / 1_000} s and what windows, parents and budgets make it wait), and with people at their desks all of it`,
    `within another ${(score.drainedAfterMs / 1_000).toFixed(1)} s (the bound is ${bounds.drainBoundMs / 1_000} s and twice what makes it wait).`,
    '',
  ];
  return document.slice(0, from) + lines.join('\n') + document.slice(to);
}
