import { HubError, isUuid, type Tx } from '../platform/index.ts';
import type { DeliveryState } from '../queue/index.ts';
import type { Difference } from './replay-difference.ts';

/** `original`: the stored bytes. `current`: made anew by today's maps and cross-references. `diff`: compared, nothing sent. */
export type ReplayMode = 'original' | 'current' | 'diff';
/** `keep`: as they were, so that the other side recognises a repetition. `new`: it is to be taken for something new. */
export type ReplayPolicy = 'keep' | 'new';
export type ReplayState = 'planned' | 'running' | 'finished' | 'cancelled';
export type ApprovalReason = 'count' | 'stock' | 'new_dedupe';

/** What a plan was asked to find, as it was asked; instants in RFC 3339. */
export interface ReplayQuery {
  states?: ('dead' | 'held' | 'delivered')[];
  since?: string;
  until?: string;
  destination?: string;
  operation?: string;
  partner?: string;
  errorCode?: string;
  key?: string;
  exceptionIds?: string[];
  exceptionCode?: string;
  deliveryIds?: string[];
}

export interface ReplayRequest {
  selection: ReplayQuery;
  mode: ReplayMode;
  controlNumbers: ReplayPolicy;
  dedupe: ReplayPolicy;
  ratePerMinute: number;
  reason: string;
}

export interface ReplayPreview {
  total: number;
  /** Those that nothing stands in the way of. */
  eligible: number;
  groups: { destination: string; operation: string; state: string; count: number; eligible: number }[];
  skipped: { why: string; count: number }[];
  /** What would be sent: stored bytes, made anew, or made for the first time. */
  outputs: { stored: number; anew: number; first: number };
  oldestAt?: string;
  newestAt?: string;
  /** Of `current` and `diff`: the first few, compared at once. */
  sample: { deliveryId: string; destination: string; operation: string; difference?: Difference; problem?: string }[];
}

export interface ReplayPlan extends ReplayRequest {
  id: string;
  state: ReplayState;
  approvalReasons: ApprovalReason[];
  preview: ReplayPreview;
  createdBy: string;
  createdAt: Date;
  approvedBy?: string;
  approvedAt?: Date;
  startedBy?: string;
  startedAt?: Date;
  pacedAt?: Date;
  endedBy?: string;
  endedAt?: Date;
}

export type ReplayItemState = 'pending' | 'queued' | 'compared' | 'skipped';

export interface ReplayItem {
  position: number;
  deliveryId: string;
  destination: string;
  operation: string;
  key: string;
  stateBefore: DeliveryState;
  state: ReplayItemState;
  note?: string;
  differs?: boolean;
  difference?: Difference;
  newDeliveryId?: string;
  workedAt?: Date;
}

interface PlanRow {
  id: string;
  state: ReplayState;
  mode: ReplayMode;
  control_numbers: ReplayPolicy;
  dedupe: ReplayPolicy;
  selection: ReplayQuery;
  reason: string;
  rate_per_minute: number;
  approval_reasons: ApprovalReason[];
  preview: ReplayPreview;
  created_by: string;
  created_at: Date;
  approved_by: string | null;
  approved_at: Date | null;
  started_by: string | null;
  started_at: Date | null;
  paced_at: Date | null;
  ended_by: string | null;
  ended_at: Date | null;
}

const columns = `id, state, mode, control_numbers, dedupe, selection, reason, rate_per_minute, approval_reasons, preview,
  created_by, created_at, approved_by, approved_at, started_by, started_at, paced_at, ended_by, ended_at`;

function planOf(row: PlanRow): ReplayPlan {
  return {
    id: row.id,
    state: row.state,
    mode: row.mode,
    controlNumbers: row.control_numbers,
    dedupe: row.dedupe,
    selection: row.selection,
    reason: row.reason,
    ratePerMinute: row.rate_per_minute,
    approvalReasons: row.approval_reasons,
    preview: row.preview,
    createdBy: row.created_by,
    createdAt: row.created_at,
    ...(row.approved_by === null ? {} : { approvedBy: row.approved_by }),
    ...(row.approved_at === null ? {} : { approvedAt: row.approved_at }),
    ...(row.started_by === null ? {} : { startedBy: row.started_by }),
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.paced_at === null ? {} : { pacedAt: row.paced_at }),
    ...(row.ended_by === null ? {} : { endedBy: row.ended_by }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  };
}

export async function insertPlan(tx: Tx, plan: ReplayPlan): Promise<void> {
  await tx.query(
    `INSERT INTO replay_plan (tenant_id, id, state, mode, control_numbers, dedupe, selection, reason, rate_per_minute,
       approval_reasons, preview, created_by, created_at)
     VALUES ($1, $2, 'planned', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tx.tenantId,
      plan.id,
      plan.mode,
      plan.controlNumbers,
      plan.dedupe,
      JSON.stringify(plan.selection),
      plan.reason,
      plan.ratePerMinute,
      plan.approvalReasons,
      JSON.stringify(plan.preview),
      plan.createdBy,
      plan.createdAt,
    ],
  );
}

export async function insertItems(tx: Tx, planId: string, items: readonly ReplayItem[]): Promise<void> {
  if (items.length === 0) return;
  await tx.query(
    `INSERT INTO replay_item (tenant_id, plan_id, position, delivery_id, destination, operation, key, state_before, state, note)
     SELECT $1, $2, position, "deliveryId", destination, operation, key, "stateBefore", state, note
     FROM jsonb_to_recordset($3) AS i(position bigint, "deliveryId" uuid, destination text, operation text, key text,
       "stateBefore" text, state text, note text)`,
    [tx.tenantId, planId, JSON.stringify(items)],
  );
}

/** @throws HubError NOT_FOUND */
export async function getPlan(tx: Tx, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<ReplayPlan> {
  const [row] = isUuid(id)
    ? await tx.query<PlanRow>(`SELECT ${columns} FROM replay_plan WHERE tenant_id = $1 AND id = $2 ${lock}`, [
        tx.tenantId,
        id,
      ])
    : [];
  if (row === undefined) throw new HubError('NOT_FOUND', { message: `There is no replay ${id}` });
  return planOf(row);
}

/** Newest first. */
export async function listPlans(
  tx: Tx,
  page: { limit: number; before?: string; state?: ReplayState },
): Promise<ReplayPlan[]> {
  const rows = await tx.query<PlanRow>(
    `SELECT ${columns} FROM replay_plan WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2)
       AND ($3::text IS NULL OR state = $3) ORDER BY id DESC LIMIT $4`,
    [tx.tenantId, page.before ?? null, page.state ?? null, page.limit],
  );
  return rows.map(planOf);
}

/** The running plan that has waited longest and that nobody else is working, locked. */
export async function takeRunningPlan(tx: Tx): Promise<ReplayPlan | undefined> {
  const [row] = await tx.query<PlanRow>(
    `SELECT ${columns} FROM replay_plan WHERE tenant_id = $1 AND state = 'running'
     ORDER BY paced_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [tx.tenantId],
  );
  return row === undefined ? undefined : planOf(row);
}

/** Writes the columns that change in a plan's life. The caller holds the row's lock. */
export async function savePlan(tx: Tx, plan: ReplayPlan): Promise<void> {
  await tx.query(
    `UPDATE replay_plan SET state = $3, approved_by = $4, approved_at = $5, started_by = $6, started_at = $7,
       paced_at = $8, ended_by = $9, ended_at = $10
     WHERE tenant_id = $1 AND id = $2`,
    [
      tx.tenantId,
      plan.id,
      plan.state,
      plan.approvedBy ?? null,
      plan.approvedAt ?? null,
      plan.startedBy ?? null,
      plan.startedAt ?? null,
      plan.pacedAt ?? null,
      plan.endedBy ?? null,
      plan.endedAt ?? null,
    ],
  );
}

interface ItemRow {
  position: number;
  delivery_id: string;
  destination: string;
  operation: string;
  key: string;
  state_before: DeliveryState;
  state: ReplayItemState;
  note: string | null;
  differs: boolean | null;
  difference: Difference | null;
  new_delivery_id: string | null;
  worked_at: Date | null;
}

/** Items in the ledger's order. */
export async function listItems(
  tx: Tx,
  planId: string,
  page: { after?: number; limit: number; state?: ReplayItemState; differs?: boolean },
): Promise<ReplayItem[]> {
  const rows = await tx.query<ItemRow>(
    `SELECT position, delivery_id, destination, operation, key, state_before, state, note, differs, difference,
       new_delivery_id, worked_at
     FROM replay_item WHERE tenant_id = $1 AND plan_id = $2 AND position > $3 AND ($4::text IS NULL OR state = $4)
       AND ($5::boolean IS NULL OR differs = $5)
     ORDER BY position LIMIT $6`,
    [tx.tenantId, planId, page.after ?? 0, page.state ?? null, page.differs ?? null, page.limit],
  );
  return rows.map((row) => ({
    position: row.position,
    deliveryId: row.delivery_id,
    destination: row.destination,
    operation: row.operation,
    key: row.key,
    stateBefore: row.state_before,
    state: row.state,
    ...(row.note === null ? {} : { note: row.note }),
    ...(row.differs === null ? {} : { differs: row.differs }),
    ...(row.difference === null ? {} : { difference: row.difference }),
    ...(row.new_delivery_id === null ? {} : { newDeliveryId: row.new_delivery_id }),
    ...(row.worked_at === null ? {} : { workedAt: row.worked_at }),
  }));
}

/** What became of items. */
export async function saveItems(
  tx: Tx,
  planId: string,
  items: readonly Pick<
    ReplayItem,
    'position' | 'state' | 'note' | 'differs' | 'difference' | 'newDeliveryId' | 'workedAt'
  >[],
): Promise<void> {
  if (items.length === 0) return;
  await tx.query(
    `UPDATE replay_item AS r SET state = i.state, note = i.note, differs = i.differs, difference = i.difference,
       new_delivery_id = i."newDeliveryId", worked_at = i."workedAt"
     FROM jsonb_to_recordset($3) AS i(position bigint, state text, note text, differs boolean, difference jsonb,
       "newDeliveryId" uuid, "workedAt" timestamptz)
     WHERE r.tenant_id = $1 AND r.plan_id = $2 AND r.position = i.position`,
    [tx.tenantId, planId, JSON.stringify(items)],
  );
}

export interface ReplayProgress {
  pending: number;
  queued: number;
  compared: number;
  skipped: number;
  /** Of those compared: how many would be sent otherwise than before. */
  differing: number;
}

export async function progressOf(tx: Tx, planId: string): Promise<ReplayProgress> {
  const [row] = await tx.query<ReplayProgress>(
    `SELECT count(*) FILTER (WHERE state = 'pending')::integer AS pending,
       count(*) FILTER (WHERE state = 'queued')::integer AS queued,
       count(*) FILTER (WHERE state = 'compared')::integer AS compared,
       count(*) FILTER (WHERE state = 'skipped')::integer AS skipped,
       count(*) FILTER (WHERE differs)::integer AS differing
     FROM replay_item WHERE tenant_id = $1 AND plan_id = $2`,
    [tx.tenantId, planId],
  );
  return row as ReplayProgress;
}

/** The deliveries that a plan put back: their ids, or those made anew for them. At most `limit`. */
export async function queuedDeliveryIds(tx: Tx, planId: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT coalesce(new_delivery_id, delivery_id) AS id FROM replay_item
     WHERE tenant_id = $1 AND plan_id = $2 AND state = 'queued' ORDER BY position LIMIT $3`,
    [tx.tenantId, planId, limit],
  );
  return rows.map((row) => row.id);
}
