import { HubError, isUuid, type Tx } from '../platform/index.ts';
import { confirmedAtFirst } from './attempts-of-delivery.ts';
import type { DeliveryRow, DeliveryState, IdempotencyClass } from './delivery.ts';
import type { ByHand, Deliveries } from './queue.ts';
import {
  chooseRendering,
  findByIds,
  findDelivered,
  findParked,
  lastOutputs,
  newestOfKeys,
} from './sql/find-replayable.ts';

/** What is to be sent again. All that is given has to match. */
export interface ReplaySelection {
  /** Default: dead. `delivered` finds what went to outside systems. */
  states?: readonly ('dead' | 'held' | 'delivered')[];
  /** When the delivery was enqueued: from, and before. */
  since?: Date;
  until?: Date;
  destination?: string;
  operation?: string;
  errorCode?: string;
  key?: string;
  /** Exactly these, whatever their state. */
  ids?: readonly string[];
}

/** Why a delivery cannot be sent again; the queue would refuse it. */
export type ReplayObstacle = 'under_way' | 'unknown_outcome' | 'discarded' | 'flow_done' | 'overtaken' | 'class_d';

export interface Replayable extends DeliveryRow {
  state: DeliveryState;
  createdAt: Date;
  errorCode?: string;
  /** Class of the operation at its last attempt. */
  idempotency?: IdempotencyClass;
  obstacle?: ReplayObstacle;
}

interface Row {
  position: number;
  lane_id: number;
  id: string;
  destination: string;
  key: string;
  operation: string;
  payload: DeliveryRow['payload'];
  event_id: string | null;
  correlation_id: string;
  traceparent: string | null;
  natural_key: string | null;
  priority: number;
  attempts: number;
  created_at: Date;
  error_code: string | null;
  state: DeliveryState;
}

/**
 * A page of what a selection matches, in the order of the ledger, each with the stored output of its last attempt and
 * what stands in the way of sending it again.
 * @param page positions after this one; at most `limit` rows. Ids are answered at once, whatever the page.
 */
export async function findReplayable(
  tx: Tx,
  selection: ReplaySelection,
  page: { after: number; limit: number },
): Promise<Replayable[]> {
  const rows = await matchingRows(tx, selection, page);
  if (rows.length === 0) return [];
  const outputs = await outputsOf(tx, rows);
  const newest = await newestByKey(
    tx,
    rows.filter((row) => row.state === 'delivered'),
  );
  return rows.map((row) => {
    const output = outputs.get(row.id);
    const found: Replayable = {
      ...deliveryOf(row, tx.tenantId ?? ''),
      state: row.state,
      createdAt: row.created_at,
      ...(row.error_code === null ? {} : { errorCode: row.error_code }),
      ...(output?.messageId === undefined ? {} : { outputMessageId: output.messageId }),
      ...(output === undefined ? {} : { idempotency: output.idempotency }),
    };
    const obstacle = obstacleOf(row, found, newest);
    return obstacle === undefined ? found : { ...found, obstacle };
  });
}

async function matchingRows(
  tx: Tx,
  selection: ReplaySelection,
  page: { after: number; limit: number },
): Promise<Row[]> {
  if (selection.ids !== undefined) {
    const rows = await tx.query<Row>(findByIds, [tx.tenantId, selection.ids.filter(isUuid)]);
    return rows.filter((row) => row.position > page.after).slice(0, page.limit);
  }
  const states = selection.states ?? ['dead'];
  const params = [
    tx.tenantId,
    page.after,
    page.limit,
    selection.destination ?? null,
    selection.since ?? null,
    selection.until ?? null,
    selection.operation ?? null,
    selection.errorCode ?? null,
    selection.key ?? null,
  ];
  const parked = states.filter((state) => state !== 'delivered');
  const found = parked.length === 0 ? [] : await tx.query<Row>(findParked, [...params, parked]);
  if (states.includes('delivered')) found.push(...(await tx.query<Row>(findDelivered, params)));
  return found.sort((a, b) => a.position - b.position).slice(0, page.limit);
}

function deliveryOf(row: Row, tenantId: string): DeliveryRow {
  const delivery: DeliveryRow = {
    id: row.id,
    position: row.position,
    tenantId,
    destination: row.destination,
    key: row.key,
    operation: row.operation,
    payload: row.payload,
    correlationId: row.correlation_id,
    priority: row.priority,
    attempt: row.attempts + 1,
  };
  if (row.event_id !== null) delivery.eventId = row.event_id;
  if (row.traceparent !== null) delivery.traceparent = row.traceparent;
  if (row.natural_key !== null) delivery.naturalKey = row.natural_key;
  return delivery;
}

type Output = { messageId?: string; idempotency: IdempotencyClass };

async function outputsOf(tx: Tx, rows: readonly Row[]): Promise<Map<string, Output>> {
  const outputs = new Map<string, Output>();
  const first = await confirmedAtFirst(
    tx,
    rows.filter((row) => row.state === 'delivered').map((row) => row.position),
  );
  const later = await tx.query<{
    delivery_id: string;
    output_message_id: string | null;
    idempotency: IdempotencyClass;
  }>(lastOutputs, [tx.tenantId, rows.map((row) => row.id)]);
  const take = (id: string, messageId: string | null, idempotency: IdempotencyClass): void =>
    void outputs.set(id, messageId === null ? { idempotency } : { messageId, idempotency });
  for (const row of rows) {
    const attempt = first.get(row.id);
    if (attempt !== undefined && attempt.idempotency !== null)
      take(row.id, attempt.output_message_id, attempt.idempotency as IdempotencyClass);
  }
  for (const row of later) take(row.delivery_id, row.output_message_id, row.idempotency);
  return outputs;
}

const placeOf = (row: { lane_id: number; key: string }): string => `${row.lane_id} ${row.key}`;

async function newestByKey(tx: Tx, rows: readonly Row[]): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map();
  const found = await tx.query<{ lane_id: number; key: string; position: number }>(newestOfKeys, [
    [...new Set(rows.map((row) => row.lane_id))],
    [...new Set(rows.map((row) => row.key))],
    Math.min(...rows.map((row) => row.position)),
  ]);
  return new Map(found.map((row) => [placeOf(row), row.position]));
}

const underWay: ReadonlySet<DeliveryState> = new Set<DeliveryState>(['queued', 'in_flight', 'retry_wait']);

function obstacleOf(row: Row, found: Replayable, newest: ReadonlyMap<string, number>): ReplayObstacle | undefined {
  if (underWay.has(row.state)) return 'under_way';
  if (row.state === 'outcome_unknown') return 'unknown_outcome';
  if (row.state === 'discarded') return 'discarded';
  if (row.state !== 'delivered') return undefined;
  if (row.destination.startsWith('flow.')) return 'flow_done';
  if ((newest.get(placeOf(row)) ?? row.position) > row.position) return 'overtaken';
  return found.idempotency === 'D' ? 'class_d' : undefined;
}

/** What a replay sends: the stored bytes of the last attempt, an output made now, or the stored bytes of a message. */
export type Rendering = { kind: 'stored' } | { kind: 'anew' } | { kind: 'message'; messageId: string };

/**
 * `deliveries.replay`, with a say in what is sent. Where nothing was ever stored `stored` renders as a first attempt does.
 * @throws HubError NOT_FOUND, ACTION_NOT_ALLOWED
 */
export async function replayAs(
  tx: Tx,
  deliveries: Pick<Deliveries, 'replay'>,
  id: string,
  by: ByHand,
  rendering: Rendering,
): Promise<void> {
  await deliveries.replay(tx, id, by);
  const anew = rendering.kind === 'anew';
  const output = rendering.kind === 'message' ? rendering.messageId : null;
  const rows = await tx.query(chooseRendering, [tx.tenantId, id, anew, output, rendering.kind === 'stored']);
  if (rows.length === 0) throw new HubError('INTERNAL', { message: `Delivery ${id} was not put back` });
}

/** How many of these deliveries are in which state now. */
export async function countStates(tx: Tx, ids: readonly string[]): Promise<Partial<Record<DeliveryState, number>>> {
  const rows = await tx.query<{ state: DeliveryState; n: number }>(
    'SELECT state, count(*)::integer AS n FROM delivery_now WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) GROUP BY state',
    [tx.tenantId, ids],
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.n]));
}

/** The state of each of these deliveries now. */
export async function statesOf(tx: Tx, ids: readonly string[]): Promise<Map<string, DeliveryState>> {
  const rows = await tx.query<{ id: string; state: DeliveryState }>(
    'SELECT id, state FROM delivery_now WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
    [tx.tenantId, ids],
  );
  return new Map(rows.map((row) => [row.id, row.state]));
}
