import { type Tx, uuidv7 } from '../platform/index.ts';

export type DocumentState =
  | 'translated'
  | 'held'
  | 'duplicate'
  | 'rejected'
  | 'ignored'
  | 'unrouted'
  | 'planned'
  | 'rendered'
  | 'sent'
  | 'failed';

export type AckState = 'none' | 'awaiting' | 'accepted' | 'accepted_with_errors' | 'rejected' | 'overdue';

/** One business document: an X12 transaction set or EDIFACT message, in or out. */
export interface Document {
  id: string;
  messageId?: string;
  direction: 'in' | 'out';
  ordinal: number;
  standard: string;
  version: string;
  type: string;
  agreement?: string;
  partner?: string;
  /** GS01. */
  functionalId: string;
  /** ISA13, GS06, ST02 (UNB 0020, UNG 0048, UNH 0062). EDIFACT that we send has no group: there UNB 0020 stands for it. */
  interchangeControl: string;
  groupControl: string;
  control: string;
  verdict?: string;
  issues?: unknown[];
  state: DocumentState;
  reason?: string;
  entityKind?: string;
  entityId?: string;
  canonical?: unknown;
  correlationId: string;
  dedupeKey?: string;
  ackState: AckState;
  ackDueAt?: string;
  ackMessageId?: string;
  ackNotes?: unknown;
  recordedAt: string;
  settledAt?: string;
}

export type NewDocument = Omit<
  Document,
  'id' | 'recordedAt' | 'settledAt' | 'ackState' | 'functionalId' | 'interchangeControl' | 'groupControl' | 'control'
> & {
  id?: string;
  functionalId?: string;
  interchangeControl?: string;
  groupControl?: string;
  control?: string;
};

/** At most this many issues of a document are kept with it; the raw bytes give the rest again. */
const issuesKept = 200;

const insertStatement = {
  name: 'exchange-insert-documents',
  text: `INSERT INTO document (id, tenant_id, message_id, direction, ordinal, standard, version, type, agreement, partner,
      functional_id, interchange_control, group_control, control, verdict, issues, state, reason, entity_kind, entity_id,
      canonical, correlation_id, dedupe_key, recorded_at)
    SELECT id, current_setting('crossdock.tenant'), "messageId", direction, ordinal, standard, version, type, agreement,
      partner, coalesce("functionalId", ''), coalesce("interchangeControl", ''), coalesce("groupControl", ''),
      coalesce(control, ''), verdict, issues, state, reason, "entityKind", "entityId", canonical, "correlationId",
      "dedupeKey", now()
    FROM jsonb_to_recordset($1) AS d(id uuid, "messageId" uuid, direction text, ordinal integer, standard text,
      version text, type text, agreement text, partner text, "functionalId" text, "interchangeControl" text,
      "groupControl" text, control text, verdict text, issues jsonb, state text, reason text, "entityKind" text,
      "entityId" text, canonical jsonb, "correlationId" text, "dedupeKey" text)`,
};

export async function insertDocuments(tx: Tx, documents: readonly NewDocument[]): Promise<string[]> {
  if (documents.length === 0) return [];
  const rows = documents.map((document) => ({
    ...document,
    id: document.id ?? uuidv7(),
    issues: document.issues?.slice(0, issuesKept),
  }));
  await tx.query(insertStatement, [JSON.stringify(rows)]);
  return rows.map((row) => row.id);
}

/**
 * Plans a document that may go out once only (`dedupeKey`, e.g. `855:<order>`): its canonical content is fixed now, and
 * the delivery that refers to it renders it later. A key that was planned before returns that document's id.
 */
export async function planDocuments(
  tx: Tx,
  documents: readonly (NewDocument & { dedupeKey: string })[],
): Promise<{ id: string; planned: boolean }[]> {
  if (documents.length === 0) return [];
  const rows = documents.map((document) => ({ ...document, id: document.id ?? uuidv7() }));
  const claims = rows
    .map((row) => ({ key: row.dedupeKey, id: row.id }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const stored = await tx.query<{ dedupe_key: string; document_id: string }>(
    {
      name: 'exchange-plan-documents',
      text: `WITH wanted AS (SELECT DISTINCT ON (key) key, id FROM jsonb_to_recordset($1) AS c(key text, id uuid) ORDER BY key, id),
        made AS (
          INSERT INTO document_once (tenant_id, dedupe_key, document_id)
          SELECT current_setting('crossdock.tenant'), key, id FROM wanted ORDER BY key
          ON CONFLICT (tenant_id, dedupe_key) DO NOTHING RETURNING dedupe_key, document_id)
        SELECT dedupe_key, document_id FROM made
        UNION ALL
        SELECT o.dedupe_key, o.document_id FROM document_once o JOIN wanted w ON o.dedupe_key = w.key
        WHERE o.tenant_id = current_setting('crossdock.tenant')`,
    },
    [JSON.stringify(claims)],
  );
  const idByKey = new Map(stored.map((row) => [row.dedupe_key, row.document_id]));
  const results = rows.map((row) => {
    // Absent when a concurrent transaction committed the key meanwhile: then it is planned, by somebody else.
    const id = idByKey.get(row.dedupeKey);
    return { id: id ?? row.id, planned: id === row.id };
  });
  const fresh = rows.filter((_, index) => results[index]?.planned);
  await insertDocuments(tx, fresh);
  return results;
}

export interface DocumentChange {
  id: string;
  state: DocumentState;
  reason?: string;
  messageId?: string;
  version?: string;
  functionalId?: string;
  interchangeControl?: string;
  groupControl?: string;
  control?: string;
  entityKind?: string;
  entityId?: string;
  canonical?: unknown;
  ackWithinMinutes?: number;
}

export async function changeDocuments(tx: Tx, changes: readonly DocumentChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(
    {
      name: 'exchange-change-documents',
      text: `UPDATE document d SET state = c.state, reason = c.reason,
          message_id = coalesce(c."messageId", d.message_id), version = coalesce(c.version, d.version),
          functional_id = coalesce(c."functionalId", d.functional_id),
          interchange_control = coalesce(c."interchangeControl", d.interchange_control),
          group_control = coalesce(c."groupControl", d.group_control), control = coalesce(c.control, d.control),
          entity_kind = coalesce(c."entityKind", d.entity_kind), entity_id = coalesce(c."entityId", d.entity_id),
          canonical = coalesce(c.canonical, d.canonical),
          ack_within_minutes = coalesce(c."ackWithinMinutes", d.ack_within_minutes),
          settled_at = CASE WHEN c.state IN ('held', 'planned', 'rendered') THEN NULL ELSE now() END
        FROM jsonb_to_recordset($1) AS c(id uuid, state text, reason text, "messageId" uuid, version text,
          "functionalId" text, "interchangeControl" text, "groupControl" text, control text, "entityKind" text,
          "entityId" text, canonical jsonb, "ackWithinMinutes" integer)
        WHERE d.id = c.id`,
    },
    [JSON.stringify(changes)],
  );
}

/**
 * Records what became of the documents in outputs that were handed over (`sent`) or given up on (`failed`). Where an
 * acknowledgment is expected its clock starts at `now`; one that came before we knew of the hand-over stays.
 */
export async function settleDocuments(
  tx: Tx,
  now: Date,
  outputs: readonly { messageId: string; state: 'sent' | 'failed'; reason?: string }[],
): Promise<Document[]> {
  if (outputs.length === 0) return [];
  const rows = await tx.query<DocumentRecord>(
    {
      name: 'exchange-settle-documents',
      text: `UPDATE document d SET state = c.state, reason = c.reason, settled_at = $2,
          ack_state = CASE WHEN c.state = 'sent' AND d.ack_state = 'none' AND d.ack_within_minutes IS NOT NULL
            THEN 'awaiting' ELSE d.ack_state END,
          ack_due_at = CASE WHEN c.state = 'sent' AND d.ack_within_minutes IS NOT NULL AND d.ack_due_at IS NULL
            THEN $2::timestamptz + make_interval(mins => d.ack_within_minutes) ELSE d.ack_due_at END
        FROM jsonb_to_recordset($1) AS c("messageId" uuid, state text, reason text)
        WHERE d.message_id = c."messageId" AND d.direction = 'out' AND d.state IN ('rendered', 'failed')
        RETURNING d.*`,
    },
    [JSON.stringify(outputs), now],
  );
  return rows.map(documentFrom);
}

export interface DocumentRecord {
  id: string;
  message_id: string | null;
  direction: 'in' | 'out';
  ordinal: number;
  standard: string;
  version: string;
  type: string;
  agreement: string | null;
  partner: string | null;
  functional_id: string;
  interchange_control: string;
  group_control: string;
  control: string;
  verdict: string | null;
  issues: unknown[] | null;
  state: DocumentState;
  reason: string | null;
  entity_kind: string | null;
  entity_id: string | null;
  canonical: unknown;
  correlation_id: string;
  dedupe_key: string | null;
  ack_state: AckState;
  ack_due_at: Date | null;
  ack_message_id: string | null;
  ack_notes: unknown;
  recorded_at: Date;
  settled_at: Date | null;
}

export function documentFrom(row: DocumentRecord): Document {
  return {
    id: row.id,
    messageId: row.message_id ?? undefined,
    direction: row.direction,
    ordinal: row.ordinal,
    standard: row.standard,
    version: row.version,
    type: row.type,
    agreement: row.agreement ?? undefined,
    partner: row.partner ?? undefined,
    functionalId: row.functional_id,
    interchangeControl: row.interchange_control,
    groupControl: row.group_control,
    control: row.control,
    verdict: row.verdict ?? undefined,
    issues: row.issues ?? undefined,
    state: row.state,
    reason: row.reason ?? undefined,
    entityKind: row.entity_kind ?? undefined,
    entityId: row.entity_id ?? undefined,
    canonical: row.canonical ?? undefined,
    correlationId: row.correlation_id,
    dedupeKey: row.dedupe_key ?? undefined,
    ackState: row.ack_state,
    ackDueAt: row.ack_due_at?.toISOString(),
    ackMessageId: row.ack_message_id ?? undefined,
    ackNotes: row.ack_notes ?? undefined,
    recordedAt: row.recorded_at.toISOString(),
    settledAt: row.settled_at?.toISOString(),
  };
}

export interface DocumentFilter {
  ids?: readonly string[];
  messageIds?: readonly string[];
  direction?: 'in' | 'out';
  type?: string;
  agreement?: string;
  state?: DocumentState;
  correlationId?: string;
  entity?: { kind: string; id: string };
  /** A control number of the interchange, the group or the document, with or without leading zeroes. */
  control?: string;
  before?: string;
  limit?: number;
}

/** Documents that match, oldest first within a message, otherwise newest first. */
export async function listDocuments(tx: Tx, filter: DocumentFilter): Promise<Document[]> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replaceAll('?', `$${values.length}`));
  };
  where('id = ANY(?::uuid[])', filter.ids);
  where('message_id = ANY(?::uuid[])', filter.messageIds);
  where('direction = ?', filter.direction);
  where('type = ?', filter.type);
  where('agreement = ?', filter.agreement);
  where('state = ?', filter.state);
  where('correlation_id = ?', filter.correlationId);
  where('entity_kind = ?', filter.entity?.kind);
  where('entity_id = ?', filter.entity?.id);
  where(
    "(ltrim(interchange_control, '0') = ltrim(?, '0') OR ltrim(group_control, '0') = ltrim(?, '0') OR ltrim(control, '0') = ltrim(?, '0'))",
    filter.control,
  );
  where('id < ?', filter.before);
  values.push(Math.min(filter.limit ?? 1000, 10_000));
  const order = filter.messageIds === undefined ? 'id DESC' : 'message_id, ordinal';
  const rows = await tx.query<DocumentRecord>(
    `SELECT * FROM document WHERE tenant_id = current_setting('crossdock.tenant')
      ${conditions.map((condition) => `AND ${condition}`).join(' ')} ORDER BY ${order} LIMIT $${values.length}`,
    values,
  );
  return rows.map(documentFrom);
}

/** The document that each of these orders came in by; orders of other doors are left out. The first one counts. */
export async function orderDocuments(tx: Tx, orderIds: readonly string[]): Promise<Map<string, Document>> {
  if (orderIds.length === 0) return new Map();
  const rows = await tx.query<DocumentRecord & { entity_id: string }>(
    {
      name: 'exchange-order-documents',
      text: `SELECT DISTINCT ON (entity_id) * FROM document WHERE tenant_id = current_setting('crossdock.tenant')
        AND entity_kind = 'order' AND entity_id = ANY($1::text[]) AND direction = 'in' AND state = 'translated'
        ORDER BY entity_id, id`,
    },
    [orderIds],
  );
  return new Map(rows.map((row) => [row.entity_id, documentFrom(row)]));
}

/**
 * A person took a repeated purchase order as a new one: the document it came in by now stands for that order, so that the
 * partner is answered for it.
 */
export async function adoptDocument(
  tx: Tx,
  accepted: { messageId: string; customerPo: string; orderId: string },
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE document SET state = 'translated', reason = 'Accepted as a new order', entity_kind = 'order', entity_id = $3,
        settled_at = now()
      WHERE message_id = $1 AND direction = 'in' AND state = 'duplicate' AND canonical ->> 'customerPo' = $2 RETURNING 1`,
    [accepted.messageId, accepted.customerPo, accepted.orderId],
  );
  return rows.length > 0;
}

/** Which of these keys have been planned. */
export async function plannedKeys(tx: Tx, dedupeKeys: readonly string[]): Promise<Set<string>> {
  if (dedupeKeys.length === 0) return new Set();
  const rows = await tx.query<{ dedupe_key: string }>(
    {
      name: 'exchange-planned-keys',
      text: `SELECT dedupe_key FROM document_once WHERE tenant_id = current_setting('crossdock.tenant') AND dedupe_key = ANY($1::text[])`,
    },
    [dedupeKeys],
  );
  return new Set(rows.map((row) => row.dedupe_key));
}
