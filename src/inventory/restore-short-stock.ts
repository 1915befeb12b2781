import { addDecimals, isPositiveDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import { lockItems } from './lock-items.ts';
import {
  changeReservations,
  type ReservationChange,
  type ReservationRow,
  readReservations,
} from './open-reservations.ts';
import { moveStatus, postTransactions, type StockTransaction } from './post-transactions.ts';

/** A warehouse has what it had reported short: `quantity` of a line of a fulfilment order; base units. */
export interface FoundPick {
  orderId: string;
  lineNo: number;
  fulfillmentId: string;
  quantity: string;
  /** How much of it the fulfilment order is given back; the rest is free for everybody. */
  reserve: string;
  sku: string;
  source: string;
  occurredAt: Date;
}

interface OpenTask {
  id: string;
  sku: string;
  location: string;
  lot: string;
  held: string;
  lineNo: number;
  fulfillmentId: string;
}

/**
 * Undoes short picks, the last first: what was held for a count is available again and reserved as before. A count that
 * somebody has completed stands. Answers the count tasks that nobody has to do any more.
 */
export async function restoreShortStock(tx: Tx, founds: readonly FoundPick[], now: Date): Promise<string[]> {
  if (founds.length === 0) return [];
  await lockItems(
    tx,
    founds.map((found) => found.sku),
  );
  const fulfillmentIds = [...new Set(founds.map((found) => found.fulfillmentId))];
  const tasks = await tx.query<OpenTask>(
    `SELECT id, sku, location, lot, trim_scale(held)::text AS held, line_no AS "lineNo", fulfillment_id AS "fulfillmentId"
     FROM count_task WHERE state = 'open' AND fulfillment_id = ANY($1::uuid[]) ORDER BY opened_at DESC, id DESC`,
    [fulfillmentIds],
  );
  const rows = await readReservations(tx, { fulfillmentIds });
  const changes: ReservationChange[] = [];
  const transactions: StockTransaction[] = [];
  const counted: { id: string; found: string; source: string; done: boolean }[] = [];
  for (const found of founds) {
    let missing = found.quantity;
    let wanted = found.reserve;
    for (const task of tasks) {
      if (task.fulfillmentId !== found.fulfillmentId || task.lineNo !== found.lineNo) continue;
      const quantity = minDecimal(missing, task.held);
      if (!isPositiveDecimal(quantity)) continue;
      missing = subtractDecimals(missing, quantity);
      task.held = subtractDecimals(task.held, quantity);
      counted.push({ id: task.id, found: quantity, source: found.source, done: !isPositiveDecimal(task.held) });
      transactions.push(...foundTransactions(found, task, quantity));
      const reserved = reserveAgain(rows, task, minDecimal(wanted, quantity), { changes, transactions }, now);
      wanted = subtractDecimals(wanted, reserved);
    }
  }
  await postTransactions(tx, transactions, now);
  await changeReservations(tx, changes);
  await closeTasks(tx, counted, now);
  return counted.filter((task) => task.done).map((task) => task.id);
}

function foundTransactions(found: FoundPick, task: OpenTask, quantity: string): StockTransaction[] {
  const common = {
    type: 'statusChange',
    sku: task.sku,
    location: task.location,
    lot: task.lot,
    owner: '',
    reason: 'found',
    docRef: `count:${task.id}`,
    orderId: found.orderId,
    source: found.source,
    occurredAt: found.occurredAt,
  };
  return moveStatus(common, 'hold', 'available', quantity);
}

/** Takes back what the short pick took out of the fulfilment order's reservations; answers how much. */
function reserveAgain(
  rows: readonly ReservationRow[],
  task: OpenTask,
  quantity: string,
  into: { changes: ReservationChange[]; transactions: StockTransaction[] },
  now: Date,
): string {
  let missing = quantity;
  for (const row of rows) {
    if (row.fulfillmentId !== task.fulfillmentId || row.lineNo !== task.lineNo || row.lot !== task.lot) continue;
    const released = subtractDecimals(row.quantity, addDecimals(row.open, row.consumed));
    const back = minDecimal(missing, released);
    if (!isPositiveDecimal(back)) continue;
    missing = subtractDecimals(missing, back);
    row.open = addDecimals(row.open, back);
    into.changes.push({ id: row.id, released: `-${back}` });
    into.transactions.push({
      type: 'reserve',
      sku: row.sku,
      location: row.location,
      lot: row.lot,
      owner: row.owner,
      status: 'available',
      hard: back,
      reason: 'found',
      docRef: row.demandKey,
      ...(row.orderId === null ? {} : { orderId: row.orderId }),
      source: 'hub',
      occurredAt: now,
    });
  }
  return subtractDecimals(quantity, missing);
}

async function closeTasks(
  tx: Tx,
  counted: readonly { id: string; found: string; source: string; done: boolean }[],
  now: Date,
): Promise<void> {
  if (counted.length === 0) return;
  await tx.query(
    `UPDATE count_task t SET held = CASE WHEN c.done THEN t.held ELSE t.held - c.found END,
       state = CASE WHEN c.done THEN 'done' ELSE t.state END, counted = CASE WHEN c.done THEN t.held END,
       done_at = CASE WHEN c.done THEN $2::timestamptz END, done_by = CASE WHEN c.done THEN c.source END
     FROM (SELECT id, sum(found) AS found, bool_or(done) AS done, min(source) AS source
             FROM jsonb_to_recordset($1::jsonb) AS j(id uuid, found numeric, done boolean, source text) GROUP BY id) c
     WHERE t.id = c.id`,
    [JSON.stringify(counted), now],
  );
}
