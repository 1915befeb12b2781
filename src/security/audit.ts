import { createHash } from 'node:crypto';
import type { Clock, Tx } from '../platform/index.ts';

export interface AuditRecord {
  readonly actor: string;
  /** As in the action catalog, or `verb.noun` of an action on an exception. */
  readonly action: string;
  readonly subject: { readonly kind: string; readonly id: string };
  readonly reason?: string | undefined;
  /** What was asked for and what changed; never secrets. */
  readonly detail?: unknown;
}

export interface AuditEntry extends AuditRecord {
  readonly sequence: number;
  readonly at: Date;
  readonly hash: string;
}

interface AuditRow {
  sequence: number;
  at: Date;
  actor: string;
  action: string;
  subject_kind: string;
  subject_id: string;
  reason: string | null;
  detail: string | null;
  previous_hash: Buffer;
  hash: Buffer;
}

const genesis = Buffer.alloc(32);

function hashOf(row: Omit<AuditRow, 'hash'>): Buffer {
  // An array, so that no two different entries have the same text.
  const text = JSON.stringify([
    row.sequence,
    row.at.toISOString(),
    row.actor,
    row.action,
    row.subject_kind,
    row.subject_id,
    row.reason,
    row.detail,
  ]);
  return createHash('sha256').update(row.previous_hash).update(text).digest();
}

/**
 * Adds entries to the tenant's chain, in the transaction of what they tell of: the deed and its record commit
 * together or not at all. Appenders of one tenant queue on an advisory lock until their transaction ends, so that
 * the chain has no forks; call it last in a transaction.
 */
export async function recordAudit(tx: Tx, clock: Clock, records: readonly AuditRecord[]): Promise<void> {
  if (records.length === 0) return;
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('audit:' || current_setting('crossdock.tenant'), 0))");
  const [last] = await tx.query<Pick<AuditRow, 'sequence' | 'hash'>>(
    'SELECT sequence, hash FROM audit_entry ORDER BY sequence DESC LIMIT 1',
  );
  let sequence = last?.sequence ?? 0;
  let previous = last?.hash ?? genesis;
  for (const record of records) {
    sequence += 1;
    const row = {
      sequence,
      at: clock.now(),
      actor: record.actor,
      action: record.action,
      subject_kind: record.subject.kind,
      subject_id: record.subject.id,
      reason: record.reason ?? null,
      detail: record.detail === undefined ? null : JSON.stringify(record.detail),
      previous_hash: previous,
    };
    const hash = hashOf(row);
    await tx.query(
      `INSERT INTO audit_entry (tenant_id, sequence, at, actor, action, subject_kind, subject_id, reason, detail, previous_hash, hash)
       VALUES (current_setting('crossdock.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        row.sequence,
        row.at,
        row.actor,
        row.action,
        row.subject_kind,
        row.subject_id,
        row.reason,
        row.detail,
        previous,
        hash,
      ],
    );
    previous = hash;
  }
}

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subjectId?: string | undefined;
  /** Entries before this sequence, newest first. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export async function listAudit(tx: Tx, filter: AuditFilter): Promise<AuditEntry[]> {
  const rows = await tx.query<AuditRow>(
    `SELECT sequence, at, actor, action, subject_kind, subject_id, reason, detail, previous_hash, hash FROM audit_entry
     WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2) AND ($3::text IS NULL OR subject_id = $3)
       AND ($4::bigint IS NULL OR sequence < $4)
     ORDER BY sequence DESC LIMIT $5`,
    [filter.actor ?? null, filter.action ?? null, filter.subjectId ?? null, filter.before ?? null, filter.limit],
  );
  return rows.map((row) => ({
    sequence: row.sequence,
    at: row.at,
    actor: row.actor,
    action: row.action,
    subject: { kind: row.subject_kind, id: row.subject_id },
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.detail === null ? {} : { detail: JSON.parse(row.detail) as unknown }),
    hash: row.hash.toString('hex'),
  }));
}

/**
 * Walks the tenant's whole chain.
 * @returns the length and the last hash (to compare with an anchor kept elsewhere), or the first sequence that does not fit.
 */
export async function verifyAudit(
  tx: Tx,
): Promise<{ ok: true; entries: number; head: string } | { ok: false; brokenAt: number }> {
  let previous: Buffer = genesis;
  let sequence = 0;
  for (;;) {
    const rows = await tx.query<AuditRow>(
      `SELECT sequence, at, actor, action, subject_kind, subject_id, reason, detail, previous_hash, hash FROM audit_entry
       WHERE sequence > $1 ORDER BY sequence LIMIT 1000`,
      [sequence],
    );
    for (const row of rows) {
      const fits = row.sequence === sequence + 1 && row.previous_hash.equals(previous) && hashOf(row).equals(row.hash);
      if (!fits) return { ok: false, brokenAt: sequence + 1 };
      previous = row.hash;
      sequence = row.sequence;
    }
    if (rows.length === 0) return { ok: true, entries: sequence, head: previous.toString('hex') };
  }
}
