import { hash } from 'node:crypto';
import { type Statement, type StatementGroup, type Tx, uuidv7 } from '../platform/index.ts';
import { claimDedupeKeys, findConflicts } from './dedupe-arrivals.ts';
import { insertMessages, type MessageRow, messageStatements } from './insert-messages.ts';

export type MessageState =
  | 'received'
  | 'processed'
  | 'held'
  | 'rejected'
  | 'duplicate'
  | 'ignored'
  | 'refused'
  /** An edited copy, its child, is worked in its place. */
  | 'superseded'
  | 'ready'
  | 'sent'
  | 'failed';

/** A payload as it came in. `bytes` are archived as they are and never change. */
export interface InboundMessage {
  id?: string;
  /** `api`, `csv`, `webhook`, `edi-http`, `edi-folder`. */
  channel: string;
  /** Connector type and id of the connection a webhook belongs to. */
  connector?: string;
  connection?: string;
  /** Account number of the partner where the door knows it. */
  partner?: string;
  topic?: string;
  contentType: string;
  fileName?: string;
  bytes: Uint8Array;
  /** Of the bytes, where the caller has it already. */
  sha256?: Uint8Array;
  correlationId?: string;
  traceparent?: string;
  actor?: string;
  test?: boolean;
  /** The message that this one is an edited copy of. */
  inReplyTo?: string;
  /** Of an edited copy: the partner that the door of the first message knew. */
  doorPartner?: string;
  /** What makes two arrivals one: a webhook id, a file's identity. Without it every arrival is a message of its own. */
  dedupeKey?: string;
  /** `received` (default) waits for translation; doors that process at once say `processed`; `refused` keeps evidence. */
  state?: 'received' | 'processed' | 'refused';
  reason?: string;
  receivedAt?: Date;
}

export interface ReceivedMessage {
  id: string;
  correlationId: string;
  /** Set when this arrival repeats an earlier one; nothing was stored and nothing must be done. */
  duplicateOf?: string;
  /**
   * Set when it repeats the key of an earlier one and not its bytes: where these are kept, for a person to look at. Nothing
   * must be done with them.
   */
  conflictId?: string;
}

export interface OutputMessage {
  id?: string;
  channel: string;
  connector?: string;
  connection?: string;
  partner?: string;
  topic?: string;
  contentType: string;
  fileName?: string;
  bytes: Uint8Array;
  correlationId: string;
  traceparent?: string;
  inReplyTo?: string;
  deliveryId?: string;
  naturalKey?: string;
  test?: boolean;
  /** `ready` (default) until its delivery is settled; `sent` for what goes out with the intent that records it. */
  state?: 'ready' | 'sent';
  recordedAt?: Date;
}

export interface StoredMessage {
  id: string;
  direction: 'in' | 'out';
  channel: string;
  connector?: string;
  connection?: string;
  /** By what it holds, once that has been read; until then by its door. */
  partner?: string;
  /** Where the door knew one. */
  doorPartner?: string;
  topic?: string;
  contentType: string;
  fileName?: string;
  /** Hex. */
  sha256: string;
  byteSize: number;
  correlationId: string;
  traceparent?: string;
  actor?: string;
  test: boolean;
  state: MessageState;
  reason?: string;
  inReplyTo?: string;
  deliveryId?: string;
  naturalKey?: string;
  receivedAt: string;
  settledAt?: string;
  /** Processes that found it left behind by another and began to translate it. */
  tries: number;
}

/**
 * Archives payloads with their SHA-256 in the caller's transaction. An arrival whose `dedupeKey` is already known is
 * answered with the first one's id; one that was only refused does not block its own resend.
 */
export async function receive(tx: Tx, messages: readonly InboundMessage[]): Promise<ReceivedMessage[]> {
  const { rows, results } = await claimed(tx, messages);
  await insertMessages(tx, rows);
  return results;
}

/** The first half of `receive`: claims the keys, and answers what writes the messages and what is told of them. */
export async function claimArrivals(
  tx: Tx,
  messages: readonly InboundMessage[],
): Promise<{ statements: Statement[]; results: ReceivedMessage[] }> {
  const { rows, results } = await claimed(tx, messages);
  return { statements: messageStatements(rows), results };
}

/** As `receive`, for arrivals that carry no key of their own: nothing has to be asked before they are written. */
export function newArrivals(messages: readonly Omit<InboundMessage, 'dedupeKey'>[]): StatementGroup<ReceivedMessage[]> {
  const ids = messages.map((message) => message.id ?? uuidv7());
  const { rows, results } = arrived(messages, ids, new Map());
  return { statements: messageStatements(rows), read: () => results };
}

async function claimed(tx: Tx, messages: readonly InboundMessage[]): Promise<ReturnType<typeof arrived>> {
  const ids = messages.map((message) => message.id ?? uuidv7());
  const duplicates = await claimDedupeKeys(tx, messages, ids);
  return arrived(messages, ids, duplicates, await findConflicts(tx, messages, ids, duplicates));
}

function arrived(
  messages: readonly InboundMessage[],
  ids: readonly string[],
  duplicates: ReadonlyMap<number, string>,
  conflicts: ReadonlySet<number> = new Set(),
): { rows: MessageRow[]; results: ReceivedMessage[] } {
  const rows: MessageRow[] = [];
  const results: ReceivedMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const id = ids[index] as string;
    const duplicateOf = duplicates.get(index);
    const correlationId = message.correlationId ?? id;
    const isConflict = conflicts.has(index);
    if (duplicateOf === undefined) results.push({ id, correlationId });
    else results.push({ id: duplicateOf, correlationId, duplicateOf, ...(isConflict ? { conflictId: id } : {}) });
    if (duplicateOf !== undefined && !isConflict) continue;
    const { bytes } = message;
    const settled = isConflict ? { state: 'rejected' as const, reason: 'CONFLICTING_DUPLICATE' } : {};
    rows.push({
      id,
      direction: 'in',
      bytes,
      sha256: message.sha256 ?? sha256(bytes),
      fields: { ...message, correlationId, state: message.state ?? 'received', ...settled },
    });
  }
  return { rows, results };
}

/** Stores what we are about to send, in the transaction that intends it. Returns the ids. */
export async function recordOutputs(tx: Tx, outputs: readonly OutputMessage[]): Promise<string[]> {
  const rows = outputs.map(
    (output): MessageRow => ({
      id: output.id ?? uuidv7(),
      direction: 'out',
      bytes: output.bytes,
      sha256: sha256(output.bytes),
      fields: { ...output, state: output.state ?? 'ready' },
    }),
  );
  await insertMessages(tx, rows);
  return rows.map((row) => row.id);
}

interface MessageRecord {
  id: string;
  direction: 'in' | 'out';
  channel: string;
  connector: string | null;
  connection: string | null;
  partner: string | null;
  topic: string | null;
  content_type: string;
  file_name: string | null;
  sha256: string;
  byte_size: number;
  correlation_id: string;
  traceparent: string | null;
  actor: string | null;
  test: boolean;
  state: MessageState;
  reason: string | null;
  in_reply_to: string | null;
  delivery_id: string | null;
  natural_key: string | null;
  received_at: Date;
  settled_at: Date | null;
  tries: number;
  door_partner: string | null;
  body?: Buffer | null;
}

const columns = `id, direction, channel, connector, connection, partner, topic, content_type, file_name,
  encode(sha256, 'hex') AS sha256, byte_size, correlation_id, traceparent, actor, test, state, reason, in_reply_to,
  delivery_id, natural_key, received_at, settled_at, tries, door_partner`;

function fromRecord(row: MessageRecord): StoredMessage {
  return {
    id: row.id,
    direction: row.direction,
    channel: row.channel,
    connector: row.connector ?? undefined,
    connection: row.connection ?? undefined,
    partner: row.partner ?? undefined,
    doorPartner: row.door_partner ?? undefined,
    topic: row.topic ?? undefined,
    contentType: row.content_type,
    fileName: row.file_name ?? undefined,
    sha256: row.sha256,
    byteSize: row.byte_size,
    correlationId: row.correlation_id,
    traceparent: row.traceparent ?? undefined,
    actor: row.actor ?? undefined,
    test: row.test,
    state: row.state,
    reason: row.reason ?? undefined,
    inReplyTo: row.in_reply_to ?? undefined,
    deliveryId: row.delivery_id ?? undefined,
    naturalKey: row.natural_key ?? undefined,
    receivedAt: row.received_at.toISOString(),
    settledAt: row.settled_at?.toISOString(),
    tries: row.tries,
  };
}

/** Messages with their bytes, whole. Many large ones are too much at once: `loadForTranslation` leaves them out. */
export async function loadMessages(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, StoredMessage & { bytes: Uint8Array }>> {
  const loaded = new Map<string, StoredMessage & { bytes: Uint8Array }>();
  for (const [id, message] of await loadForTranslation(tx, ids))
    loaded.set(id, { ...message, bytes: message.bytes ?? (await loadBytes(tx, id)) });
  return loaded;
}

/** Messages with their bytes where these are few; those of a larger one are `loadBytes`, one message after the other. */
export async function loadForTranslation(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, StoredMessage & { bytes: Uint8Array | undefined }>> {
  const rows = await tx.query<MessageRecord>(
    { name: 'exchange-load-messages', text: `SELECT ${columns}, body FROM message WHERE id = ANY($1::uuid[])` },
    [ids],
  );
  return new Map(rows.map((row) => [row.id, { ...fromRecord(row), bytes: row.body ?? undefined }]));
}

/** The bytes of a message that lie in chunks. */
export async function loadBytes(tx: Tx, id: string): Promise<Uint8Array> {
  return Buffer.concat(await chunksOf(tx, id));
}

/** Messages without their bytes. */
export async function loadMessageStates(tx: Tx, ids: readonly string[]): Promise<StoredMessage[]> {
  if (ids.length === 0) return [];
  const rows = await tx.query<MessageRecord>(
    {
      name: 'exchange-load-message-states',
      text: `SELECT ${columns} FROM message WHERE id = ANY($1::uuid[]) ORDER BY id`,
    },
    [ids],
  );
  return rows.map(fromRecord);
}

async function chunksOf(tx: Tx, id: string): Promise<Buffer[]> {
  const rows = await tx.query<{ bytes: Buffer }>(
    { name: 'exchange-load-chunks', text: 'SELECT bytes FROM message_chunk WHERE id = $1 ORDER BY ordinal' },
    [id],
  );
  return rows.map((row) => row.bytes);
}

export interface MessageFilter {
  ids?: readonly string[];
  direction?: 'in' | 'out';
  state?: MessageState;
  channel?: string;
  connection?: string;
  partner?: string;
  correlationId?: string;
  inReplyTo?: string;
  deliveryId?: string;
  /** Only messages older than this id; pages run from the newest. */
  before?: string;
  limit?: number;
}

/** The newest messages that match, without their bytes. */
export async function listMessages(tx: Tx, filter: MessageFilter): Promise<StoredMessage[]> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replace('?', `$${values.length}`));
  };
  where('id = ANY(?::uuid[])', filter.ids);
  where('direction = ?', filter.direction);
  where('state = ?', filter.state);
  where('channel = ?', filter.channel);
  where('connection = ?', filter.connection);
  where('partner = ?', filter.partner);
  where('correlation_id = ?', filter.correlationId);
  where('in_reply_to = ?', filter.inReplyTo);
  where('delivery_id = ?', filter.deliveryId);
  where('id < ?', filter.before);
  values.push(Math.min(filter.limit ?? 50, 1000));
  const rows = await tx.query<MessageRecord>(
    `SELECT ${columns} FROM message WHERE tenant_id = current_setting('crossdock.tenant')
      ${conditions.map((condition) => `AND ${condition}`).join(' ')} ORDER BY id DESC LIMIT $${values.length}`,
    values,
  );
  return rows.map(fromRecord);
}

export async function getMessage(tx: Tx, id: string): Promise<StoredMessage | undefined> {
  const rows = await tx.query<MessageRecord>(
    { name: 'exchange-get-message', text: `SELECT ${columns} FROM message WHERE id = $1` },
    [id],
  );
  return rows[0] === undefined ? undefined : fromRecord(rows[0]);
}

export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}
