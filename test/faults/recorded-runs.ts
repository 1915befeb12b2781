import type { KindResult } from './kinds/kind.ts';

/** One line of docs/reference/reliability.md: what one run did of one kind of fault. */
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

const begin = '<!-- recorded runs: written by npm run faults -->';
const end = '<!-- end of recorded runs -->';
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
  return partsOf(document)
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

/** The document with all these runs in it, and what they come to per fault against its aim. */
export function writeRuns(
  document: string,
  runs: readonly RecordedRun[],
  aims: readonly { name: string; aim: number; what: string }[],
): string {
  const { before, after } = partsOf(document);
  return [before, begin, '', ...totals(runs, aims), '', ...rows(runs), '', end, after].join('\n');
}

function partsOf(document: string): { before: string; inside: string; after: string } {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error('the document has no place for recorded runs');
  return {
    before: document.slice(0, from).trimEnd() + '\n',
    inside: document.slice(from + begin.length, to),
    after: '\n' + document.slice(to + end.length).trimStart(),
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
