import { type Clock, HubError, isUuid, type Tx, uuidv7 } from '../platform/index.ts';
import { recordAudit } from '../security/index.ts';

/** What a hold names: everything of a partner, of an order, or of a time. */
export type HoldSubject =
  | { kind: 'partner'; partner: string }
  | { kind: 'order'; orderId: string }
  | { kind: 'range'; since: Date; until: Date };

export interface LegalHold {
  id: string;
  kind: HoldSubject['kind'];
  partner?: string;
  orderId?: string;
  since?: Date;
  until?: Date;
  reason: string;
  placedBy: string;
  placedAt: Date;
  releasedBy?: string;
  releasedAt?: Date;
}

interface Row {
  id: string;
  kind: HoldSubject['kind'];
  partner: string | null;
  order_id: string | null;
  since: Date | null;
  until: Date | null;
  reason: string;
  placed_by: string;
  placed_at: Date;
  released_by: string | null;
  released_at: Date | null;
}

const columns = 'id, kind, partner, order_id, since, until, reason, placed_by, placed_at, released_by, released_at';

function holdOf(row: Row): LegalHold {
  return {
    id: row.id,
    kind: row.kind,
    ...(row.partner === null ? {} : { partner: row.partner }),
    ...(row.order_id === null ? {} : { orderId: row.order_id }),
    ...(row.since === null ? {} : { since: row.since }),
    ...(row.until === null ? {} : { until: row.until }),
    reason: row.reason,
    placedBy: row.placed_by,
    placedAt: row.placed_at,
    ...(row.released_by === null ? {} : { releasedBy: row.released_by }),
    ...(row.released_at === null ? {} : { releasedAt: row.released_at }),
  };
}

/**
 * From its commit on nothing that it names is dropped.
 * @throws HubError VALIDATION_FAILED for an empty range, a partner or an order that nothing is known of: a mistyped one
 * would be a hold on nothing
 */
export async function placeHold(
  tx: Tx,
  services: { clock: Clock },
  subject: HoldSubject,
  by: { actor: string; reason: string },
): Promise<LegalHold> {
  if (subject.kind === 'range' && subject.since >= subject.until)
    throw new HubError('VALIDATION_FAILED', { message: 'The range is empty' });
  await refuseUnknown(tx, subject);
  const now = services.clock.now();
  // Waits for a partition that is being dropped, so that it is either gone before this commits, or kept.
  await tx.query("SELECT pg_advisory_xact_lock_shared(hashtextextended('retention', 0))");
  const [row] = await tx.query<Row>(
    `INSERT INTO legal_hold (tenant_id, id, kind, partner, order_id, since, until, reason, placed_by, placed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${columns}`,
    [
      tx.tenantId,
      uuidv7(now.getTime()),
      subject.kind,
      subject.kind === 'partner' ? subject.partner : null,
      subject.kind === 'order' ? subject.orderId : null,
      subject.kind === 'range' ? subject.since : null,
      subject.kind === 'range' ? subject.until : null,
      by.reason,
      by.actor,
      now,
    ],
  );
  const hold = holdOf(row as Row);
  await audit(tx, services, hold, 'hold.place', by);
  return hold;
}

/** Known is whoever has a record, terms, or anything in the ledger: one who was removed may still be sued. */
const knownPartner = `SELECT EXISTS (SELECT FROM customer WHERE account_no = $1)
  OR EXISTS (SELECT FROM supplier WHERE account_no = $1) OR EXISTS (SELECT FROM agreement WHERE partner = $1)
  OR EXISTS (SELECT FROM sales_order WHERE customer = $1) OR EXISTS (SELECT FROM message WHERE partner = $1) AS known`;
const knownOrder = 'SELECT EXISTS (SELECT FROM sales_order WHERE id = $1) AS known';

async function refuseUnknown(tx: Tx, subject: HoldSubject): Promise<void> {
  if (subject.kind === 'range') return;
  const [sql, name] = subject.kind === 'partner' ? [knownPartner, subject.partner] : [knownOrder, subject.orderId];
  const [row] = subject.kind === 'order' && !isUuid(name) ? [] : await tx.query<{ known: boolean }>(sql, [name]);
  if (row?.known === true) return;
  const [pointer, what] =
    subject.kind === 'partner'
      ? ['/partner', 'partner has this account number, and the ledger holds nothing of it']
      : ['/orderId', 'order has this id'];
  throw new HubError('VALIDATION_FAILED', {
    errors: [{ pointer, code: 'unknown', message: `no ${what}: the hold would keep nothing` }],
  });
}

/** @throws HubError NOT_FOUND, CONFLICT (released before) */
export async function releaseHold(
  tx: Tx,
  services: { clock: Clock },
  id: string,
  by: { actor: string; reason: string },
): Promise<LegalHold> {
  const [known] = isUuid(id)
    ? await tx.query<Row>(`SELECT ${columns} FROM legal_hold WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, [
        tx.tenantId,
        id,
      ])
    : [];
  if (known === undefined) throw new HubError('NOT_FOUND', { message: `There is no hold ${id}` });
  if (known.released_at !== null) throw new HubError('CONFLICT', { message: 'The hold has been released' });
  const [row] = await tx.query<Row>(
    `UPDATE legal_hold SET released_by = $3, released_at = $4, release_reason = $5
     WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [tx.tenantId, id, by.actor, services.clock.now(), by.reason],
  );
  const hold = holdOf(row as Row);
  await audit(tx, services, hold, 'hold.release', by);
  return hold;
}

/** Newest first; those that stand, or all. */
export async function listHolds(tx: Tx, filter: { standing?: boolean; limit: number }): Promise<LegalHold[]> {
  const rows = await tx.query<Row>(
    `SELECT ${columns} FROM legal_hold WHERE tenant_id = $1 AND ($2::boolean IS NOT TRUE OR released_at IS NULL)
     ORDER BY id DESC LIMIT $3`,
    [tx.tenantId, filter.standing ?? null, filter.limit],
  );
  return rows.map(holdOf);
}

async function audit(
  tx: Tx,
  services: { clock: Clock },
  hold: LegalHold,
  action: string,
  by: { actor: string; reason: string },
): Promise<void> {
  const { kind, partner, orderId, since, until } = hold;
  await recordAudit(tx, services.clock, [
    {
      actor: by.actor,
      action,
      subject: { kind: 'hold', id: hold.id },
      reason: by.reason,
      detail: { kind, partner, orderId, since, until },
    },
  ]);
}
