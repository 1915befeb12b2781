import { isHubError, uuidv7 } from '../../platform/index.ts';
import type { Tx } from '../../platform/index.ts';
import type { Outcome, Prepared, Settled } from '../delivery.ts';
import { fairParts } from '../step/fair-share.ts';
import { ruleOfOperation } from '../operation-rules.ts';
import { judgeFailure } from '../step/flow-failure.ts';
import { type SupersedeRules, supersede } from '../step/supersede-step.ts';
import { awaitParents } from './await-parents.ts';
import { beginFlows } from './begin-flows.ts';
import { type Batch, closingOf, emptyBatch, findOvertaken, isEmpty, split } from './batch.ts';
import type { BudgetKeeper } from './budget-keeper.ts';
import { fallbackOf, settledOf } from './decide.ts';
import type { RouteGate } from './route-gate.ts';
import {
  DestinationsClosed,
  type PreparedSend,
  isStrayAfter,
  needsLookUp,
  needsPerson,
  intendingOf,
  preparedOf,
} from './intents.ts';
import { decisionStatements, handledStatements, LanesLost, parkedStatements } from './ledger-batch.ts';
import {
  type AttemptRecord,
  type Decision,
  type EngineOptions,
  type OpenIntent,
  type OwnedLane,
  type Route,
  type Work,
  limits,
} from './work.ts';
import { createStuck } from './stuck.ts';
import { writeBatch } from './write-batch.ts';
import { createWriteLoop } from './write-loop.ts';

const supersedeRules: SupersedeRules<Work> = {
  groupOf: ({ delivery: { operation } }) => (ruleOfOperation(operation).supersedes === 'key' ? operation : undefined),
  // A refusal of the second send says nothing about the first: only what was never tried is certain not to be there.
  isUnsent: (work) => work.effect.phase === 'clear' && work.delivery.attempt === 1,
};

/** What the rest of the engine does about what was committed. */
export interface WriterEvents {
  /** Decisions, handled flow deliveries and followers are in the ledger. */
  committed(batch: {
    decisions: readonly Decision[];
    handled: readonly Work[];
    parked: readonly Work[];
    /** Decided by hand since they were loaded; nothing was written of them. */
    overtaken: ReadonlySet<Work>;
    /** The same of those that were to give way from behind a head: nothing of them is worked. */
    behind: readonly Work[];
  }): void;
  /** The intents are in the ledger: go ahead. */
  send(work: Work, prepared: Prepared, attemptId: string, intent: OpenIntent): void;
  /** A look-up needs no intent. */
  lookUp(work: Work, prepared: Prepared): void;
  /** A transaction of this id is under way until the answer is called. */
  began(xid: number): () => void;
  lanesLost(lanes: readonly OwnedLane[]): void;
  /** Of this intent nobody is on the way any more, and nobody has taken its row away. */
  stray(intentId: string): void;
  /** A pause or breaker is not what this worker takes it for: read them anew. Nothing of the batch was written. */
  destinationsClosed(): Promise<void>;
  /** It is not known what of the ledger was written: start over from what it says. */
  ledgerUncertain(): void;
}

export interface LedgerWriter {
  readonly tenantId: string;
  decide(decision: Decision): void;
  park(works: readonly Work[]): void;
  /** Something is ready or waits to be written. */
  kick(): void;
  /** Nothing is being written, and nothing waits that could be. */
  readonly idle: boolean;
}

/**
 * Writes one tenant's part of the ledger in two loops, one for outcomes and flows and one for intents, each one
 * transaction at a time: everything that gathered while the last one committed goes into the next, of whatever kind. So
 * the busier the hub, the fewer commits per delivery; and the business rows that flows and settlements lock are never
 * fought over by two of the engine's transactions.
 * A batch that fails is run again in parts, then member by member; a member that fails alone is judged by its error.
 */
export function createLedgerWriter(
  tenantId: string,
  routes: () => Iterable<Route>,
  options: EngineOptions,
  events: WriterEvents,
  gate: Pick<RouteGate, 'isOpen' | 'room' | 'took'>,
  budgets: Pick<BudgetKeeper, 'take' | 'giveBack'>,
): LedgerWriter {
  const { engine, clock, log, flows, deliverer } = options;
  let decisions: Decision[] = [];
  let parks: Work[] = [];
  let turn = 0;
  const stuck = createStuck(clock);

  const alive = (work: Work): boolean => !work.owned.lost;

  /** Of a lost lane nothing is decided here any more; of the others of its intent it may be the last to be heard of. */
  function stillOurs(decision: Decision): boolean {
    if (alive(decision.work)) return true;
    countOff(decision, 'dropped');
    return false;
  }

  function countOff({ intent }: Decision, as: 'decided' | 'dropped'): void {
    if (intent !== undefined && isStrayAfter(intent, as)) events.stray(intent.id);
  }

  /** True for one that need not go, because a newer one of its key says the same anew. */
  function giveWay(work: Work): boolean {
    const superseded = supersede(work.owned.lane, work, supersedeRules);
    if (superseded === undefined) return false;
    budgets.giveBack(work);
    const outcome: Outcome = { kind: 'unknown', detail: `Superseded by ${superseded.by.delivery.id}` };
    for (const row of superseded.rows) {
      const place = row === work ? 'head' : 'behind';
      decide({ work: row, to: 'discarded', outcome, effect: row.effect, code: 'SUPERSEDED', superseded: place });
    }
    return true;
  }

  /** The part of a transaction that each destination gets: one that is flooded leaves the others theirs. */
  function sharesOf(flows: boolean, limit: number, roomOf: (route: Route) => number): [Route, number][] {
    const waiting: Route[] = [];
    for (const route of routes()) {
      if (route.isFlow === flows && route.ready.size > 0) waiting.push(route);
    }
    const parts = fairParts(waiting.map(roomOf), limit, turn++);
    return waiting.flatMap((route, index): [Route, number][] => {
      const part = parts[index] ?? 0;
      return part > 0 ? [[route, part]] : [];
    });
  }

  /** What has come back, what is handled inside the hub, and who has to step aside. */
  function collectOutcomes(): Batch | undefined {
    const batch: Batch = {
      ...emptyBatch(),
      decisions: decisions.splice(0, limits.decisionsPerTransaction).filter(stillOurs),
      parks: parks.splice(0, limits.decisionsPerTransaction).filter(alive),
    };
    const flowRoom = (route: Route): number =>
      gate.isOpen(route) ? Math.min(route.settings.concurrency, route.ready.size) : 0;
    for (const [route, room] of sharesOf(true, limits.flowDeliveriesPerTransaction, flowRoom)) {
      const works = route.ready.take(room).filter(alive);
      if (works.length > 0) batch.flows.push({ route, works });
    }
    return isEmpty(batch) ? undefined : batch;
  }

  function collectSends(): Batch | undefined {
    const batch = emptyBatch();
    const sendRoom = (route: Route): number => Math.max(0, Math.min(gate.room(route), route.ready.size));
    for (const [route, room] of sharesOf(false, limits.intentsPerTransaction, sendRoom)) {
      const works = budgets.take(route, room).filter((work) => alive(work) && !giveWay(work));
      route.inFlight += works.length;
      gate.took(route, works.length);
      batch.sends.push(...works);
    }
    return isEmpty(batch) ? undefined : batch;
  }

  const loops = [createWriteLoop(collectOutcomes, commitBatch), createWriteLoop(collectSends, commitBatch)];
  const kick = (): void => {
    const again = stuck.takeDue();
    decisions.push(...again.decisions);
    parks.push(...again.parks);
    for (const loop of loops) loop.kick();
  };

  async function commitBatch(batch: Batch): Promise<void> {
    try {
      await commit(batch);
    } catch (error) {
      await recover(batch, error);
    }
  }

  async function recover(batch: Batch, error: unknown): Promise<void> {
    if (error instanceof LanesLost) {
      events.lanesLost(error.lanes);
      putBack(batch);
    } else if (error instanceof DestinationsClosed) {
      putBack(batch);
      await events.destinationsClosed();
    } else if (isHubError(error, 'COMMIT_OUTCOME_UNKNOWN')) {
      log.warn({ err: error, tenantId }, 'the connection broke during a commit; starting over from the ledger');
      for (const work of batch.sends) notCalled(work);
      events.ledgerUncertain();
    } else if (isHubError(error, 'DATABASE_UNAVAILABLE')) {
      log.warn({ err: error, tenantId }, 'the database cannot be reached; trying again');
      putBack(batch);
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 200));
    } else {
      const parts = split(batch);
      if (parts.length > 1) {
        for (const part of parts) await commitBatch(part);
      } else {
        await judge(batch, error);
      }
    }
  }

  /** Collected, and then nothing left for the outside. */
  function notCalled(work: Work): void {
    work.owned.route.inFlight--;
    budgets.giveBack(work);
  }

  /** Nothing of the batch was committed: everything back to where it was taken from, lost lanes left out. */
  function putBack(batch: Batch): void {
    decisions = [...batch.decisions.filter(stillOurs), ...decisions];
    parks = [...batch.parks.filter(alive), ...parks];
    for (const { route, works } of batch.flows) route.ready.putBack(works.filter(alive));
    for (const work of batch.sends) notCalled(work);
    for (const work of batch.sends.toReversed()) if (alive(work)) work.owned.route.ready.putBack([work]);
  }

  /** One delivery, alone in its transaction, failed. */
  async function judge(batch: Batch, error: unknown): Promise<void> {
    const decision = batch.decisions[0];
    const work = batch.flows[0]?.works[0] ?? batch.sends[0] ?? decision?.work;
    if (work === undefined) {
      // Followers to park: there is no business code in this, so that only the ledger itself can be wrong.
      log.error({ err: error, tenantId }, 'followers could not be parked; trying again in a while');
      stuck.add({ decisions: [], parks: batch.parks });
      return;
    }
    const { retry } = work.owned.route.settings;
    if (decision !== undefined) {
      log.error({ err: error, tenantId, deliveryId: work.delivery.id }, 'an outcome could not be settled');
      if (!decision.untold && !decision.superseded) {
        await commitBatch({ ...emptyBatch(), decisions: [fallbackOf(decision, error, options)] });
        return;
      }
      // Nothing can be written of it, and it may be the only such one: its key alone waits, and nothing is sent again.
      stuck.add({ decisions: [decision], parks: [] });
      return;
    }
    const failure = judgeFailure(error, work.effect.tries, retry, options.random());
    log.warn({ err: error, tenantId, deliveryId: work.delivery.id, to: failure.to }, 'a delivery failed');
    const attempt: AttemptRecord = {
      id: uuidv7(),
      kind: work.owned.route.isFlow ? 'flow' : 'send',
      state: failure.outcome.kind,
      durationMs: 0,
      outcome: failure.outcome,
    };
    if (batch.sends.length > 0) notCalled(work);
    const effect = { ...work.effect, tries: failure.tries };
    const failed: Decision = { work, ...failure, effect, attempt, prepareAnew: true };
    // What was unknown stays unknown: that it cannot be prepared now says nothing about the earlier send.
    const to = work.effect.phase === 'unknown' ? 'outcome_unknown' : failure.to;
    await commitBatch({ ...emptyBatch(), decisions: [{ ...failed, to }] });
  }

  async function commit(batch: Batch): Promise<void> {
    const prepared: PreparedSend[] = [];
    let intent: OpenIntent | undefined;
    let waiting: ReadonlyMap<Work, Decision> = new Map();
    const overtaken = new Set<Work>();
    // Hardly ever is there one: nothing is copied then.
    const but = <T>(items: T[], workOf: (item: T) => Work): T[] =>
      overtaken.size === 0 ? items : items.filter((item) => !overtaken.has(workOf(item)));
    await beginFlows(flows, tenantId, batch);
    await writeBatch(engine, tenantId, batch, events.began, async (tx) => {
      for (const work of await findOvertaken(tx, batch)) overtaken.add(work);
      const now = clock.now();
      const decided = but(batch.decisions, (decision) => decision.work);
      await tell(tx, decided, now);
      for (const { route, works: ofFlow } of batch.flows) {
        const rows = but(ofFlow, (work) => work).map((work) => work.delivery);
        if (rows.length > 0) await flows.run(tx, tenantId, route.name.slice('flow.'.length), rows);
      }
      const sends = but(batch.sends, (work) => work);
      waiting = await awaitParents(tx, sends, now);
      const ready = waiting.size === 0 ? sends : sends.filter((work) => !waiting.has(work));
      if (ready.length > 0) {
        const answers = await deliverer.prepare(
          tx,
          tenantId,
          ready.map((work) => work.delivery),
        );
        for (const work of ready) prepared.push({ work, prepared: preparedOf(work, answers), attemptId: uuidv7() });
      }
      const handled = batch.flows.flatMap((flow) => but(flow.works, (work) => work));
      const closing = closingOf(batch);
      const intending = intendingOf(tenantId, prepared);
      ({ intent } = intending);
      await tx.commitWith([
        ...decisionStatements(tenantId, decided, closing, now),
        ...handledStatements(handled, closing, now),
        ...parkedStatements(batch.parks),
        ...intending.statements,
      ]);
    });
    afterCommit(batch, overtaken, prepared, intent);
    for (const [work, decision] of waiting) {
      notCalled(work);
      decide(decision);
    }
  }

  function afterCommit(
    batch: Batch,
    overtaken: ReadonlySet<Work>,
    prepared: readonly PreparedSend[],
    intent: OpenIntent | undefined,
  ): void {
    const counted =
      overtaken.size === 0 ? batch.decisions : batch.decisions.filter((decision) => !overtaken.has(decision.work));
    for (const decision of batch.decisions) countOff(decision, overtaken.has(decision.work) ? 'dropped' : 'decided');
    for (const work of batch.sends) if (overtaken.has(work)) notCalled(work);
    const handled = batch.flows.flatMap((flow) => flow.works).filter((work) => !overtaken.has(work));
    const behind = batch.decisions.filter((one) => one.superseded === 'behind' && overtaken.has(one.work));
    events.committed({
      decisions: counted,
      handled,
      parked: batch.parks,
      overtaken: behind.length === 0 ? overtaken : overtaken.difference(new Set(behind.map((one) => one.work))),
      behind: behind.map((one) => one.work),
    });
    for (const { work, prepared: one, attemptId } of prepared) {
      if (one.skip !== undefined) discard(work, one.skip);
      else if (needsPerson(work, one)) leaveToPerson(work);
      else if (needsLookUp(work, one)) events.lookUp(work, one);
      else if (intent !== undefined) events.send(work, one, attemptId, intent);
    }
  }

  function discard(work: Work, reason: string): void {
    notCalled(work);
    decide({
      work,
      to: 'discarded',
      outcome: { kind: 'unknown', detail: reason },
      effect: work.effect,
      code: 'NOT_NEEDED',
    });
  }

  function leaveToPerson(work: Work): void {
    work.owned.route.inFlight--;
    const detail = 'An earlier send may have been carried out';
    decide({
      work,
      to: 'outcome_unknown',
      outcome: { kind: 'unknown', detail },
      effect: work.effect,
      code: 'OUTCOME_UNKNOWN',
    });
  }

  async function tell(tx: Tx, decided: readonly Decision[], now: Date): Promise<void> {
    const outside: Settled[] = [];
    const inside: Settled[] = [];
    for (const decision of decided) {
      if (decision.to === 'discarded' || decision.untold) continue;
      (decision.work.owned.route.isFlow ? inside : outside).push(settledOf(decision, now));
    }
    if (outside.length > 0) await deliverer.settled(tx, tenantId, outside);
    if (inside.length > 0) await flows.failed?.(tx, tenantId, inside);
  }

  function decide(decision: Decision): void {
    decisions.push(decision);
    kick();
  }

  return {
    tenantId,
    decide,
    park(works) {
      parks.push(...works);
      kick();
    },
    kick,
    get idle() {
      return loops.every((loop) => loop.idle) && decisions.length === 0 && parks.length === 0;
    },
  };
}
