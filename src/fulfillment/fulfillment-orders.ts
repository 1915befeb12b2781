import type { FulfillmentOrder } from '../model/index.ts';
import { RecentMap, rowKey, type Tx, uuidv7 } from '../platform/index.ts';
import type { FulfillmentDraft, FulfillmentRecord, FulfillmentRef, ProgressFact } from './fulfillment-types.ts';
import { fulfillmentStatus, mergeProgress } from './progress.ts';

interface Row {
  id: string;
  fulfillmentNo: string;
  releaseSeq: number;
  orderId: string;
  orderNo: string;
  location: string;
  connection: string | null;
  status: FulfillmentOrder['status'];
  lines: FulfillmentOrder['lines'];
  progress: ProgressFact[];
  document: Pick<FulfillmentOrder, 'carrier' | 'service' | 'shipBy' | 'shipTo' | 'customerPo'> & { agreement?: string };
  correlationId: string;
  traceparent: string | null;
  outsideId: string | null;
  version: number;
  createdAt: Date;
  releasedAt: Date | null;
}

const columns = `id, fulfillment_no AS "fulfillmentNo", release_seq AS "releaseSeq", order_id AS "orderId", order_no AS "orderNo",
  location, connection, status, lines, progress, document, correlation_id AS "correlationId", traceparent,
  outside_id AS "outsideId", version, created_at AS "createdAt", released_at AS "releasedAt"`;

function toRecord(row: Row): FulfillmentRecord {
  const { carrier, service, shipBy, shipTo, customerPo, agreement } = row.document;
  return {
    order: {
      id: row.id,
      fulfillmentNo: row.fulfillmentNo,
      orderId: row.orderId,
      orderNo: row.orderNo,
      location: row.location,
      ...(carrier === undefined ? {} : { carrier }),
      ...(service === undefined ? {} : { service }),
      ...(shipBy === undefined ? {} : { shipBy }),
      shipTo,
      ...(customerPo === undefined ? {} : { customerPo }),
      status: row.status,
      lines: row.lines,
    },
    ...(row.connection === null ? {} : { connection: row.connection }),
    ...(agreement === undefined ? {} : { agreement }),
    releaseSeq: row.releaseSeq,
    progress: row.progress,
    correlationId: row.correlationId,
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    ...(row.outsideId === null ? {} : { outsideId: row.outsideId }),
    version: row.version,
    createdAt: row.createdAt,
    ...(row.releasedAt === null ? {} : { releasedAt: row.releasedAt }),
  };
}

/**
 * Records fulfilment orders; the caller holds their orders' locks. Numbers follow the order's: its third release is
 * `<order number>-3`. Quantities are base units.
 */
export async function createFulfillmentOrders(
  tx: Tx,
  drafts: readonly FulfillmentDraft[],
  now: Date,
): Promise<FulfillmentRecord[]> {
  if (drafts.length === 0) return [];
  const known = await tx.query<{ orderId: string; last: number }>(
    {
      name: 'fulfillment-last-release',
      text: `SELECT order_id AS "orderId", max(release_seq) AS last FROM fulfillment_order WHERE order_id = ANY($1::uuid[]) GROUP BY order_id`,
    },
    [[...new Set(drafts.map((draft) => draft.orderId))]],
  );
  const last = new Map(known.map((row) => [row.orderId, row.last]));
  const rows = drafts.map((draft) => {
    const releaseSeq = (last.get(draft.orderId) ?? 0) + 1;
    last.set(draft.orderId, releaseSeq);
    const { carrier, service, shipBy, shipTo, customerPo, agreement } = draft;
    return {
      id: uuidv7(now.getTime()),
      fulfillment_no: `${draft.orderNo}-${releaseSeq}`,
      release_seq: releaseSeq,
      order_id: draft.orderId,
      order_no: draft.orderNo,
      location: draft.location,
      connection: draft.connection,
      lines: draft.lines,
      document: { carrier, service, shipBy, shipTo, customerPo, agreement },
      correlation_id: draft.correlationId,
      traceparent: draft.traceparent,
    };
  });
  const inserted = await tx.query<Row>(
    {
      name: 'fulfillment-insert-orders',
      text: `INSERT INTO fulfillment_order (id, fulfillment_no, release_seq, order_id, order_no, location, connection, status, lines,
        document, correlation_id, traceparent, created_at)
      SELECT id, fulfillment_no, release_seq, order_id, order_no, location, connection, 'created', lines, document,
        correlation_id, traceparent, $2
      FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, fulfillment_no text, release_seq int, order_id uuid, order_no text,
        location text, connection text, lines jsonb, document jsonb, correlation_id text, traceparent text)
      RETURNING ${columns}`,
    },
    [JSON.stringify(rows), now],
  );
  const byId = new Map(inserted.map((row) => [row.id, toRecord(row)]));
  return rows.map((row) => byId.get(row.id)!);
}

/** Every report about a release names it by its number: the last ones are remembered, by database, tenant and number. */
const known = new RecentMap<string, FulfillmentRef>(4_000);

/** Which orders fulfilment numbers belong to. That never changes, so it is read before the orders are locked. */
export async function findFulfillments(tx: Tx, numbers: readonly string[]): Promise<Map<string, FulfillmentRef>> {
  const found = new Map<string, FulfillmentRef>();
  const missing = new Set<string>();
  for (const number of numbers) {
    const ref = known.get(rowKey(tx, number));
    if (ref === undefined) missing.add(number);
    else found.set(number, ref);
  }
  if (missing.size === 0) return found;
  const rows = await tx.query<FulfillmentRef & { connection: string | null; traceparent: string | null }>(
    {
      name: 'fulfillment-find',
      text: `SELECT id, fulfillment_no AS "fulfillmentNo", order_id AS "orderId", order_no AS "orderNo", location, connection,
        correlation_id AS "correlationId", traceparent
      FROM (SELECT DISTINCT unnest($1::text[]) AS wanted) w
      CROSS JOIN LATERAL (SELECT * FROM fulfillment_order WHERE fulfillment_no = w.wanted OFFSET 0) f`,
    },
    [[...missing]],
  );
  for (const { connection, traceparent, ...rest } of rows) {
    const ref: FulfillmentRef = {
      ...rest,
      ...(connection === null ? {} : { connection }),
      ...(traceparent === null ? {} : { traceparent }),
    };
    found.set(ref.fulfillmentNo, ref);
    // Only what others see as well: what this transaction has made may still be rolled back.
    tx.afterCommit(() => known.set(rowKey(tx, ref.fulfillmentNo), ref));
  }
  return found;
}

export async function loadFulfillmentRecords(
  tx: Tx,
  filter: { ids?: readonly string[]; orderIds?: readonly string[] },
): Promise<FulfillmentRecord[]> {
  const column = filter.ids === undefined ? 'order_id' : 'id';
  const rows = await tx.query<Row>(
    {
      name: `fulfillment-load-by-${column}`,
      text: `SELECT ${columns} FROM (SELECT DISTINCT unnest($1::uuid[]) AS wanted) w
        CROSS JOIN LATERAL (SELECT * FROM fulfillment_order WHERE ${column} = w.wanted OFFSET 0) f ORDER BY created_at, id`,
    },
    [filter.ids ?? filter.orderIds ?? []],
  );
  return rows.map(toRecord);
}

/** Public form by id, for dispatch. */
export async function loadFulfillmentOrders(tx: Tx, ids: readonly string[]): Promise<Map<string, FulfillmentOrder>> {
  const records = await loadFulfillmentRecords(tx, { ids });
  return new Map(records.map((record) => [record.order.id, record.order]));
}

/** What people call releases, and their orders, by id: no more of them than that. */
export async function readFulfillmentNumbers(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, { fulfillmentNo: string; orderId: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: string; fulfillmentNo: string; orderId: string }>(
    {
      name: 'fulfillment-numbers',
      text: `SELECT id, fulfillment_no AS "fulfillmentNo", order_id AS "orderId" FROM fulfillment_order
        WHERE id = ANY($1::uuid[])`,
    },
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export async function listFulfillmentOrders(tx: Tx, orderIds: readonly string[]): Promise<FulfillmentOrder[]> {
  return (await loadFulfillmentRecords(tx, { orderIds })).map((record) => record.order);
}

const qualifiedColumns = columns
  .split(', ')
  .map((column) => `f.${column.trim()}`)
  .join(', ');

/** The warehouse took the release on, or refused it. Answers those that were `created` until now. */
export async function recordReleaseOutcome(
  tx: Tx,
  outcomes: readonly { id: string; status: 'released' | 'rejected'; outsideId?: string }[],
  now: Date,
): Promise<FulfillmentRecord[]> {
  if (outcomes.length === 0) return [];
  const rows = await tx.query<Row>(
    {
      name: 'fulfillment-release-outcome',
      text: `UPDATE fulfillment_order f SET status = r.status, outside_id = coalesce(r."outsideId", f.outside_id),
        released_at = CASE WHEN r.status = 'released' THEN $2::timestamptz END, version = f.version + 1
      FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, status text, "outsideId" text)
      WHERE f.id = r.id AND (f.status = 'created' OR (f.status = 'rejected' AND r.status = 'released'))
      RETURNING ${qualifiedColumns}`,
    },
    [JSON.stringify(outcomes), now],
  );
  return rows.map(toRecord);
}

/**
 * A warehouse by EDI says after all that it cannot take releases that were sent to it. Answers those of which it has told
 * nothing else: what it works on it has taken.
 */
export async function rejectReleased(tx: Tx, ids: readonly string[]): Promise<FulfillmentRecord[]> {
  if (ids.length === 0) return [];
  const rows = await tx.query<Row>(
    `UPDATE fulfillment_order f SET status = 'rejected', version = f.version + 1
      WHERE f.id = ANY($1::uuid[]) AND f.status IN ('created', 'released')
        AND NOT jsonb_path_exists(f.progress, '$[*] ? (@.kind != "released")')
      RETURNING ${qualifiedColumns}`,
    [ids],
  );
  return rows.map(toRecord);
}

/** Where a release that never got through goes now, and that it is on its way again. */
export async function routeAgain(
  tx: Tx,
  id: string,
  route: { connection?: string; agreement?: string },
): Promise<FulfillmentRecord> {
  const [row] = await tx.query<Row>(
    `UPDATE fulfillment_order f SET status = 'created', connection = $2, version = f.version + 1,
        document = jsonb_strip_nulls(f.document || jsonb_build_object('agreement', $3::text))
      WHERE f.id = $1 RETURNING ${qualifiedColumns}`,
    [id, route.connection ?? null, route.agreement ?? null],
  );
  return toRecord(row!);
}

/** Takes lines out of releases that no warehouse has; one that has none left is cancelled. Answers those that are. */
export async function dropReleaseLines(
  tx: Tx,
  drops: readonly { id: string; lineNos: readonly number[] }[],
): Promise<FulfillmentRecord[]> {
  if (drops.length === 0) return [];
  const rows = await tx.query<Row>(
    `UPDATE fulfillment_order f SET version = f.version + 1, lines = coalesce(kept.lines, f.lines),
        status = CASE WHEN kept.lines IS NULL THEN 'cancelled' ELSE f.status END
      FROM jsonb_to_recordset($1::jsonb) AS d(id uuid, "lineNos" jsonb)
      CROSS JOIN LATERAL (
        SELECT jsonb_agg(line) AS lines FROM fulfillment_order o, jsonb_array_elements(o.lines) AS line
        WHERE o.id = d.id AND NOT d."lineNos" @> (line -> 'lineNo')) kept
      WHERE f.id = d.id RETURNING ${qualifiedColumns}`,
    [JSON.stringify(drops)],
  );
  return rows.map(toRecord).filter(({ order }) => order.status === 'cancelled');
}

/** What new facts changed of one fulfilment order. */
export interface ProgressChange {
  before: FulfillmentRecord;
  after: FulfillmentRecord;
}

/**
 * Adds facts to fulfilment orders and derives their status; `records` were read under the orders' locks. Answers only those
 * whose progress changed.
 */
export async function recordProgress(
  tx: Tx,
  records: readonly FulfillmentRecord[],
  facts: readonly (ProgressFact & { fulfillmentId: string })[],
): Promise<ProgressChange[]> {
  const byOrder = Map.groupBy(facts, (fact) => fact.fulfillmentId);
  const changes: ProgressChange[] = [];
  for (const before of records) {
    const own = (byOrder.get(before.order.id) ?? []).map(({ fulfillmentId: _id, ...fact }) => fact);
    const progress = mergeProgress(before.progress, own);
    if (JSON.stringify(progress) !== JSON.stringify(before.progress)) changes.push(withProgress(before, progress));
  }
  await saveProgress(tx, changes);
  return changes;
}

/** Takes facts that no longer count (those of a voided shipment) out of fulfilment orders. */
export async function withdrawProgress(
  tx: Tx,
  records: readonly FulfillmentRecord[],
  counts: (fact: ProgressFact) => boolean,
): Promise<ProgressChange[]> {
  const changes = records
    .map((before) => withProgress(before, before.progress.filter(counts)))
    .filter(({ before, after }) => before.progress.length !== after.progress.length);
  await saveProgress(tx, changes);
  return changes;
}

function withProgress(before: FulfillmentRecord, progress: ProgressFact[]): ProgressChange {
  const status = fulfillmentStatus(before.order, progress);
  return { before, after: { ...before, progress, order: { ...before.order, status } } };
}

async function saveProgress(tx: Tx, changes: readonly ProgressChange[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map(({ after }) => ({
    id: after.order.id,
    progress: after.progress,
    status: after.order.status,
  }));
  await tx.query(
    {
      name: 'fulfillment-save-progress',
      text: `UPDATE fulfillment_order f SET progress = r.progress, status = r.status, version = f.version + 1
             FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, progress jsonb, status text) WHERE f.id = r.id`,
    },
    [JSON.stringify(rows)],
  );
}
