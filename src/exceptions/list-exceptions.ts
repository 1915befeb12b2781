import { isUuid, type Tx } from '../platform/index.ts';
import { exceptionCatalog } from './exception-catalog.ts';
import { exceptionColumns, exceptionFromRow, type ExceptionRow } from './exceptions.ts';
import type { ExceptionFilter, ExceptionRecord, ExceptionSort } from './exceptions-types.ts';

/** Worst first; the index of the queue is over these very words. */
const severityRank = `(CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END)`;

interface Order {
  readonly by: string;
  /** The keys of a position, in their order. */
  readonly keys: readonly { readonly expression: string; readonly type: keyof typeof fits }[];
  readonly direction: '<' | '>';
}

const id = { expression: 'id', type: 'uuid' } as const;
const due = { expression: 'sla_due', type: 'timestamptz' } as const;
const orders: Readonly<Record<ExceptionSort, Order>> = {
  newest: { by: 'id DESC', keys: [id], direction: '<' },
  due: { by: 'sla_due, id', keys: [due, id], direction: '>' },
  severity: {
    by: `${severityRank}, sla_due, id`,
    keys: [{ expression: severityRank, type: 'integer' }, due, id],
    direction: '>',
  },
};

const ranks: readonly string[] = ['critical', 'high', 'medium'];

function positionOf(sort: ExceptionSort, row: ExceptionRow): string[] {
  const dueAndId = [row.sla_due.toISOString(), row.id];
  if (sort === 'newest') return [row.id];
  const rank = ranks.indexOf(row.severity);
  return sort === 'due' ? dueAndId : [String(rank < 0 ? ranks.length : rank), ...dueAndId];
}

/** Whether these values can be a position of that order. */
export function isPosition(sort: ExceptionSort, values: readonly string[]): boolean {
  const keys = orders[sort].keys;
  return values.length === keys.length && keys.every(({ type }, index) => fits[type](values[index]!));
}

const fits = {
  uuid: isUuid,
  timestamptz: (value: string) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value)),
  integer: (value: string) => /^\d$/.test(value),
};

export interface ExceptionPage {
  readonly limit: number;
  /** Default `newest`. The others leave out what is resolved. */
  readonly sort?: ExceptionSort;
  /** `next` of the page before, of the same sort. */
  readonly after?: readonly string[];
  /** Whether something is overdue or snoozed is judged at this instant. */
  readonly now?: Date;
}

/**
 * One page in the order asked for; `state: 'open'` means everything unresolved. Looking for words passes a bounded number of
 * rows, so that a page of it may hold less than its limit, or nothing, though there is a next one.
 */
export async function listExceptions(
  tx: Tx,
  filter: ExceptionFilter,
  page: ExceptionPage,
): Promise<{ rows: ExceptionRecord[]; next?: string[] }> {
  const sort = page.sort ?? 'newest';
  const { by } = orders[sort];
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [...conditionsOf(filter, page.now ?? new Date(), bind), ...behind(sort, page.after, bind)];
  if (sort !== 'newest') conditions.push('resolved_at IS NULL');
  const where = conditions.join(' AND ') || 'true';
  const all = `SELECT ${exceptionColumns} FROM exception WHERE ${where} ORDER BY ${by} LIMIT`;
  if (filter.text === undefined) {
    const rows = await tx.query<ExceptionRow>(`${all} ${bind(page.limit + 1)}`, values);
    return pageOf(sort, rows, page.limit);
  }
  const ofPassed = [...values];
  const matches = wordsMatch(filter.text, bind);
  const rows = await tx.query<ExceptionRow>(
    `SELECT * FROM (${all} ${mostPassed}) AS passed WHERE ${matches} ORDER BY ${by} LIMIT ${bind(page.limit + 1)}`,
    values,
  );
  if (rows.length > page.limit) return pageOf(sort, rows, page.limit);
  const [last] = await tx.query<ExceptionRow>(`${all} 1 OFFSET ${mostPassed - 1}`, ofPassed);
  return { rows: rows.map(exceptionFromRow), ...(last === undefined ? {} : { next: positionOf(sort, last) }) };
}

/** Rows that a search passes for one page: some tens of milliseconds. */
const mostPassed = 20_000;

function pageOf(sort: ExceptionSort, rows: readonly ExceptionRow[], limit: number) {
  const shown = rows.slice(0, limit);
  return {
    rows: shown.map(exceptionFromRow),
    ...(rows.length > limit ? { next: positionOf(sort, shown.at(-1)!) } : {}),
  };
}

type Bind = (value: unknown) => string;

function behind(sort: ExceptionSort, after: readonly string[] | undefined, bind: Bind): string[] {
  if (after === undefined) return [];
  const { keys, direction } = orders[sort];
  const bound = keys.map(({ type }, index) => `${bind(after[index])}::${type}`);
  return [`(${keys.map(({ expression }) => expression).join(', ')}) ${direction} (${bound.join(', ')})`];
}

function conditionsOf(filter: ExceptionFilter, now: Date, bind: Bind): string[] {
  const conditions: string[] = [];
  const where = (expression: string, value: unknown, type = ''): void => {
    if (value !== undefined) conditions.push(`${expression} = ${bind(value)}${type}`);
  };
  if (filter.state === 'open') conditions.push('resolved_at IS NULL');
  else where('state', filter.state);
  where('code', filter.code);
  where('class', filter.class);
  where('owner_role', filter.ownerRole);
  where('order_id', filter.orderId, '::uuid');
  where('message_id', filter.messageId, '::uuid');
  where('delivery_id', filter.deliveryId);
  if (filter.assignees === null) conditions.push('assignee IS NULL');
  else if (filter.assignees !== undefined) conditions.push(`assignee = ANY(${bind(filter.assignees)}::text[])`);
  if (filter.overdue !== undefined) {
    conditions.push('resolved_at IS NULL', `sla_due ${filter.overdue ? '<' : '>='} ${bind(now)}`);
  }
  if (filter.snoozed === true) conditions.push(`snoozed_until > ${bind(now)}`);
  if (filter.snoozed === false) conditions.push(`(snoozed_until IS NULL OR snoozed_until <= ${bind(now)})`);
  return conditions;
}

/** Titles are the catalog's: what they say is a set of codes. */
function wordsMatch({ words, orderIds }: NonNullable<ExceptionFilter['text']>, bind: Bind): string {
  const wanted = words.toLowerCase();
  const codes = Object.entries(exceptionCatalog)
    .filter(([, { title }]) => title.toLowerCase().includes(wanted))
    .map(([code]) => code);
  const text = bind(wanted);
  return `(code = ANY(${bind(codes)}::text[]) OR order_id = ANY(${bind(orderIds ?? [])}::uuid[])
    OR strpos(lower(cause), ${text}) > 0
    OR EXISTS (SELECT 1 FROM jsonb_array_elements(entity_refs) AS ref
      WHERE strpos(lower(ref ->> 'label'), ${text}) > 0 OR lower(ref ->> 'id') = ${text}))`;
}
