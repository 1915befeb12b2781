import { Cron } from 'croner';
import type { Destination, UpdateDestinationBody } from '../../src/api/contract.ts';

/** What a person has typed: in the field's unit, or nothing. */
export type Amount = number | '';

/** One number among a destination's settings; `at` is where the API keeps it, and what its refusals point at. */
export interface SettingField {
  readonly at: string;
  readonly label: string;
  readonly help?: string;
  /** Written behind the number. */
  readonly unit?: string;
  /** So many of what the API stores are one of the unit. */
  readonly scale?: number;
  /** Bounds in the field's unit. */
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
  /** May be left empty. */
  readonly optional?: boolean;
}

export const reasons = [
  { name: 'unreachable', title: 'No connection' },
  { name: 'timeout', title: 'No answer in time' },
  { name: 'unavailable', title: 'Unavailable (502, 503, 504)' },
  { name: 'server_error', title: 'Server error (500)' },
  { name: 'broken_reply', title: 'Broken reply' },
  { name: 'throttled', title: 'Too many requests (429)' },
] as const;
export type Reason = (typeof reasons)[number]['name'];

export interface WindowDraft {
  readonly cron: string;
  readonly zone: string;
  readonly minutes: Amount;
}

export interface Draft {
  readonly values: Readonly<Record<string, Amount>>;
  readonly windows: readonly WindowDraft[];
  /** Reasons that have a schedule of their own. */
  readonly ownRetries: readonly Reason[];
}

const day = 86_400;
const seconds = { unit: ' s', scale: 1_000 } as const;

export const breakerFields: readonly SettingField[] = [
  { at: '/breaker/consecutiveFailures', label: 'Failures in a row', least: 1, most: 10_000, whole: true },
  { at: '/breaker/failureRate', label: 'Or share of calls failed', unit: ' %', scale: 0.01, least: 1, most: 100 },
  { at: '/breaker/minimumCalls', label: 'Of at least so many calls', least: 1, most: 100_000, whole: true },
  { at: '/breaker/windowMs', label: 'Within', ...seconds, least: 1, most: 3_600 },
];
export const probeFields: readonly SettingField[] = [
  { at: '/breaker/probeAfterMs', label: 'First probe after', ...seconds, least: 0.01, most: day },
  { at: '/breaker/probeFactor', label: 'Each further pause ×', least: 1, most: 10 },
  { at: '/breaker/probeMaxMs', label: 'Longest pause', ...seconds, least: 0.01, most: day },
  {
    at: '/breaker/alarmAfterMs',
    label: 'Exception after',
    help: 'Open for so long: integration is told, once.',
    unit: ' min',
    scale: 60_000,
    least: 0,
    most: 10_080,
  },
];
export const healthFields: readonly SettingField[] = [
  { at: '/health/intervalMs', label: 'Ask every', ...seconds, least: 1, most: day },
  { at: '/health/timeoutMs', label: 'Wait at most', ...seconds, least: 0.1, most: 60 },
];
export const drainFields: readonly SettingField[] = [
  {
    at: '/drain/perSecond',
    label: 'Deliveries a second',
    help: 'Until the backlog is gone. Empty: no limit.',
    least: 0.01,
    most: 100_000,
    optional: true,
  },
  {
    at: '/drain/rampSeconds',
    label: 'Full speed after',
    help: 'Calls at a time rise from one over so long.',
    unit: ' s',
    least: 0,
    most: 3_600,
  },
];
export const limitFields: readonly SettingField[] = [
  {
    at: '/concurrency',
    label: 'Calls at once',
    help: 'Of each worker. The budget bounds all workers together.',
    least: 1,
    most: 1_000,
    whole: true,
  },
  {
    at: '/openMax',
    label: 'Open deliveries at most',
    help: 'Beyond it the doors answer 503. Empty: what the hub’s settings say.',
    least: 1,
    most: 100_000_000,
    whole: true,
    optional: true,
  },
];

export function retryFields(at: string): readonly SettingField[] {
  return [
    { at: `${at}/baseMs`, label: 'First pause', ...seconds, least: 0.001, most: day },
    { at: `${at}/factor`, label: 'Each further ×', least: 1, most: 100 },
    { at: `${at}/maxMs`, label: 'Longest pause', ...seconds, least: 0.001, most: 7 * day },
    { at: `${at}/maxAttempts`, label: 'Tries in all', least: 1, most: 10_000, whole: true },
    { at: `${at}/jitter`, label: 'Random share', unit: ' %', scale: 0.01, least: 0, most: 100, optional: true },
  ];
}

export const retryAt = (reason: Reason): string => `/retryByReason/${reason}`;

/** Every number that a draft holds. */
export function fieldsOf(draft: Pick<Draft, 'ownRetries'>): SettingField[] {
  return [
    ...retryFields('/retry'),
    ...draft.ownRetries.flatMap((reason) => retryFields(retryAt(reason))),
    ...breakerFields,
    ...probeFields,
    ...healthFields,
    ...drainFields,
    ...limitFields,
  ];
}

function valueAt(source: unknown, at: string): unknown {
  let value = source;
  for (const name of at.slice(1).split('/')) value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}

/** Without the noise of binary fractions: 0.07 of one is 7 %. */
const tidy = (value: number): number => Number(value.toPrecision(12));

export function draftOf(row: Destination): Draft {
  const ownRetries = reasons.map(({ name }) => name).filter((name) => row.retryByReason[name] !== undefined);
  const values: Record<string, Amount> = {};
  for (const { at, scale = 1 } of fieldsOf({ ownRetries })) {
    const stored = valueAt(row, at);
    values[at] = typeof stored === 'number' ? tidy(stored / scale) : '';
  }
  const windows = row.windows.map(({ cron, zone, durationMinutes }) => ({ cron, zone, minutes: durationMinutes }));
  return { values, windows, ownRetries };
}

/** A reason gets a schedule of its own, at first as it was. */
export function addRetry(draft: Draft, reason: Reason): Draft {
  const values = { ...draft.values };
  const from = retryFields('/retry');
  retryFields(retryAt(reason)).forEach(({ at }, index) => (values[at] = draft.values[from[index]?.at ?? ''] ?? ''));
  return {
    ...draft,
    values,
    ownRetries: reasons.map(({ name }) => name).filter((name) => name === reason || draft.ownRetries.includes(name)),
  };
}

function storedOf(draft: Draft, field: SettingField): number | undefined {
  const value = draft.values[field.at] ?? '';
  if (value === '') return undefined;
  const stored = tidy(value * (field.scale ?? 1));
  // What is stored in milliseconds or counted is whole.
  return field.whole || field.at.endsWith('Ms') ? Math.round(stored) : stored;
}

function groupOf(draft: Draft, fields: readonly SettingField[]): Record<string, number> {
  const group: Record<string, number> = {};
  for (const field of fields) {
    const stored = storedOf(draft, field);
    if (stored !== undefined) group[field.at.slice(field.at.lastIndexOf('/') + 1)] = stored;
  }
  return group;
}

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, inner]) => [name, sorted(inner)]),
      )
    : value;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** What has to be sent: only what differs from what is stored. */
export function changesOf(row: Destination, draft: Draft): Omit<UpdateDestinationBody, 'reason'> {
  const [concurrency, openMax] = limitFields.map((field) => storedOf(draft, field));
  const wanted: Record<string, unknown> = {
    windows: draft.windows.map(({ cron, zone, minutes }) => ({
      cron: cron.trim(),
      zone,
      durationMinutes: Number(minutes),
    })),
    retry: groupOf(draft, retryFields('/retry')),
    retryByReason: Object.fromEntries(
      draft.ownRetries.map((name) => [name, groupOf(draft, retryFields(retryAt(name)))]),
    ),
    breaker: groupOf(draft, [...breakerFields, ...probeFields]),
    health: groupOf(draft, healthFields),
    drain: groupOf(draft, drainFields),
    concurrency,
    openMax: openMax ?? null,
  };
  const stored: Record<string, unknown> = { ...row, openMax: row.openMax ?? null };
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => !same(value, stored[name])));
}

/** The next openings of a window, or why there are none. */
export function nextOpenings(window: WindowDraft, now: Date, count: number): Date[] | string {
  if (window.cron.trim() === '') return 'Five cron fields: minute, hour, day, month, weekday';
  try {
    const runs = new Cron(window.cron.trim(), { timezone: window.zone, paused: true }).nextRuns(count, now);
    return runs.length === 0 ? 'It never comes due' : runs;
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: /, '');
  }
}

/** By place, what is wrong with it. */
export function problemsOf(draft: Draft, now: Date): Map<string, string> {
  const found = new Map<string, string>();
  for (const { at, least, most, whole, optional, unit = '' } of fieldsOf(draft)) {
    const value = draft.values[at] ?? '';
    if (value === '') {
      if (!optional) found.set(at, 'Needed');
    } else if (value < least || value > most || (whole && !Number.isInteger(value))) {
      found.set(at, `${whole ? 'A whole number from' : 'From'} ${least} to ${most.toLocaleString('en-US')}${unit}`);
    }
  }
  for (const at of ['/retry', ...draft.ownRetries.map(retryAt)]) {
    const [base, most] = [draft.values[`${at}/baseMs`] ?? '', draft.values[`${at}/maxMs`] ?? ''];
    if (base !== '' && most !== '' && most < base) found.set(`${at}/maxMs`, 'No shorter than the first pause');
  }
  const [first, longest] = [draft.values['/breaker/probeAfterMs'] ?? '', draft.values['/breaker/probeMaxMs'] ?? ''];
  if (first !== '' && longest !== '' && longest < first) found.set('/breaker/probeMaxMs', 'No shorter than the first');
  draft.windows.forEach((window, index) => {
    const next = nextOpenings(window, now, 1);
    if (typeof next === 'string') found.set(`/windows/${index}/cron`, next);
    const { minutes } = window;
    if (minutes === '' || !Number.isInteger(minutes) || minutes < 1 || minutes > 10_080) {
      found.set(`/windows/${index}/durationMinutes`, 'From 1 to 10,080');
    }
  });
  return found;
}

export interface SettingDifference {
  readonly label: string;
  readonly from: string;
  readonly to: string;
  /** What I have made of it, where I changed it too. */
  readonly mine?: string;
}

const inWords = (value: Amount | undefined, { unit = '' }: SettingField): string =>
  value === undefined || value === '' ? 'not set' : `${value.toLocaleString('en-US')}${unit}`;

const windowsInWords = ({ windows }: Draft): string =>
  windows.map(({ cron, zone, minutes }) => `${cron} · ${minutes} min · ${zone}`).join(', ') || 'none';

const groupTitles: Readonly<Record<string, string>> = {
  retry: 'Retries',
  breaker: 'Breaker',
  health: 'Health check',
  drain: 'After an outage',
};

function labelOf({ at, label }: SettingField): string {
  const [group = '', inner = ''] = at.slice(1).split('/');
  if (group === 'retryByReason')
    return `Retries, ${reasons.find(({ name }) => name === inner)?.title ?? inner}: ${label}`;
  const title = groupTitles[group];
  return title === undefined ? label : `${title}: ${label}`;
}

/** What somebody else has changed meanwhile. */
export function differencesOf(base: Draft, theirs: Draft, mine: Draft = base): SettingDifference[] {
  const found: SettingDifference[] = [];
  const note = (label: string, from: string, to: string, own: string): void => {
    if (from !== to) found.push({ label, from, to, ...(own === from ? {} : { mine: own }) });
  };
  note('Maintenance windows', windowsInWords(base), windowsInWords(theirs), windowsInWords(mine));
  for (const field of fieldsOf({ ownRetries: reasons.map(({ name }) => name) })) {
    const wordsOf = ({ values }: Draft): string => inWords(values[field.at], field);
    note(labelOf(field), wordsOf(base), wordsOf(theirs), wordsOf(mine));
  }
  return found;
}

/** Theirs, with what I changed on top of it. */
export function rebase(base: Draft, mine: Draft, theirs: Draft): Draft {
  const values = { ...theirs.values };
  for (const [at, value] of Object.entries(mine.values)) if (value !== base.values[at]) values[at] = value;
  const isChanged = (name: Reason): boolean => mine.ownRetries.includes(name) !== base.ownRetries.includes(name);
  const ownRetries = reasons
    .map(({ name }) => name)
    .filter((name) => (isChanged(name) ? mine.ownRetries : theirs.ownRetries).includes(name));
  const windows = windowsInWords(mine) === windowsInWords(base) ? theirs.windows : mine.windows;
  return { values, windows, ownRetries };
}

/** "1 s, 2 s, 4 s … 5 min; given up after 34 min": what a schedule comes to, its random part aside. */
export function pausesOf(draft: Draft, at: string): { firstMs: number[]; lastMs: number; totalMs: number } | undefined {
  const read = (name: string): number => Number(draft.values[`${at}/${name}`] || Number.NaN);
  const [base, factor, most, tries] = [read('baseMs'), read('factor'), read('maxMs'), read('maxAttempts')];
  if (![base, factor, most, tries].every(Number.isFinite) || tries > 10_000) return undefined;
  const pauses = Array.from({ length: Math.max(0, tries - 1) }, (_, n) => Math.min(most, base * factor ** n) * 1_000);
  return { firstMs: pauses.slice(0, 3), lastMs: pauses.at(-1) ?? 0, totalMs: pauses.reduce((sum, ms) => sum + ms, 0) };
}
