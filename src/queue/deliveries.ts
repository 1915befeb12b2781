import { type Clock, HubError, type Tx, isUuid, uuidv7 } from '../platform/index.ts';
import type { DeliveryState } from './delivery.ts';
import type { Backlog } from './destination.ts';
import { laneOfKey } from './hash-key.ts';
import type { ByHand, Deliveries, DeliveryFilter, DeliveryView } from './queue.ts';
import {
  type DeliveryRowFull,
  backlogCounts,
  deliveryById,
  deliveriesByCorrelation,
  deliveriesDiscarded,
  deliveriesInFlight,
  deliveriesOfKey,
  deliveriesOfLanes,
  deliveriesParked,
  deliveriesWaiting,
  hasLaterDelivery,
  lockForHand,
  releaseRefused,
  talliesOfDay,
} from './sql/deliveries.ts';
import { waitingKeys } from './sql/waiting-keys.ts';
import { attemptOfRow, attemptsOfDelivery, confirmedAtFirst } from './attempts-of-delivery.ts';

/**
 * Single deliveries, seen and decided by people. What they decide is written to the side table, where the lane's owner
 * finds it; row locks on that table settle who comes first. What the owner holds in memory without having parked it
 * cannot be decided by hand: it is about to be delivered.
 */
export function createDeliveries(clock: Clock, changed: (tx: Tx) => void): Deliveries {
  /** Locks the delivery's row in the side table. */
  async function take(tx: Tx, id: string, allowed: readonly DeliveryState[]): Promise<DeliveryRowFull> {
    if (!isUuid(id)) throw notFound(id);
    await tx.query(lockForHand, [tx.tenantId, id]);
    const [row] = await tx.query<DeliveryRowFull>(deliveryById, [tx.tenantId, id]);
    if (row === undefined) throw notFound(id);
    if (!allowed.includes(row.state) || (row.state !== 'delivered' && !row.parked)) throw notAllowed(row);
    return row;
  }

  /** Puts the delivery back in front of its lane's owner. */
  async function requeue(
    tx: Tx,
    row: DeliveryRowFull,
    state: 'retry_wait' | 'outcome_unknown',
    by: ByHand,
    prepareAnew: boolean,
    outputMessageId: string | null = null,
  ): Promise<void> {
    const now = clock.now();
    await tx.query(
      `INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, due_at, prepare_anew, created_at,
         output_message_id, replayed)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       ON CONFLICT (lane_id, position) DO UPDATE SET state = excluded.state, due_at = excluded.due_at, tries = 0, lookups = 0,
         lookup_failures = 0, recoveries = 0, reason = NULL, prepare_anew = excluded.prepare_anew,
         replayed = excluded.replayed`,
      [
        row.lane_id,
        row.position,
        tx.tenantId,
        row.key,
        row.id,
        state,
        now,
        prepareAnew,
        row.created_at,
        outputMessageId,
        row.state === 'delivered',
      ],
    );
    await setState(tx, row, state, true, by);
    // Who puts it back by hand does not want it to wait for another one any more.
    await tx.query(
      'UPDATE delivery SET after_id = NULL WHERE lane_id = $1 AND position = $2 AND after_id IS NOT NULL',
      [row.lane_id, row.position],
    );
    changed(tx);
  }

  async function setState(tx: Tx, row: DeliveryRowFull, state: DeliveryState, parked: boolean, by: ByHand) {
    await tx.query(
      `UPDATE delivery SET state = $3, parked = $4, updated_at = $5, error_text = $6, actor = $7
       WHERE lane_id = $1 AND position = $2`,
      [row.lane_id, row.position, state, parked, clock.now(), by.reason, by.actor],
    );
  }

  /** Final by hand: the owner of the lane sees the row, takes it out, and lets the followers go on. */
  async function finish(tx: Tx, row: DeliveryRowFull, state: 'delivered' | 'discarded', by: ByHand): Promise<void> {
    await tx.query(`UPDATE delivery_parked SET state = 'gone', due_at = $3 WHERE lane_id = $1 AND position = $2`, [
      row.lane_id,
      row.position,
      clock.now(),
    ]);
    await setState(tx, row, state, false, by);
    changed(tx);
  }

  return {
    list: (tx, filter) => list(tx, filter),

    async waitingKeys(tx, destination, most) {
      const rows = await tx.query<{ key: string; n: number }>(waitingKeys, [tx.tenantId, destination, most]);
      return new Map(rows.map((row) => [row.key, row.n]));
    },

    async get(tx, id) {
      const [row] = isUuid(id) ? await tx.query<DeliveryRowFull>(deliveryById, [tx.tenantId, id]) : [];
      if (row === undefined) throw notFound(id);
      const attemptLog = (await attemptsOfDelivery(tx, row)).map(attemptOfRow);
      const view = viewOfRow(row);
      const last = attemptLog.findLast((attempt) => attempt.state === 'confirmed');
      const output = attemptLog.findLast((attempt) => attempt.outputMessageId !== undefined)?.outputMessageId;
      if (view.updatedAt === undefined && last?.endedAt !== undefined) view.updatedAt = last.endedAt;
      if (view.outsideId === undefined && last?.outsideId !== undefined) view.outsideId = last.outsideId;
      return { ...view, ...(output === undefined ? {} : { outputMessageId: output }), attemptLog };
    },

    async replay(tx, id, by) {
      const row = await take(tx, id, ['dead', 'held', 'delivered']);
      if (row.state !== 'delivered') {
        await requeue(tx, row, 'retry_wait', by, row.state === 'held');
        return;
      }
      if (row.kind === 'flow') throw notAllowed(row, 'What a flow has done is not done twice');
      const [later] = await tx.query(hasLaterDelivery, [row.lane_id, row.key, row.position]);
      if (later !== undefined)
        throw notAllowed(row, 'A later delivery of the same key exists; an old state must not overtake it');
      const last = (await attemptsOfDelivery(tx, row)).findLast((attempt) => attempt.idempotency !== null);
      if (last?.idempotency === 'D')
        throw notAllowed(row, 'The destination cannot tell a repetition from a new request');
      // Not `clear`: whatever its class does about a send that may have been carried out is right for one that was.
      await requeue(tx, row, 'outcome_unknown', by, false, last?.output_message_id ?? null);
    },

    async discard(tx, id, by) {
      const row = await take(tx, id, ['queued', 'retry_wait', 'outcome_unknown', 'held', 'dead']);
      await finish(tx, row, 'discarded', by);
    },

    async release(tx, id, by) {
      const row = await take(tx, id, ['held']);
      await requeue(tx, row, 'retry_wait', by, true);
    },

    async releaseRefused(tx, destination, by) {
      const now = clock.now();
      const dueAt = new Date(now.getTime() + by.delayMs);
      const rows = await tx.query(releaseRefused, [tx.tenantId, destination, now, by.actor, by.reason, dueAt]);
      if (rows.length > 0) changed(tx);
      return rows.length;
    },

    async resolveUnknown(tx, id, resolution, by) {
      const row = await take(tx, id, ['outcome_unknown']);
      if (resolution === 'resend') {
        await requeue(tx, row, 'retry_wait', by, false);
        return;
      }
      await tx.query('UPDATE delivery SET outside_id = coalesce($3, outside_id) WHERE lane_id = $1 AND position = $2', [
        row.lane_id,
        row.position,
        by.outsideId ?? null,
      ]);
      await tx.query(
        `INSERT INTO attempt (id, tenant_id, delivery_id, attempt, kind, state, epoch, outside_id, outcome)
         VALUES ($1, $2, $3, $4, 'lookup', 'confirmed', 0, $5, $6)`,
        [
          uuidv7(),
          tx.tenantId,
          row.id,
          row.attempts,
          by.outsideId ?? null,
          JSON.stringify({ kind: 'byHand', actor: by.actor, reason: by.reason }),
        ],
      );
      await finish(tx, row, 'delivered', by);
    },
  };
}

/** Few among many: found without passing the others. */
const rareStates: Readonly<Record<string, string>> = { in_flight: deliveriesInFlight, discarded: deliveriesDiscarded };
const parkedStates: ReadonlySet<string> = new Set(['retry_wait', 'outcome_unknown', 'held', 'dead']);

async function list(tx: Tx, filter: DeliveryFilter): Promise<DeliveryView[]> {
  const limit = Math.min(Math.max(filter.limit ?? 50, 1), 500);
  const before = filter.beforePosition ?? Number.MAX_SAFE_INTEGER;
  const state = filter.state ?? null;
  const key = filter.key ?? null;
  const destination = filter.destination ?? null;
  let rows: DeliveryRowFull[];
  if (filter.correlationId !== undefined) {
    const params = [tx.tenantId, filter.correlationId, before, destination, key, state, limit];
    rows = await tx.query<DeliveryRowFull>(deliveriesByCorrelation, params);
  } else if (state !== null && parkedStates.has(state)) {
    rows = await tx.query<DeliveryRowFull>(deliveriesParked, [tx.tenantId, state, before, destination, key, limit]);
  } else if (state !== null && state !== 'delivered') {
    const laneIds = await lanesOf(tx, destination, key);
    rows = await tx.query<DeliveryRowFull>(rareStates[state] ?? deliveriesWaiting, [
      tx.tenantId,
      state,
      before,
      laneIds,
      key,
      limit,
    ]);
  } else {
    const laneIds = await lanesOf(tx, destination, key);
    rows = await (key === null
      ? tx.query<DeliveryRowFull>(deliveriesOfLanes, [laneIds, before, state, limit])
      : tx.query<DeliveryRowFull>(deliveriesOfKey, [key, before, laneIds, state, limit]));
  }
  const views = rows.map(viewOfRow);
  await addFirstOutcomes(tx, views);
  return views;
}

/** What was delivered at the first attempt carries its outcome in the batch of attempts alone. */
async function addFirstOutcomes(tx: Tx, views: DeliveryView[]): Promise<void> {
  const bare = views.filter(
    (view) => view.state === 'delivered' && view.outsideId === undefined && view.attempts === 1,
  );
  if (bare.length === 0) return;
  const attempts = await confirmedAtFirst(
    tx,
    bare.map((view) => view.position),
  );
  for (const view of bare) {
    const attempt = attempts.get(view.id);
    if (attempt === undefined) continue;
    const { outsideId, endedAt } = attemptOfRow(attempt);
    if (outsideId !== undefined) view.outsideId = outsideId;
    view.updatedAt ??= endedAt;
  }
}

/** The lanes that can hold what is asked for: a key lies in one lane of each destination. */
async function lanesOf(tx: Tx, destination: string | null, key: string | null): Promise<number[]> {
  const rows = await tx.query<{ lane_id: number; lane_no: number; lanes: number }>(
    `SELECT l.lane_id, l.lane_no, d.lanes FROM lane AS l JOIN destination AS d ON d.tenant_id = l.tenant_id AND d.name = l.destination
     WHERE l.tenant_id = $1 AND ($2::text IS NULL OR l.destination = $2)`,
    [tx.tenantId, destination],
  );
  return rows.filter((row) => key === null || laneOfKey(key, row.lanes) === row.lane_no).map((row) => row.lane_id);
}

/** Open deliveries of the transaction's tenant by destination and state. Dead ones too: they wait for a person. */
export async function backlogOf(tx: Tx, today: Date): Promise<Backlog[]> {
  const rows = await tx.query<{ destination: string; state: DeliveryState; n: number; oldest: Date | null }>(
    backlogCounts,
    [tx.tenantId],
  );
  const byDestination = new Map<string, Backlog>();
  for (const row of rows) {
    let backlog = byDestination.get(row.destination);
    if (backlog === undefined)
      byDestination.set(row.destination, (backlog = { destination: row.destination, counts: {} }));
    if (row.n === 0) continue;
    const counts = backlog.counts as Record<string, number>;
    counts[row.state] = (counts[row.state] ?? 0) + row.n;
    if (row.oldest !== null && (backlog.oldestOpenAt === undefined || row.oldest < backlog.oldestOpenAt)) {
      backlog.oldestOpenAt = row.oldest;
    }
  }
  const tallies = await tx.query<{ destination: string; superseded: number }>(talliesOfDay, [tx.tenantId, today]);
  for (const { destination, superseded } of tallies) {
    const backlog = byDestination.get(destination);
    if (backlog !== undefined) backlog.supersededToday = superseded;
  }
  return [...byDestination.values()];
}

function viewOfRow(row: DeliveryRowFull): DeliveryView {
  const view: DeliveryView = {
    id: row.id,
    position: row.position,
    destination: row.destination,
    key: row.key,
    operation: row.operation,
    state: row.state,
    attempts: row.attempts,
    payload: row.payload,
    correlationId: row.correlation_id,
    createdAt: row.created_at,
  };
  if (row.traceparent !== null) view.traceparent = row.traceparent;
  if (row.event_id !== null) view.eventId = row.event_id;
  if (row.natural_key !== null) view.naturalKey = row.natural_key;
  if (row.updated_at !== null) view.updatedAt = row.updated_at;
  if (row.due_at !== null) view.nextAttemptAt = row.due_at;
  if (row.error_text !== null) view.lastError = row.error_text;
  if (row.error_code !== null) view.errorCode = row.error_code;
  if (row.outside_id !== null) view.outsideId = row.outside_id;
  if (row.actor !== null) view.actor = row.actor;
  return view;
}

function notFound(id: string): HubError {
  return new HubError('NOT_FOUND', { message: `There is no delivery ${id}` });
}

function notAllowed(row: DeliveryRowFull, why?: string): HubError {
  return new HubError('ACTION_NOT_ALLOWED', {
    message: why ?? `The delivery is ${row.state} and does not allow this now`,
  });
}
