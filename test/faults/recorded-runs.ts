import type { KindResult } from './kinds/kind.ts';

/** One line of docs/reference/reliability-runs.md: what one run did of one kind of fault. */
export interface RecordedRun {
  readonly date: string;
  readonly version: string;
  readonly seed: number;
  readonly kind: string;
  readonly faults: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly inErp: number;
  readonly lost: number;
  readonly doubled: number;
  /** Violations of all invariants. */
  readonly violations: number;
  readonly worstRecoveryMs: number;
}

/** The place in a document that is written anew, between two comments that a reader does not see. */
interface Place {
  readonly begin: string;
  readonly end: string;
}

/** In reliability.md: what all runs come to. */
const sumsPlace: Place = {
  begin: '<!-- sums of the recorded runs: written by npm run faults -->',
  end: '<!-- end of the sums -->',
};
/** In reliability-runs.md: one line per run and fault. */
const runsPlace: Place = {
  begin: '<!-- recorded runs: written by npm run faults -->',
  end: '<!-- end of recorded runs -->',
};
const columns = [
  'Date',
  'Version',
  'Seed',
  'Fault',
  'Faults',
  'Orders sent',
  'Acknowledged',
  'In the ERP',
  'Lost',
  'Doubled',
  'Violations',
  'Worst recovery',
];

/** Puts results of one kind together, as if they had been one run. */
export function addUp(results: readonly KindResult[]): Omit<KindResult, 'notes' | 'findings'> {
  const sum = (of: (result: KindResult) => number): number => results.reduce((total, each) => total + of(each), 0);
  return {
    faults: sum(({ faults }) => faults),
    sent: sum(({ sent }) => sent),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    inErp: sum(({ inErp }) => inErp),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    worstRecoveryMs: Math.max(0, ...results.map(({ worstRecoveryMs }) => worstRecoveryMs)),
  };
}

/** @throws when the document has no place for recorded runs */
export function readRuns(document: string): RecordedRun[] {
  return partsOf(document, runsPlace)
    .inside.split('\n')
    .filter((line) => /^\| \d{4}-/.test(line))
    .map((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      const number = (at: number): number => Number((cells[at] ?? '').replaceAll(/[^\d.]/g, ''));
      return {
        date: cells[1] ?? '',
        version: cells[2] ?? '',
        seed: number(3),
        kind: cells[4] ?? '',
        faults: number(5),
        sent: number(6),
        acknowledged: number(7),
        inErp: number(8),
        lost: number(9),
        doubled: number(10),
        violations: number(11),
        worstRecoveryMs: Math.round(number(12) * 1_000),
      };
    });
}

/**
 * The document with these runs in place of those that are in it.
 * @throws when the document has no place for recorded runs
 */
export const writeRuns = (document: string, runs: readonly RecordedRun[]): string =>
  putInto(document, runsPlace, rows(runs));

/**
 * The document with what these runs come to per fault, against its aim.
 * @throws when the document has no place for the sums
 */
export const writeSums = (
  document: string,
  runs: readonly RecordedRun[],
  aims: readonly { name: string; aim: number; what: string }[],
): string => putInto(document, sumsPlace, totals(runs, aims));

function putInto(document: string, place: Place, lines: readonly string[]): string {
  const { before, after } = partsOf(document, place);
  return [before, place.begin, '', ...lines, '', place.end, after].join('\n');
}

function partsOf(document: string, { begin, end }: Place): { before: string; inside: string; after: string } {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no place between ${begin} and ${end}`);
  const after = document.slice(to + end.length).trimStart();
  return {
    before: document.slice(0, from).trimEnd() + '\n',
    inside: document.slice(from + begin.length, to),
    after: after === '' ? '' : '\n' + after,
  };
}

const count = (n: number): string => n.toLocaleString('en-US');
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const rule = (cells: number): string => `|${'---|'.repeat(cells)}`;

function totals(runs: readonly RecordedRun[], aims: readonly { name: string; aim: number; what: string }[]): string[] {
  const heads = [
    'Fault',
    'Done',
    'Aim',
    'Acknowledged',
    'In the ERP',
    'Lost',
    'Doubled',
    'Violations',
    'Worst recovery',
  ];
  const lines = aims.map(({ name, aim, what }) => {
    const of = runs.filter((run) => run.kind === name);
    const sum = (field: keyof RecordedRun): string => count(of.reduce((total, run) => total + Number(run[field]), 0));
    return tableRow([
      `${name}: ${what}`,
      sum('faults'),
      count(aim),
      sum('acknowledged'),
      sum('inErp'),
      sum('lost'),
      sum('doubled'),
      sum('violations'),
      seconds(Math.max(0, ...of.map(({ worstRecoveryMs }) => worstRecoveryMs))),
    ]);
  });
  return [tableRow(heads), rule(heads.length), ...lines];
}

function rows(runs: readonly RecordedRun[]): string[] {
  const lines = runs.map((run) =>
    tableRow([
      run.date,
      run.version,
      String(run.seed),
      run.kind,
      ...[run.faults, run.sent, run.acknowledged, run.inErp, run.lost, run.doubled, run.violations].map(count),
      seconds(run.worstRecoveryMs),
    ]),
  );
  return [tableRow(columns), rule(columns.length), ...lines];
}
