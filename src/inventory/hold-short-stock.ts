import { addDecimals, isPositiveDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import { HubError, type Tx, uuidv7 } from '../platform/index.ts';
import type { CountTask } from './inventory-types.ts';
import { lockItems } from './lock-items.ts';
import { changeReservations, type ReservationChange, readReservations } from './open-reservations.ts';
import { moveStatus, postTransactions, type StockTransaction } from './post-transactions.ts';
import { unreserveTransaction } from './release-reservations.ts';

/** A pick came up short: the book says that `quantity` more should have been there. */
export interface ShortPick {
  /** What makes it one of a kind, e.g. `short:<fulfilment>:<line>:<total short>:<sequence>`. */
  key: string;
  orderId: string;
  lineNo: number;
  fulfillmentId: string;
  sku: string;
  location: string;
  quantity: string;
  reason: string;
  source: string;
  occurredAt: Date;
}

/**
 * Takes short-picked quantities out of their reservations and puts them on hold, so that nobody else is promised what could
 * not be found, and opens a count task for each. Answers the tasks; a short that is known already answers none.
 */
export async function holdShortStock(tx: Tx, shorts: readonly ShortPick[], now: Date): Promise<CountTask[]> {
  if (shorts.length === 0) return [];
  await lockItems(
    tx,
    shorts.map((short) => short.sku),
  );
  const known = await tx.query<{ key: string }>('SELECT dedupe_key AS key FROM count_task WHERE dedupe_key = ANY($1)', [
    shorts.map((short) => short.key),
  ]);
  const fresh = shorts.filter((short) => !known.some((row) => row.key === short.key));
  const rows = await readReservations(tx, {
    fulfillmentIds: [...new Set(fresh.map((short) => short.fulfillmentId))],
    open: true,
  });
  const changes: ReservationChange[] = [];
  const transactions: StockTransaction[] = [];
  const tasks: (CountTask & { key: string })[] = [];
  for (const short of fresh) {
    let missing = short.quantity;
    // What has been picked is not what is missing: the unpicked part of the last lots is.
    const own = rows
      .filter((row) => row.fulfillmentId === short.fulfillmentId && row.lineNo === short.lineNo)
      .reverse();
    for (const row of own) {
      const quantity = minDecimal(missing, row.open);
      if (!isPositiveDecimal(quantity)) continue;
      missing = subtractDecimals(missing, quantity);
      row.open = subtractDecimals(row.open, quantity);
      changes.push({ id: row.id, released: quantity });
      transactions.push(
        unreserveTransaction(row, quantity, 'shortPick', now),
        ...holdTransactions(short, row.lot, quantity),
      );
      tasks.push(taskOf(short, row.lot, quantity, tasks.length === 0 || tasks.at(-1)?.key !== short.key, now));
    }
  }
  await changeReservations(tx, changes);
  await postTransactions(tx, transactions, now);
  await insertTasks(tx, tasks);
  return tasks.map(({ key: _key, ...task }) => task);
}

function holdTransactions(short: ShortPick, lot: string, quantity: string): StockTransaction[] {
  const common = {
    type: 'statusChange',
    sku: short.sku,
    location: short.location,
    lot,
    owner: '',
    reason: short.reason,
    docRef: short.key,
    orderId: short.orderId,
    source: short.source,
    occurredAt: short.occurredAt,
  };
  return moveStatus(common, 'available', 'hold', quantity);
}

function taskOf(short: ShortPick, lot: string, held: string, first: boolean, now: Date): CountTask & { key: string } {
  return {
    key: first ? short.key : `${short.key}:${lot}`,
    id: uuidv7(now.getTime()),
    sku: short.sku,
    location: short.location,
    ...(lot === '' ? {} : { lot }),
    held,
    state: 'open',
    reason: short.reason,
    orderId: short.orderId,
    lineNo: short.lineNo,
    fulfillmentId: short.fulfillmentId,
    openedAt: now,
  };
}

async function insertTasks(tx: Tx, tasks: readonly (CountTask & { key: string })[]): Promise<void> {
  if (tasks.length === 0) return;
  const rows = tasks.map((task) => ({
    id: task.id,
    dedupe_key: task.key,
    sku: task.sku,
    location: task.location,
    lot: task.lot ?? '',
    held: task.held,
    reason: task.reason,
    order_id: task.orderId,
    line_no: task.lineNo,
    fulfillment_id: task.fulfillmentId,
    opened_at: task.openedAt,
  }));
  await tx.query(
    `INSERT INTO count_task (id, dedupe_key, sku, location, lot, held, state, reason, order_id, line_no, fulfillment_id, opened_at)
     SELECT id, dedupe_key, sku, location, lot, held, 'open', reason, order_id, line_no, fulfillment_id, opened_at
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, dedupe_key text, sku text, location text, lot text, held numeric,
       reason text, order_id uuid, line_no int, fulfillment_id uuid, opened_at timestamptz)`,
    [JSON.stringify(rows)],
  );
}

const taskColumns = `id, sku, location, lot, trim_scale(held)::text AS held, state, trim_scale(counted)::text AS counted, reason,
  order_id AS "orderId", line_no AS "lineNo", fulfillment_id AS "fulfillmentId", opened_at AS "openedAt"`;

type TaskRow = { [K in keyof CountTask]-?: CountTask[K] | null } & { lot: string };

function toTask(row: TaskRow): CountTask {
  const present = Object.entries(row).filter(([name, value]) => value !== null && !(name === 'lot' && value === ''));
  return Object.fromEntries(present) as unknown as CountTask;
}

export async function listCountTasks(
  tx: Tx,
  filter: { state?: 'open' | 'done'; ids?: readonly string[]; limit: number },
): Promise<CountTask[]> {
  const rows = await tx.query<TaskRow>(
    `SELECT ${taskColumns} FROM count_task WHERE ($1::text IS NULL OR state = $1) AND ($2::uuid[] IS NULL OR id = ANY($2))
     ORDER BY opened_at, id LIMIT $3`,
    [filter.state ?? null, filter.ids ?? null, filter.limit],
  );
  return rows.map(toTask);
}

export interface CompletedCount {
  taskId: string;
  sku: string;
  location: string;
  lot?: string;
  /** Found and sellable again. */
  restored: string;
  /** Not found: taken off the books. */
  writtenOff: string;
  orderId?: string;
  lineNo?: number;
}

/**
 * Ends counts: of each task's held quantity `counted` base units were found and become available again, the rest is
 * written off (`lost`).
 * @throws HubError NOT_FOUND, CONFLICT (done already), QUANTITY_INVALID (negative, or more than was on hold: what was found
 * beyond it is an adjustment of its own)
 */
export async function completeCounts(
  tx: Tx,
  counts: readonly { taskId: string; counted: string; actor: string }[],
  now: Date,
): Promise<CompletedCount[]> {
  if (counts.length === 0) return [];
  const taskIds = counts.map((count) => count.taskId);
  const found = await listCountTasks(tx, { ids: taskIds, limit: taskIds.length });
  await lockItems(
    tx,
    found.map((task) => task.sku),
  );
  const tasks = new Map((await listCountTasks(tx, { ids: taskIds, limit: taskIds.length })).map((t) => [t.id, t]));
  const transactions: StockTransaction[] = [];
  const completed = counts.map((count): CompletedCount => {
    const task = tasks.get(count.taskId);
    if (task === undefined) throw new HubError('NOT_FOUND', { message: 'No such count task' });
    if (task.state === 'done') throw new HubError('CONFLICT', { message: 'The count has been completed before' });
    const writtenOff = subtractDecimals(task.held, count.counted);
    if (count.counted.startsWith('-') || writtenOff.startsWith('-')) {
      throw new HubError('QUANTITY_INVALID', { message: `Counted must be between 0 and the ${task.held} on hold` });
    }
    transactions.push(...countTransactions(task, count, writtenOff, now));
    const { sku, location, lot, orderId, lineNo } = task;
    return {
      taskId: task.id,
      sku,
      location,
      restored: addDecimals(count.counted),
      writtenOff,
      ...(lot === undefined ? {} : { lot }),
      ...(orderId === undefined ? {} : { orderId }),
      ...(lineNo === undefined ? {} : { lineNo }),
    };
  });
  await postTransactions(tx, transactions, now);
  await tx.query(
    `UPDATE count_task t SET state = 'done', counted = c.counted, done_at = $2, done_by = c.actor
     FROM jsonb_to_recordset($1::jsonb) AS c("taskId" uuid, counted numeric, actor text) WHERE t.id = c."taskId"`,
    [JSON.stringify(counts), now],
  );
  return completed;
}

function countTransactions(
  task: CountTask,
  count: { counted: string; actor: string },
  writtenOff: string,
  now: Date,
): StockTransaction[] {
  const common = {
    sku: task.sku,
    location: task.location,
    lot: task.lot ?? '',
    owner: '',
    docRef: `count:${task.id}`,
    orderId: task.orderId,
    source: 'hub',
    actor: count.actor,
    occurredAt: now,
  };
  const rows: StockTransaction[] = [];
  if (isPositiveDecimal(count.counted)) {
    rows.push(...moveStatus({ ...common, type: 'count', reason: 'found' }, 'hold', 'available', count.counted));
  }
  if (isPositiveDecimal(writtenOff)) {
    rows.push({ ...common, type: 'adjust', reason: 'lost', status: 'hold', onHand: `-${writtenOff}` });
  }
  return rows;
}
