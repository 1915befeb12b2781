import { lastOfSequence, uuidv7TimeMs } from '../platform/index.ts';
import { behindCursor } from '../queue/index.ts';
import type { RetentionSettings } from './operations-settings.ts';

/** A statement with its parameters, in the caller's transaction and role. */
export type Query = (text: string, params?: unknown[]) => Promise<Record<string, unknown>[]>;

/** The partitioned tables, in the order in which they leave: bytes after the message that they belong to. */
const ledgerTables = [
  { name: 'message', keptDays: 'messagesKeptDays' },
  { name: 'message_chunk', keptDays: 'messagesKeptDays' },
  { name: 'document', keptDays: 'messagesKeptDays' },
  { name: 'event', keptDays: 'eventsKeptDays' },
  { name: 'attempt', keptDays: 'deliveriesKeptDays' },
  { name: 'attempt_batch', keptDays: 'deliveriesKeptDays' },
  { name: 'delivery', keptDays: 'deliveriesKeptDays' },
] as const satisfies readonly { name: string; keptDays: keyof RetentionSettings }[];
export type LedgerTable = (typeof ledgerTables)[number]['name'];

export interface LedgerPartition {
  table: LedgerTable;
  name: string;
  /** Bounds as they are written: ids, or positions of `delivery`. `from` is absent in the first. */
  from?: string;
  to: string;
  /** Everything in it is older than this. Of `delivery`: absent while it is still being filled. */
  endsAt?: Date;
  bytes: number;
}

/** Every partition of the ledger, oldest first within its table. */
export async function listPartitions(query: Query): Promise<LedgerPartition[]> {
  const rows = await query(
    `SELECT p.relname AS parent, c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound,
       pg_total_relation_size(c.oid) AS bytes
     FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_class AS p ON p.oid = i.inhparent
     WHERE p.relnamespace = 'public'::regnamespace AND p.relkind = 'p' AND p.relname = ANY ($1::text[])`,
    [ledgerTables.map((table) => table.name)],
  );
  const partitions = rows.flatMap((row): LedgerPartition[] => {
    const bounds = /^FOR VALUES FROM \((?:MINVALUE|'([^']+)')\) TO \('([^']+)'\)$/.exec(String(row['bound']));
    if (bounds === null) return [];
    const [, from, to] = bounds as unknown as [string, string | undefined, string];
    const table = row['parent'] as LedgerTable;
    const partition: LedgerPartition = { table, name: String(row['name']), to, bytes: Number(row['bytes']) };
    if (from !== undefined) partition.from = from;
    if (table !== 'delivery') partition.endsAt = new Date(uuidv7TimeMs(to));
    return [partition];
  });
  return partitions.sort((a, b) => (a.table === b.table ? compareBounds(a, b) : orderOf(a.table) - orderOf(b.table)));
}

const orderOf = (name: LedgerTable): number => ledgerTables.findIndex((table) => table.name === name);

function compareBounds(a: LedgerPartition, b: LedgerPartition): number {
  return a.table === 'delivery' ? Number(a.to) - Number(b.to) : a.to < b.to ? -1 : 1;
}

/** Why a partition has to stay, for the transaction's tenant. Empty: as far as this tenant goes it may leave. */
export async function reasonsToKeep(
  query: Query,
  partition: LedgerPartition,
  settings: RetentionSettings,
  now: Date,
): Promise<{ kind: 'young' | 'open' | 'held'; why: string }[]> {
  if (!settings.enabled) return [{ kind: 'young', why: 'Retention is off' }];
  const endsAt = partition.endsAt ?? (await endOfPositions(query, partition, now));
  const table = ledgerTables.find((entry) => entry.name === partition.table);
  const keptDays = Number(settings[table?.keptDays ?? 'messagesKeptDays']);
  if (endsAt === undefined || endsAt.getTime() > now.getTime() - keptDays * 86_400_000) {
    return [{ kind: 'young', why: `It is kept ${keptDays} days` }];
  }
  const reasons: { kind: 'open' | 'held'; why: string }[] = [];
  for (const { kind, what, sql } of checks[partition.table]) {
    const [row] = await query(sql, [partition.from ?? lowest[partition.table === 'delivery' ? 1 : 0], partition.to]);
    const n = Number(row?.['n'] ?? 0);
    if (n > 0) reasons.push({ kind, why: `${n} ${what}` });
  }
  return reasons;
}

const lowest = ['00000000-0000-0000-0000-000000000000', '0'] as const;

/** Deliveries are cut by position: the newest of them says how old the partition is. */
async function endOfPositions(query: Query, partition: LedgerPartition, now: Date): Promise<Date | undefined> {
  const [place] = await query(`SELECT ${lastOfSequence('delivery_position')} >= $1::bigint AS full`, [partition.to]);
  if (place?.['full'] !== true) return undefined;
  const [row] = await query(
    `SELECT ledger_time_of(id) AS newest FROM delivery WHERE position >= $1::bigint AND position < $2::bigint
     ORDER BY id DESC LIMIT 1`,
    [partition.from ?? '0', partition.to],
  );
  // Empty for this tenant: as old as can be.
  return (row?.['newest'] as Date | undefined) ?? new Date(now.getTime() - 100 * 365 * 86_400_000);
}

/** Orders that are not finished, and orders under a standing hold. Row-level security leaves the tenant's own. */
const openOrders = `SELECT order_id FROM sales_order_state WHERE NOT closed`;
const heldOrders = `
  SELECT o.id FROM sales_order AS o JOIN legal_hold AS h ON h.released_at IS NULL
    AND ((h.kind = 'order' AND h.order_id = o.id) OR (h.kind = 'partner' AND h.partner = o.customer))`;
const heldPartners = `SELECT partner FROM legal_hold WHERE released_at IS NULL AND kind = 'partner'`;
/** Correlations of orders, by the events that tell of them. */
const correlationsOf = (orders: string): string =>
  `SELECT correlation_id FROM event WHERE order_id IN (SELECT id::text FROM (${orders}) AS o(id))`;
/** A standing hold on the time itself: of rows whose id is a time. */
const heldTime = (id: string): string => `EXISTS (SELECT FROM legal_hold AS h WHERE h.released_at IS NULL
  AND h.kind = 'range' AND ${id} >= ledger_uuid_at(h.since) AND ${id} < ledger_uuid_at(h.until))`;
/** Deliveries that something is still to be done about. */
const openDeliveries = `
  SELECT d.id, d.payload, d.event_id FROM delivery_parked AS p
  JOIN delivery AS d ON d.lane_id = p.lane_id AND d.position = p.position WHERE p.state <> 'gone'
  UNION ALL
  SELECT d.id, d.payload, d.event_id FROM lane AS l JOIN delivery AS d ON ${behindCursor}`;

interface Check {
  kind: 'open' | 'held';
  what: string;
  /** $1 from, $2 to. */
  sql: string;
}

const count = (kind: Check['kind'], what: string, from: string): Check => ({
  kind,
  what,
  sql: `SELECT count(*)::integer AS n FROM ${from}`,
});

const inRange = (id: string): string => `${id} >= $1::uuid AND ${id} < $2::uuid`;

/** Of messages; their bytes stay and leave by the same rules. */
const messageChecks: readonly Check[] = [
  count(
    'open',
    'messages are not finished',
    `message AS m WHERE ${inRange('m.id')} AND m.state IN ('received', 'held', 'ready')`,
  ),
  count(
    'open',
    'open exceptions are about its messages',
    `exception AS e WHERE e.resolved_at IS NULL AND ${inRange('e.message_id')}`,
  ),
  count(
    'open',
    'deliveries still refer to its messages',
    `(${openDeliveries}) AS d WHERE (d.payload ->> 'messageId')::uuid >= $1::uuid AND (d.payload ->> 'messageId')::uuid < $2::uuid
       OR EXISTS (SELECT FROM attempt AS a WHERE a.delivery_id = d.id AND ${inRange('a.output_message_id::uuid')})`,
  ),
  count(
    'open',
    'messages belong to open orders',
    `message AS m WHERE ${inRange('m.id')} AND m.correlation_id IN (${correlationsOf(openOrders)})`,
  ),
  count(
    'held',
    'messages are under a legal hold of their partner',
    `message AS m WHERE ${inRange('m.id')} AND m.partner IN (${heldPartners})`,
  ),
  count(
    'held',
    'messages are under a legal hold of their order',
    `message AS m WHERE ${inRange('m.id')} AND m.correlation_id IN (${correlationsOf(heldOrders)})`,
  ),
  count(
    'held',
    'messages are under a legal hold of their time',
    `message AS m WHERE ${inRange('m.id')} AND ${heldTime('m.id')}`,
  ),
];

/** What was delivered under a hold, or is not finished, keeps the attempts of its time; they follow within a month. */
const attemptsOf = (deliveries: string): string =>
  `delivery AS d WHERE d.id >= ledger_uuid_at(greatest(ledger_time_of($1::uuid) - interval '31 days', 'epoch')) AND d.id < $2::uuid AND ${deliveries}`;
const attemptChecks: readonly Check[] = [
  count(
    'open',
    'deliveries of its time are not finished',
    `(${openDeliveries}) AS d WHERE d.id >= ledger_uuid_at(greatest(ledger_time_of($1::uuid) - interval '31 days', 'epoch')) AND d.id < $2::uuid`,
  ),
  count(
    'open',
    'deliveries of its time belong to open orders',
    attemptsOf(`d.key IN (SELECT order_id::text FROM sales_order_state WHERE NOT closed)`),
  ),
  count(
    'held',
    'deliveries of its time are under a legal hold of their order or partner',
    attemptsOf(`d.key IN (SELECT id::text FROM (${heldOrders}) AS o)`),
  ),
  count('held', 'deliveries are under a legal hold of their time', attemptsOf(heldTime('d.id'))),
];

const positions = 'd.position >= $1::bigint AND d.position < $2::bigint';

const checks: Readonly<Record<LedgerTable, readonly Check[]>> = {
  message: messageChecks,
  message_chunk: messageChecks,
  document: [
    count(
      'open',
      'documents are not finished',
      `document AS d WHERE ${inRange('d.id')} AND (d.state IN ('held', 'planned', 'rendered') OR d.ack_state = 'awaiting')`,
    ),
    count(
      'open',
      'documents belong to open orders',
      `document AS d WHERE ${inRange('d.id')} AND d.entity_id IN (SELECT order_id::text FROM sales_order_state WHERE NOT closed)`,
    ),
    count(
      'open',
      'deliveries still refer to its documents',
      `(${openDeliveries}) AS d WHERE d.payload -> 'entity' ->> 'kind' = 'document'
         AND (d.payload -> 'entity' ->> 'id')::uuid >= $1::uuid AND (d.payload -> 'entity' ->> 'id')::uuid < $2::uuid`,
    ),
    count(
      'held',
      'documents are under a legal hold of their partner',
      `document AS d WHERE ${inRange('d.id')} AND d.partner IN (${heldPartners})`,
    ),
    count(
      'held',
      'documents are under a legal hold of their order',
      `document AS d WHERE ${inRange('d.id')} AND (d.entity_id IN (SELECT id::text FROM (${heldOrders}) AS o)
         OR d.correlation_id IN (${correlationsOf(heldOrders)}))`,
    ),
    count(
      'held',
      'documents are under a legal hold of their time',
      `document AS d WHERE ${inRange('d.id')} AND ${heldTime('d.id')}`,
    ),
  ],
  event: [
    count(
      'open',
      'events are of open orders',
      `event AS e WHERE ${inRange('e.id')} AND e.order_id IN (SELECT order_id::text FROM sales_order_state WHERE NOT closed)`,
    ),
    count('open', 'deliveries still refer to its events', `(${openDeliveries}) AS d WHERE ${inRange('d.event_id')}`),
    count(
      'held',
      'events are under a legal hold of their order or partner',
      `event AS e WHERE ${inRange('e.id')} AND e.order_id IN (SELECT id::text FROM (${heldOrders}) AS o)`,
    ),
    count(
      'held',
      'events are under a legal hold of their time',
      `event AS e WHERE ${inRange('e.id')} AND ${heldTime('e.id')}`,
    ),
  ],
  attempt: attemptChecks,
  attempt_batch: attemptChecks,
  delivery: [
    count('open', 'deliveries are not finished', `delivery_parked AS d WHERE ${positions} AND d.state <> 'gone'`),
    count('open', 'deliveries are queued', `lane AS l JOIN delivery AS d ON ${behindCursor} WHERE ${positions}`),
    count(
      'open',
      'deliveries belong to open orders',
      `delivery AS d WHERE ${positions} AND d.key IN (SELECT order_id::text FROM sales_order_state WHERE NOT closed)`,
    ),
    count(
      'held',
      'deliveries are under a legal hold of their order or partner',
      `delivery AS d WHERE ${positions} AND d.key IN (SELECT id::text FROM (${heldOrders}) AS o)`,
    ),
    count(
      'held',
      'deliveries are under a legal hold of their time',
      `delivery AS d WHERE ${positions} AND ${heldTime('d.id')}`,
    ),
  ],
};
