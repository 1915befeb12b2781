import { HubError, type Statement, type Tx, uuidv7 } from '../../platform/index.ts';
import { findLostLanes } from '../sql/leases.ts';
import { arrayOfIds, arrayOfNumbers } from '../sql/pg-array.ts';
import {
  closeIntents,
  completeConfirmed,
  completeFlows,
  parkFollowers,
  settle,
  shrinkIntents,
  tally,
  writeAttempts,
} from '../sql/write-ledger.ts';
import { cursorAfter } from '../step/lane-step.ts';
import { dueAt } from '../step/wait.ts';
import type { AttemptRecord, Decision, OwnedLane, Work } from './work.ts';

/** A batch met lanes that another worker has taken over. */
export class LanesLost extends HubError {
  readonly lanes: readonly OwnedLane[];
  constructor(lanes: readonly OwnedLane[]) {
    super('LEASE_LOST', { detail: { laneIds: lanes.map((lane) => lane.laneId) } });
    this.lanes = lanes;
  }
}

/** The lanes of a batch with their epochs: what every statement is fenced with. */
export function fenceOf(works: Iterable<Work>): { lanes: string; epochs: string; owned: OwnedLane[] } {
  const owned = new Set<OwnedLane>();
  for (const work of works) owned.add(work.owned);
  const list = [...owned];
  return {
    lanes: arrayOfNumbers(list.map((lane) => lane.laneId)),
    epochs: arrayOfNumbers(list.map((lane) => lane.epoch)),
    owned: list,
  };
}

/** @throws LanesLost naming the lanes, when there are such */
export async function refuseLost(tx: Tx, works: Iterable<Work>): Promise<void> {
  const { lanes, epochs, owned } = fenceOf(works);
  const rows = await tx.query<{ lane_id: number }>(findLostLanes, [lanes, epochs]);
  const lost = new Set(rows.map((row) => row.lane_id));
  if (lost.size > 0) throw new LanesLost(owned.filter((lane) => lost.has(lane.laneId)));
}

/** True for what a first attempt brought to its end without anything to remember: the hot path. */
function isPlainSuccess(decision: Decision): boolean {
  const { work, to, attempt } = decision;
  return to === 'delivered' && !work.parked && attempt?.kind === 'send' && work.delivery.attempt === 1;
}

/**
 * What becomes of deliveries, and how many gave way.
 *
 * @param closing positions of all rows that this transaction makes final or parks
 */
export function decisionStatements(
  tenantId: string,
  decisions: readonly Decision[],
  closing: ReadonlySet<number>,
  now: Date,
): Statement[] {
  if (decisions.length === 0) return [];
  const plain: Decision[] = [];
  const other: Decision[] = [];
  for (const decision of decisions) (isPlainSuccess(decision) ? plain : other).push(decision);
  const spent = countDown(decisions);
  const statements: Statement[] = [];
  if (plain.length > 0) statements.push(confirmedStatement(tenantId, plain, closing, now, spent));
  if (other.length > 0) statements.push(...settledStatements(tenantId, other, now));
  if (plain.length === 0 && spent.length > 0) statements.push({ sql: closeIntents, params: [arrayOfIds(spent)] });
  statements.push(...tallyStatements(tenantId, decisions, now));
  return statements;
}

/** Intents none of whose members is left after these decisions. Counted only once the transaction has committed. */
function countDown(decisions: readonly Decision[]): string[] {
  const counts = new Map<Decision['intent'], number>();
  for (const { intent } of decisions) if (intent !== undefined) counts.set(intent, (counts.get(intent) ?? 0) + 1);
  const spent: string[] = [];
  for (const [intent, count] of counts) if (intent !== undefined && intent.remaining === count) spent.push(intent.id);
  return spent;
}

/** The part that both statements of plain success share: which lanes pass what, and who is done ahead of its turn. */
function passing(works: readonly Work[], closing: ReadonlySet<number>, now: Date): unknown[] {
  const fence = fenceOf(works);
  const cursors = new Map(fence.owned.map((owned) => [owned, cursorAfter(owned.lane, closing)]));
  const ahead = works.filter((work) => work.position > (cursors.get(work.owned) ?? 0));
  return [
    fence.lanes,
    fence.epochs,
    arrayOfNumbers([...cursors.values()]),
    now,
    arrayOfNumbers(ahead.map((work) => work.owned.laneId)),
    arrayOfNumbers(ahead.map((work) => work.position)),
  ];
}

function confirmedStatement(
  tenantId: string,
  decisions: readonly Decision[],
  closing: ReadonlySet<number>,
  now: Date,
  spent: readonly string[],
): Statement {
  const works = decisions.map((decision) => decision.work);
  const params = [
    ...passing(works, closing, now),
    tenantId,
    uuidv7(),
    arrayOfNumbers(works.map((work) => work.position).sort((a, b) => a - b)),
    JSON.stringify(decisions.map(batchMember)),
    arrayOfIds(spent),
  ];
  return { sql: completeConfirmed, params };
}

/** One attempt in a batch, as attempts-of-delivery and the view attempt_now read it. */
function batchMember({ work, attempt }: Decision): unknown[] {
  const { prepared } = attempt as AttemptRecord;
  return [
    work.delivery.id,
    attempt?.id,
    work.owned.epoch,
    prepared?.idempotency,
    prepared?.naturalKey,
    prepared?.hash,
    prepared?.outputMessageId,
    Math.round(attempt?.durationMs ?? 0),
    attempt?.outsideId,
    attempt?.outcome,
  ];
}

function settledStatements(tenantId: string, decisions: readonly Decision[], now: Date): Statement[] {
  const fence = fenceOf(decisions.map((decision) => decision.work));
  const rows = decisions.map(({ work, to, effect, dueInMs, ...decision }) => ({
    lane: work.owned.laneId,
    position: work.position,
    state: to,
    attempts: countsAsAttempt(decision.attempt) ? work.delivery.attempt : work.delivery.attempt - 1,
    final: to === 'delivered' || to === 'discarded',
    parked: work.parked,
    code: to === 'delivered' ? null : (decision.code ?? null),
    text: to === 'delivered' ? null : textOf(decision.outcome),
    outside: decision.outcome.kind === 'confirmed' ? decision.outcome.outsideId : undefined,
    due: dueAt(now, dueInMs) ?? null,
    tries: effect.tries,
    lookups: effect.lookups,
    failures: effect.lookupFailures,
    anew: decision.prepareAnew ?? false,
    recoveries: effect.recoveries,
    reason: effect.reason ?? null,
    // Held or dead, it keeps in mind what its state no longer says.
    unsure: effect.phase === 'unknown' && (to === 'held' || to === 'dead'),
  }));
  const statements: Statement[] = [
    { sql: settle, params: [fence.lanes, fence.epochs, now, JSON.stringify(rows)] },
    ...attemptStatements(tenantId, decisions, fence),
  ];
  const back = decisions.filter((decision) => decision.intent !== undefined && !isFinal(decision));
  if (back.length > 0) {
    const params = [
      arrayOfIds([...new Set(back.map((decision) => decision.intent?.id ?? ''))]),
      arrayOfNumbers(back.map((decision) => decision.work.position)),
    ];
    statements.push({ sql: shrinkIntents, params });
  }
  return statements;
}

function isFinal(decision: Decision): boolean {
  return decision.to === 'delivered' || decision.to === 'discarded';
}

function countsAsAttempt(attempt: AttemptRecord | undefined): boolean {
  return attempt !== undefined && attempt.kind !== 'lookup';
}

function textOf(outcome: Decision['outcome']): string | null {
  if (outcome.kind === 'confirmed') return null;
  return (outcome.kind === 'rejected' ? outcome.message : outcome.detail).slice(0, 2_000);
}

function attemptStatements(
  tenantId: string,
  decisions: readonly Decision[],
  fence: { lanes: string; epochs: string },
): Statement[] {
  const rows = decisions.flatMap(({ work, attempt }) =>
    attempt === undefined
      ? []
      : {
          lane: work.owned.laneId,
          id: attempt.id,
          delivery: work.delivery.id,
          attempt: work.delivery.attempt,
          kind: attempt.kind,
          state: attempt.state,
          epoch: work.owned.epoch,
          class: attempt.prepared?.idempotency,
          key: attempt.prepared?.naturalKey,
          hash: attempt.prepared?.hash,
          output: attempt.prepared?.outputMessageId,
          duration: Math.round(attempt.durationMs),
          outside: attempt.outsideId,
          outcome: attempt.outcome,
        },
  );
  if (rows.length === 0) return [];
  return [{ sql: writeAttempts, params: [fence.lanes, fence.epochs, tenantId, JSON.stringify(rows)] }];
}

/** Counts what gave way, by destination and day. */
function tallyStatements(tenantId: string, decisions: readonly Decision[], now: Date): Statement[] {
  const counts = new Map<string, number>();
  for (const { superseded, work } of decisions) {
    if (superseded === undefined) continue;
    const { name } = work.owned.route;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  // Sorted, so that two workers meet in the same order.
  const names = [...counts.keys()].sort();
  return [{ sql: tally, params: [tenantId, now, names, names.map((name) => counts.get(name) ?? 0)] }];
}

/** Deliveries to flows that this transaction has handled. */
export function handledStatements(works: readonly Work[], closing: ReadonlySet<number>, now: Date): Statement[] {
  const statements: Statement[] = [];
  const fresh = works.filter((work) => !work.parked);
  if (fresh.length > 0) statements.push({ sql: completeFlows, params: passing(fresh, closing, now) });
  const parked = works.filter((work) => work.parked);
  if (parked.length === 0) return statements;
  const rows = parked.map((work) => ({
    lane: work.owned.laneId,
    position: work.position,
    state: 'delivered',
    attempts: work.delivery.attempt,
    final: true,
    parked: true,
    tries: 0,
    lookups: 0,
    failures: 0,
    anew: false,
  }));
  const fence = fenceOf(parked);
  statements.push({ sql: settle, params: [fence.lanes, fence.epochs, now, JSON.stringify(rows)] });
  return statements;
}

/** Followers of blocked heads go to the side table. */
export function parkedStatements(works: readonly Work[]): Statement[] {
  if (works.length === 0) return [];
  const fence = fenceOf(works);
  const lanes = arrayOfNumbers(works.map((work) => work.owned.laneId));
  const positions = arrayOfNumbers(works.map((work) => work.position));
  return [{ sql: parkFollowers, params: [fence.lanes, fence.epochs, lanes, positions] }];
}
