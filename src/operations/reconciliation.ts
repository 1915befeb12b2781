import { isHubError, type Clock, type Tx, HubError, uuidv7 } from '../platform/index.ts';
import {
  type Deliverer,
  doubtUnsent,
  findUnsettled,
  type IdempotencyClass,
  type LookupResult,
  pauseConnections,
  type Prepared,
  type Queue,
  type Unsettled,
} from '../queue/index.ts';
import { recordAudit } from '../security/index.ts';

/** A hub whose database was put back to an earlier instant, and that has not yet been compared with the outside. */
export interface Reconciliation {
  id: string;
  reason: string;
  begunAt: Date;
  backupTakenAt?: Date;
  /** Connections that it paused. */
  paused: string[];
  /** Deliveries whose outcome became unknown. */
  doubted: number;
  endedAt?: Date;
}

interface Row {
  id: string;
  reason: string;
  begun_at: Date;
  backup_taken_at: Date | null;
  paused: string[];
  doubted: number;
}

/** The one that is under way; undefined when the hub works normally. */
export async function openReconciliation(tx: Tx): Promise<Reconciliation | undefined> {
  const [row] = await tx.query<Row>(
    `SELECT id, reason, begun_at, backup_taken_at, paused, doubted FROM reconciliation
     WHERE tenant_id = $1 AND ended_at IS NULL`,
    [tx.tenantId],
  );
  if (row === undefined) return undefined;
  const { id, reason, begun_at: begunAt, paused, doubted } = row;
  return {
    id,
    reason,
    begunAt,
    paused,
    doubted,
    ...(row.backup_taken_at === null ? {} : { backupTakenAt: row.backup_taken_at }),
  };
}

/** Tenants that are being reconciled; needs an engine transaction. */
export async function countReconciling(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    'SELECT count(*)::integer AS n FROM reconciliation WHERE ended_at IS NULL',
  );
  return row?.n ?? 0;
}

/**
 * Pauses all connections and doubts everything unsent of the transaction's tenant. No hub may be working. A second call
 * changes nothing.
 */
export async function beginReconciliation(
  tx: Tx,
  services: { clock: Clock },
  cause: { reason: string; backupTakenAt?: Date; actor: string },
): Promise<Reconciliation> {
  const open = await openReconciliation(tx);
  if (open !== undefined) return open;
  const now = services.clock.now();
  const made: Reconciliation = {
    id: uuidv7(now.getTime()),
    reason: cause.reason,
    begunAt: now,
    paused: await pauseConnections(tx, cause.reason),
    doubted: await doubtUnsent(tx, now),
    ...(cause.backupTakenAt === undefined ? {} : { backupTakenAt: cause.backupTakenAt }),
  };
  await tx.query(
    `INSERT INTO reconciliation (tenant_id, id, backup_taken_at, reason, begun_at, paused, doubted)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [tx.tenantId, made.id, made.backupTakenAt ?? null, made.reason, now, made.paused, made.doubted],
  );
  await audit(tx, services, made.id, 'reconcile.begin', cause.actor, cause.reason, {
    paused: made.paused,
    doubted: made.doubted,
  });
  return made;
}

/**
 * People have compared: the connections that it paused go on, where `resume` says so.
 * @throws HubError CONFLICT when none is under way
 */
export async function endReconciliation(
  tx: Tx,
  services: { clock: Clock; queue: Pick<Queue, 'destinations'> },
  by: { actor: string; reason: string; resume: boolean },
): Promise<{ resumed: string[] }> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('reconcile:' || $1, 0))", [tx.tenantId]);
  const open = await openReconciliation(tx);
  if (open === undefined) throw new HubError('CONFLICT', { message: 'Nothing is being reconciled' });
  await tx.query(
    `UPDATE reconciliation SET ended_at = $3, ended_by = $4, end_reason = $5 WHERE tenant_id = $1 AND id = $2`,
    [tx.tenantId, open.id, services.clock.now(), by.actor, by.reason],
  );
  const resumed: string[] = [];
  if (by.resume) {
    for (const destination of await services.queue.destinations.list(tx)) {
      // One that somebody has resumed and paused again has another reason by now.
      if (!open.paused.includes(destination.name) || destination.pausedReason !== open.reason) continue;
      await services.queue.destinations.resume(tx, destination.name);
      resumed.push(destination.name);
    }
  }
  await audit(tx, services, open.id, 'reconcile.end', by.actor, by.reason, { resumed });
  return { resumed };
}

export type Finding = 'there' | 'differs' | 'absent' | 'several' | 'cannot_tell';

export interface Reconciled {
  position: number;
  deliveryId: string;
  destination: string;
  operation: string;
  key: string;
  naturalKey?: string;
  state: string;
  createdAt: Date;
  idempotency?: IdempotencyClass;
  finding: Finding;
  outsideId?: string;
  /** What the lanes do about it once its destination is resumed. */
  wouldDo: string;
}

export interface ReconcileServices {
  readonly deliverer: Pick<Deliverer, 'prepare' | 'lookup'>;
  /** A transaction of the tenant. */
  tx<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** Per look-up. */
  readonly timeoutMs: number;
}

const lookupsAtOnce = 4;

/**
 * Asks the destinations what they know of deliveries of which the hub does not know whether they arrived. Changes nothing on
 * either side. Look-ups happen outside of any transaction.
 */
export async function checkUnsettled(
  services: ReconcileServices,
  page: { after: number; limit: number },
): Promise<Reconciled[]> {
  const prepared = await services.tx(async (tx) => {
    const found: { delivery: Unsettled; prepared?: Prepared; problem?: string }[] = [];
    for (const delivery of await findUnsettled(tx, page)) found.push(await prepareForLookup(tx, services, delivery));
    return found;
  });
  const checked: Reconciled[] = [];
  const waiting = prepared.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) checked[index] = await check(services, item);
  };
  await Promise.all(Array.from({ length: lookupsAtOnce }, work));
  return checked;
}

/** Prepared as for sending and taken back: no control number is used and nothing is stored for a question. */
async function prepareForLookup(
  tx: Tx,
  services: ReconcileServices,
  delivery: Unsettled,
): Promise<{ delivery: Unsettled; prepared?: Prepared; problem?: string }> {
  await tx.query('SAVEPOINT looked_up');
  try {
    const prepared = (await services.deliverer.prepare(tx, delivery.tenantId, [delivery])).get(delivery.id);
    if (prepared?.skip !== undefined) return { delivery, problem: prepared.skip };
    return prepared === undefined ? { delivery, problem: 'Nothing is made of it' } : { delivery, prepared };
  } catch (error) {
    if (!isHubError(error)) throw error;
    return { delivery, problem: `${error.code}: ${error.message}` };
  } finally {
    await tx.query('ROLLBACK TO SAVEPOINT looked_up');
    await tx.query('RELEASE SAVEPOINT looked_up');
  }
}

async function check(
  services: ReconcileServices,
  item: { delivery: Unsettled; prepared?: Prepared; problem?: string },
): Promise<Reconciled> {
  const { position, id: deliveryId, destination, operation, key, state, createdAt } = item.delivery;
  const facts = { position, deliveryId, destination, operation, key, state, createdAt };
  if (item.prepared === undefined) {
    return { ...facts, finding: 'cannot_tell', wouldDo: `Wait for a person: ${item.problem ?? ''}` };
  }
  const { idempotency, naturalKey } = item.prepared;
  const result = await lookUp(services, item.prepared);
  return { ...facts, idempotency, naturalKey, ...judge(result, idempotency) };
}

async function lookUp(services: ReconcileServices, prepared: Prepared): Promise<LookupResult> {
  try {
    return await services.deliverer.lookup(prepared, AbortSignal.timeout(services.timeoutMs));
  } catch (error) {
    return { kind: 'unavailable', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** The lanes' own rules (reliability classes A to D) in words, for what was found. */
export function judge(
  result: LookupResult,
  idempotency: IdempotencyClass,
): Pick<Reconciled, 'finding' | 'outsideId' | 'wouldDo'> {
  const resend = 'Send it again under the same key, which the destination recognises';
  const harmless = idempotency === 'A' || idempotency === 'B';
  const person = idempotency === 'D' ? 'Wait for a person: the destination cannot tell a repetition' : undefined;
  switch (result.kind) {
    case 'found': {
      const { outsideId } = result;
      if (!result.sameContent)
        return { finding: 'differs', outsideId, wouldDo: harmless ? resend : 'Wait for a person: the content differs' };
      return {
        finding: 'there',
        outsideId,
        wouldDo: person ?? (harmless ? resend : `Confirm it as ${outsideId} without sending`),
      };
    }
    case 'several':
      return {
        finding: 'several',
        outsideId: result.ids.join(', '),
        wouldDo: harmless ? resend : 'Wait for a person: it is there several times',
      };
    case 'none':
      return { finding: 'absent', wouldDo: person ?? (harmless ? 'Send it' : 'Look again, then send it') };
    case 'unavailable':
      return {
        finding: 'cannot_tell',
        wouldDo: person ?? (harmless ? resend : `Look it up again before sending: ${result.detail}`),
      };
  }
}

async function audit(
  tx: Tx,
  services: { clock: Clock },
  id: string,
  action: string,
  actor: string,
  reason: string,
  detail: unknown,
): Promise<void> {
  await recordAudit(tx, services.clock, [{ actor, action, subject: { kind: 'reconciliation', id }, reason, detail }]);
}
