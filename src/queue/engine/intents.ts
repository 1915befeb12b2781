import { HubError, type Tx, uuidv7 } from '../../platform/index.ts';
import type { Prepared } from '../delivery.ts';
import { arrayOfNumbers } from '../sql/pg-array.ts';
import { writeIntent } from '../sql/write-ledger.ts';
import { fenceOf, refuseLost } from './ledger-batch.ts';
import type { IntentMember, OpenIntent, Work } from './work.ts';

/** What was prepared in the present transaction, with the id of the attempt that will be made of it. */
export interface PreparedSend {
  readonly work: Work;
  readonly prepared: Prepared;
  readonly attemptId: string;
}

export function preparedOf(work: Work, answers: ReadonlyMap<string, Prepared>): Prepared {
  const prepared = answers.get(work.delivery.id);
  if (prepared === undefined) {
    throw new HubError('INTERNAL', { message: `Nothing was prepared for delivery ${work.delivery.id}` });
  }
  return prepared;
}

export function needsLookUp(work: Work, prepared: Prepared): boolean {
  return work.effect.phase === 'unknown' && prepared.idempotency === 'C';
}

export function needsPerson(work: Work, prepared: Prepared): boolean {
  return work.effect.phase === 'unknown' && prepared.idempotency === 'D';
}

/** One member of an intent, as lane-keeper reads it back. */
function memberOf({ work, prepared, attemptId }: PreparedSend): IntentMember {
  return [
    work.owned.laneId,
    work.owned.epoch,
    work.position,
    attemptId,
    work.delivery.attempt,
    prepared.idempotency,
    prepared.naturalKey,
    prepared.hash,
    prepared.outputMessageId ?? null,
    prepared.settleMs ?? null,
  ];
}

/** Commits what is about to be sent with the transaction; undefined when nothing is. */
export async function writeIntents(tx: Tx, prepared: readonly PreparedSend[]): Promise<OpenIntent | undefined> {
  const sends = prepared.filter(
    (one) =>
      one.prepared.skip === undefined && !needsLookUp(one.work, one.prepared) && !needsPerson(one.work, one.prepared),
  );
  if (sends.length === 0) return undefined;
  const works = sends.map((one) => one.work);
  const fence = fenceOf(works);
  const id = uuidv7();
  const rows = await tx.query(writeIntent, [
    fence.lanes,
    fence.epochs,
    id,
    tx.tenantId,
    arrayOfNumbers(works.map((work) => work.position)),
    JSON.stringify(sends.map(memberOf)),
  ]);
  if (rows.length !== 1) await refuseLost(tx, fence.owned, 'intend');
  return { id, remaining: sends.length, abort: new AbortController() };
}
