import { HubError, type Statement, uuidv7 } from '../../platform/index.ts';
import type { Prepared } from '../delivery.ts';
import { arrayOfNumbers, arrayOfTexts } from '../sql/pg-array.ts';
import { refuseClosed, writeIntent } from '../sql/write-ledger.ts';
import { fenceOf } from './ledger-batch.ts';
import type { IntentMember, OpenIntent, Route, Work } from './work.ts';

/** Another worker has changed a breaker, or a person has, or has paused it, since this worker read it: nothing of the batch goes out. */
export class DestinationsClosed extends HubError {
  constructor() {
    super('CONFLICT', { message: 'A destination was paused, or its circuit breaker has changed' });
  }
}

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

/** The breakers that works go by: destinations, and the versions read. */
function breakersOf(works: readonly Work[]): [destinations: string, versions: string] {
  const routes = new Set<Route>();
  for (const work of works) routes.add(work.owned.route);
  const list = [...routes];
  return [arrayOfTexts(list.map((route) => route.name)), arrayOfNumbers(list.map((route) => route.breakerVersion))];
}

/** What commits an intent to send, and the intent; none when nothing is sent. */
export interface Intending {
  readonly statements: Statement[];
  readonly intent: OpenIntent | undefined;
}

/** What has to be in the ledger before anything of this leaves. */
export function intendingOf(tenantId: string, prepared: readonly PreparedSend[]): Intending {
  const called = prepared.filter((one) => one.prepared.skip === undefined && !needsPerson(one.work, one.prepared));
  const sends = called.filter((one) => !needsLookUp(one.work, one.prepared));
  const statements: Statement[] = [];
  // A look-up is a call too, and needs no intent.
  if (sends.length < called.length) {
    const breakers = breakersOf(called.map((one) => one.work));
    statements.push({ sql: refuseClosed, params: [tenantId, ...breakers] });
  }
  if (sends.length === 0) return { statements, intent: undefined };
  const works = sends.map((one) => one.work);
  const fence = fenceOf(works);
  const id = uuidv7();
  const params = [
    fence.lanes,
    fence.epochs,
    id,
    tenantId,
    arrayOfNumbers(works.map((work) => work.position)),
    JSON.stringify(sends.map(memberOf)),
    ...breakersOf(works),
  ];
  statements.push({ sql: writeIntent, params });
  return { statements, intent: { id, remaining: sends.length, dropped: 0 } };
}

/** Counts one member of an intent off. True when nobody of it is on the way any more, and its row is left to be closed. */
export function isStrayAfter(intent: OpenIntent, as: 'decided' | 'dropped'): boolean {
  if (as === 'decided') intent.remaining--;
  else intent.dropped++;
  return intent.remaining > 0 && intent.dropped === intent.remaining;
}
