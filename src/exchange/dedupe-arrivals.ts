import type { Tx } from '../platform/index.ts';
import { type InboundMessage, sha256 } from './message.ts';

/** Index of each duplicate arrival → id of the message it repeats. */
export async function claimDedupeKeys(
  tx: Tx,
  messages: readonly InboundMessage[],
  ids: readonly string[],
): Promise<Map<number, string>> {
  const duplicates = new Map<number, string>();
  const firstByKey = new Map<string, number>();
  for (const [index, message] of messages.entries()) {
    if (message.dedupeKey === undefined) continue;
    const key = hashOfKey(message.dedupeKey).toString('hex');
    const first = firstByKey.get(key);
    if (first === undefined) firstByKey.set(key, index);
    else duplicates.set(index, ids[first] as string);
  }
  if (firstByKey.size === 0) return duplicates;
  // Sorted, so that two batches that share keys wait for each other instead of deadlocking.
  const claims = [...firstByKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, index]) => ({ key, id: ids[index] }));
  // The row of an arrival that was only refused passes to the new one; all other keys stay with their first message.
  const claimed = await tx.query<{ key: string; message_id: string }>(
    {
      name: 'exchange-claim-dedupe-keys',
      text: `INSERT INTO message_dedupe AS d (tenant_id, key_hash, message_id, recorded_at)
        SELECT current_setting('crossdock.tenant'), decode(key, 'hex'), id, now()
        FROM jsonb_to_recordset($1) AS c(key text, id uuid) ORDER BY key
        ON CONFLICT (tenant_id, key_hash) DO UPDATE SET message_id =
          CASE WHEN EXISTS (SELECT FROM message m WHERE m.id = d.message_id AND m.state = 'refused')
            THEN excluded.message_id ELSE d.message_id END
        RETURNING encode(key_hash, 'hex') AS key, message_id`,
    },
    [JSON.stringify(claims)],
  );
  for (const { key, message_id } of claimed) {
    const index = firstByKey.get(key) as number;
    if (message_id === ids[index]) continue;
    duplicates.set(index, message_id);
    for (const [other, id] of duplicates) if (id === ids[index]) duplicates.set(other, message_id);
  }
  return duplicates;
}

/** Which of the duplicates have other bytes than what they repeat. What is repeated may be kept no longer; then none. */
export async function findConflicts(
  tx: Tx,
  messages: readonly InboundMessage[],
  ids: readonly string[],
  duplicates: ReadonlyMap<number, string>,
): Promise<Set<number>> {
  if (duplicates.size === 0) return new Set();
  const hashOf = ({ sha256: known, bytes }: InboundMessage): string =>
    Buffer.from(known ?? sha256(bytes)).toString('hex');
  const rows = await tx.query<{ id: string; sha256: string }>(
    {
      name: 'exchange-load-message-hashes',
      text: `SELECT id, encode(sha256, 'hex') AS sha256 FROM message WHERE id = ANY($1::uuid[])`,
    },
    [[...new Set(duplicates.values())]],
  );
  const firstHashes = new Map(rows.map((row) => [row.id, row.sha256]));
  const conflicts = new Set<number>();
  for (const [index, firstId] of duplicates) {
    // The first may have come in the same batch, and then is not stored yet.
    const first = messages[ids.indexOf(firstId)];
    const hash = first === undefined ? firstHashes.get(firstId) : hashOf(first);
    if (hash !== undefined && hash !== hashOf(messages[index]!)) conflicts.add(index);
  }
  return conflicts;
}

/** Forgets what made arrivals the same after the horizon of every sender's retries. Call in batches. */
export async function pruneDedupeKeys(tx: Tx, before: Date, limit = 5_000): Promise<number> {
  const rows = await tx.query(
    `DELETE FROM message_dedupe WHERE (tenant_id, key_hash) IN (SELECT tenant_id, key_hash FROM message_dedupe
      WHERE recorded_at < $1 ORDER BY recorded_at LIMIT $2) RETURNING 1`,
    [before, limit],
  );
  return rows.length;
}

function hashOfKey(key: string): Buffer {
  return sha256(Buffer.from(key)).subarray(0, 16);
}
