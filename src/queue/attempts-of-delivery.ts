import { type Tx, uuidv7TimeMs } from '../platform/index.ts';
import type { AttemptView } from './queue.ts';
import { type AttemptRow, attemptsOf, batchesOf } from './sql/deliveries.ts';

type BatchMember = [
  deliveryId: string,
  attemptId: string,
  epoch: number,
  idempotency: string,
  naturalKey: string,
  hash: string,
  outputMessageId: string | null,
  durationMs: number,
  outsideId: string | null,
  outcome: unknown,
];

/** Every attempt at a delivery, oldest first: in a batch when it was confirmed at the first, else in rows of their own. */
export async function attemptsOfDelivery(tx: Tx, delivery: { id: string; position: number }): Promise<AttemptRow[]> {
  const rows = await tx.query<AttemptRow>(attemptsOf, [tx.tenantId, delivery.id]);
  const first = (await confirmedAtFirst(tx, [delivery.position])).get(delivery.id);
  return first === undefined ? rows : [first, ...rows];
}

/** First attempts that were confirmed, by delivery id, of the deliveries at these positions (and some others). */
export async function confirmedAtFirst(tx: Tx, positions: readonly number[]): Promise<Map<string, AttemptRow>> {
  const batches = await tx.query<{ members: string }>(batchesOf, [tx.tenantId, positions]);
  const attempts = new Map<string, AttemptRow>();
  for (const batch of batches) {
    for (const member of JSON.parse(batch.members) as BatchMember[]) attempts.set(member[0], rowOfMember(member));
  }
  return attempts;
}

function rowOfMember(member: BatchMember): AttemptRow {
  const [, id, , idempotency, natural_key, payload_hash, output_message_id, duration_ms, outside_id, outcome] = member;
  return {
    id,
    attempt: 1,
    kind: 'send',
    state: 'confirmed',
    idempotency,
    natural_key,
    payload_hash,
    output_message_id,
    outside_id,
    duration_ms,
    outcome,
  };
}

export function attemptOfRow(row: AttemptRow): AttemptView {
  const startedAt = new Date(uuidv7TimeMs(row.id));
  const view: AttemptView = {
    id: row.id,
    attempt: row.attempt,
    kind: row.kind,
    state: row.state,
    startedAt,
  };
  if (row.natural_key !== null) view.naturalKey = row.natural_key;
  if (row.payload_hash !== null) view.payloadHash = row.payload_hash;
  if (row.idempotency !== null) view.idempotency = row.idempotency;
  if (row.output_message_id !== null) view.outputMessageId = row.output_message_id;
  if (row.outside_id !== null) view.outsideId = row.outside_id;
  if (row.outcome !== null) view.outcome = row.outcome;
  if (row.duration_ms !== null) {
    view.durationMs = row.duration_ms;
    view.endedAt = new Date(startedAt.getTime() + row.duration_ms);
  }
  return view;
}
