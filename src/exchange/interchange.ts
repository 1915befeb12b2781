import { type Tx, uuidv7 } from '../platform/index.ts';

/** One interchange as it was seen or sent. Addresses are `qualifier:id` without trailing spaces. */
export interface Interchange {
  id: string;
  messageId: string;
  direction: 'in' | 'out';
  ordinal: number;
  standard: string;
  sender: string;
  receiver: string;
  usage: string;
  control: string;
  /** Hex, of the interchange's own bytes. */
  sha256: string;
  agreement?: string;
  outcome: 'held' | 'processed' | 'duplicate' | 'rejected' | 'sent';
  reason?: string;
  acknowledgmentId?: string;
  recordedAt: Date;
}

export type NewInterchange = Omit<Interchange, 'id' | 'recordedAt'>;

interface InterchangeRecord {
  id: string;
  message_id: string;
  direction: 'in' | 'out';
  ordinal: number;
  standard: string;
  sender: string;
  receiver: string;
  usage: string;
  control: string;
  sha256: string;
  agreement: string | null;
  outcome: Interchange['outcome'];
  reason: string | null;
  acknowledgment_id: string | null;
  recorded_at: Date;
}

const columns = `id, message_id, direction, ordinal, standard, sender, receiver, usage, control,
  encode(sha256, 'hex') AS sha256, agreement, outcome, reason, acknowledgment_id, recorded_at`;

function fromRecord(row: InterchangeRecord): Interchange {
  return {
    id: row.id,
    messageId: row.message_id,
    direction: row.direction,
    ordinal: row.ordinal,
    standard: row.standard,
    sender: row.sender,
    receiver: row.receiver,
    usage: row.usage,
    control: row.control,
    sha256: row.sha256,
    agreement: row.agreement ?? undefined,
    outcome: row.outcome,
    reason: row.reason ?? undefined,
    acknowledgmentId: row.acknowledgment_id ?? undefined,
    recordedAt: row.recorded_at,
  };
}

export async function recordInterchange(tx: Tx, interchange: NewInterchange): Promise<string> {
  const id = uuidv7();
  await tx.query(
    {
      name: 'exchange-record-interchange',
      text: `INSERT INTO interchange (id, tenant_id, message_id, direction, ordinal, standard, sender, receiver, usage,
          control, sha256, agreement, outcome, reason, acknowledgment_id, recorded_at)
        VALUES ($1, current_setting('crossdock.tenant'), $2, $3, $4, $5, $6, $7, $8, $9, decode($10, 'hex'), $11, $12, $13, $14, now())`,
    },
    [
      id,
      interchange.messageId,
      interchange.direction,
      interchange.ordinal,
      interchange.standard,
      interchange.sender,
      interchange.receiver,
      interchange.usage,
      interchange.control,
      interchange.sha256,
      interchange.agreement ?? null,
      interchange.outcome,
      interchange.reason ?? null,
      interchange.acknowledgmentId ?? null,
    ],
  );
  return id;
}

export async function changeInterchange(
  tx: Tx,
  id: string,
  change: Pick<Interchange, 'outcome'> & Partial<Pick<Interchange, 'agreement' | 'reason' | 'acknowledgmentId'>>,
): Promise<void> {
  await tx.query(
    {
      name: 'exchange-change-interchange',
      text: `UPDATE interchange SET outcome = $2, agreement = coalesce($3, agreement), reason = $4,
          acknowledgment_id = coalesce($5, acknowledgment_id)
        WHERE tenant_id = current_setting('crossdock.tenant') AND id = $1`,
    },
    [id, change.outcome, change.agreement ?? null, change.reason ?? null, change.acknowledgmentId ?? null],
  );
}

/** The interchanges recorded for a message, in the order of the file. */
export async function interchangesOf(tx: Tx, messageId: string): Promise<Interchange[]> {
  const rows = await tx.query<InterchangeRecord>(
    {
      name: 'exchange-interchanges-of',
      text: `SELECT ${columns} FROM interchange
        WHERE tenant_id = current_setting('crossdock.tenant') AND message_id = $1 ORDER BY ordinal`,
    },
    [messageId],
  );
  return rows.map(fromRecord);
}

/**
 * An earlier interchange that this one repeats, judged by outcome: one that was held, refused or itself a duplicate
 * does not block a resend. `exact` has the same bytes, `control` only the same ISA13 within the policy's days.
 */
export async function findEarlier(
  tx: Tx,
  wanted: Pick<Interchange, 'standard' | 'sender' | 'receiver' | 'usage' | 'control' | 'sha256'> & {
    since: Date;
    /** The one being judged. */
    notMessage: string;
    notOrdinal: number;
  },
): Promise<{ exact?: Interchange; control?: Interchange }> {
  const rows = await tx.query<InterchangeRecord>(
    {
      name: 'exchange-find-earlier-interchange',
      text: `SELECT ${columns} FROM interchange
        WHERE tenant_id = current_setting('crossdock.tenant') AND direction = 'in' AND outcome = 'processed'
          AND standard = $1 AND sender = $2 AND receiver = $3 AND usage = $4 AND control = $5 AND recorded_at >= $6
          AND NOT (message_id = $7 AND ordinal = $8)
        ORDER BY recorded_at DESC LIMIT 20`,
    },
    [
      wanted.standard,
      wanted.sender,
      wanted.receiver,
      wanted.usage,
      wanted.control,
      wanted.since,
      wanted.notMessage,
      wanted.notOrdinal,
    ],
  );
  const found = rows.map(fromRecord);
  return { exact: found.find((row) => row.sha256 === wanted.sha256), control: found[0] };
}

/** Messages with interchanges between these addresses that wait for an agreement; oldest first. */
export async function heldInterchangeMessages(
  tx: Tx,
  them: { qualifier: string; id: string },
  us: { qualifier: string; id: string },
): Promise<string[]> {
  const rows = await tx.query<{ message_id: string }>(
    `SELECT DISTINCT message_id FROM interchange WHERE tenant_id = current_setting('crossdock.tenant')
      AND direction = 'in' AND outcome = 'held' AND sender = $1 AND receiver = $2 ORDER BY message_id LIMIT 1000`,
    [addressText(them), addressText(us)],
  );
  return rows.map((row) => row.message_id);
}

/** `qualifier:id`, without the spaces that fixed-width headers add. */
export function addressText(address: { qualifier: string; id: string }): string {
  return `${address.qualifier.trim()}:${address.id.trimEnd()}`;
}

/**
 * Lets one transaction at a time judge the interchanges of a sender, so that two copies that arrive together cannot both
 * find that there is no earlier one. Released at the end of the transaction.
 */
export async function lockSender(tx: Tx, sender: string, receiver: string): Promise<void> {
  await tx.query(
    {
      name: 'exchange-lock-sender',
      text: `SELECT pg_advisory_xact_lock(hashtextextended(current_setting('crossdock.tenant') || '|' || $1 || '|' || $2, 40))`,
    },
    [sender, receiver],
  );
}
