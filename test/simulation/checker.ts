import { judgeTheEnd, recoveriesOf } from './checker-end.ts';
import type { DeliveryRecord, Ledger, ModelTx } from './ledger.ts';
import { isFinal, stateNow } from './ledger.ts';
import type { Peer } from './peer.ts';
import { type PlannedDestination, retry } from './plan.ts';
import type { LookupResult, Outcome } from '../../src/queue/index.ts';
import { windowStatus } from '../../src/queue/step/window-step.ts';
import { createBudgetChecker } from './checker-budgets.ts';
import { type GateChecker, createGateChecker } from './checker-gate.ts';
import type { Actor } from './scheduler.ts';
import type { CallStamp } from './worker-budget.ts';
import type { Chosen } from './world.ts';

/** The invariants of reliability.md that are judged here, by their numbers there. */
export const invariants = {
  1: 'no loss',
  2: 'no duplicate effect',
  3: 'unknown is unknown',
  5: 'the ledger sums',
  6: 'order per key, and nothing before what it waits for',
  7: 'a replay never overtakes, and what was discarded stays so',
  9: 'fencing',
  11: 'liveness, and no more taken in than the bounds allow',
  12: 'no calls in a maintenance window or a pause, through an open breaker, beyond a budget, or faster than a drain',
  13: 'poison isolation',
} as const;
export type Invariant = keyof typeof invariants;

export interface Violation {
  readonly invariant: Invariant;
  readonly atMs: number;
  readonly message: string;
}

/** What is known of a delivery besides what the ledger says. */
interface Truth {
  /** A send may have been carried out since the last definite answer. */
  pending: boolean;
  lookupsNone: number;
  /** A person has seen that it is there. */
  confirmedByHand: boolean;
  succeeded: boolean;
  /** Whatever became of a replay since. */
  everSucceeded: boolean;
  /** Sends on the present budget of attempts. */
  sends: number;
}

/** What a worker knew when it chose a delivery to be sent. */
export interface CallFacts extends Chosen {
  readonly by: string;
  /** Of the process that is the worker now. */
  readonly life: string;
  /** It spends no try where the system does not look at it. */
  readonly isProbe: boolean;
}

export interface MadeCall {
  /** Of its budget. */
  readonly stamp: CallStamp | undefined;
  readonly actor: Actor;
  readonly worker: string;
  readonly chosen: Chosen;
  readonly isProbe: boolean;
}

export interface Checker {
  readonly violations: readonly Violation[];
  /** How often each invariant was judged. */
  readonly judged: Readonly<Record<number, number>>;
  violate(invariant: Invariant, message: string): void;
  committed(tx: ModelTx): void;
  /** Bytes are about to leave. */
  sends(row: DeliveryRecord, epoch: number, call: CallFacts): void;
  /** A call is made. @returns to be told when it has come back */
  calls(destination: string, call: MadeCall): () => void;
  /** What is paused, asked how it is, or has been kept back. */
  readonly gates: GateChecker;
  /** Something new is let in: what was open at the last look, and how much may be. */
  admits(scope: string, open: number, most: number): void;
  /** A client has been told that its submission was taken in. */
  acknowledged(submissionId: number): void;
  /** It is about to be asked what it knows of this one. */
  looksUp(row: DeliveryRecord, call: CallFacts): void;
  answered(row: DeliveryRecord, outcome: Outcome): void;
  lookedUp(row: DeliveryRecord, result: LookupResult): void;
  /** A flow handles it, in a transaction that commits now or never. */
  handles(row: DeliveryRecord, chosen: Chosen): void;
  happened(destination: string, name: string): void;
  decidedByHand(row: DeliveryRecord, decision: 'confirmed' | 'resend' | 'replay' | 'discard'): void;
  /** A worker has opened a lane under this epoch. */
  opened(laneId: number, epoch: number): void;
  /** @param submissions those that clients handed in and meant */
  finish(expected: ReadonlySet<string>, submissions: readonly number[]): void;
}

export interface CheckerOptions {
  readonly ledger: Ledger;
  readonly destinations: ReadonlyMap<string, PlannedDestination>;
  peer(destination: string): Peer | undefined;
  nowMs(): number;
  /** Told what happens, for a person who wants to read it. */
  tell?(line: string): void;
}

export function createChecker(options: CheckerOptions): Checker {
  const { tables } = options.ledger;
  const violations: Violation[] = [];
  const truths = new Map<number, Truth>();
  const opened = new Map<number, number>();
  const discarded = new Set<number>();
  const acknowledged = new Set<number>();
  const judged: Record<number, number> = {};
  const rowsOfKey = new Map<string, DeliveryRecord[]>();

  function violate(invariant: Invariant, message: string): void {
    violations.push({ invariant, atMs: options.nowMs(), message });
  }

  /** One judgment of an invariant. */
  function judge(invariant: Invariant, isRight: boolean, message: () => string): void {
    judged[invariant] = (judged[invariant] ?? 0) + 1;
    if (!isRight) violate(invariant, message());
  }

  const budgets = createBudgetChecker(options.destinations, tables, options.nowMs, judgeBudget);

  const gates = createGateChecker(options, tables, judgeBudget);

  function judgeBudget(isRight: boolean, message: () => string): void {
    judge(12, isRight, message);
  }

  function truthOf(row: DeliveryRecord): Truth {
    let truth = truths.get(row.position);
    if (truth === undefined) {
      truth = {
        pending: false,
        lookupsNone: 0,
        confirmedByHand: false,
        succeeded: false,
        everSucceeded: false,
        sends: 0,
      };
      truths.set(row.position, truth);
    }
    return truth;
  }

  const of = (row: DeliveryRecord): string => `${row.plan.destination}/${row.key} #${row.position} (${row.plan.name})`;
  function siblings(row: DeliveryRecord): DeliveryRecord[] {
    return rowsOfKey.get(`${row.laneId} ${row.key}`) ?? [];
  }

  function wasCarriedOut(row: DeliveryRecord): boolean {
    const peer = options.peer(row.plan.destination);
    if (peer === undefined) return tables.flowEffects.includes(row.plan.name);
    return truthOf(row).confirmedByHand || peer.effectsOf(row.plan.name).length > 0;
  }

  /** Its turn must have come: nothing of its key before it is open, nothing after it is done. */
  function judgeTurn(row: DeliveryRecord): void {
    for (const other of siblings(row)) {
      if (other === row) continue;
      // What had succeeded and is put back to be replayed does not hold the later ones up.
      const isOpen = !isFinal(stateNow(tables, other)) && !truthOf(other).succeeded;
      judge(
        6,
        other.position > row.position || !isOpen,
        () => `${of(row)} goes while ${of(other)} is ${stateNow(tables, other)}`,
      );
      // One that was put back to be replayed as well follows in its turn.
      const isThrough = truthOf(other).succeeded && isFinal(stateNow(tables, other));
      judge(7, other.position < row.position || !isThrough, () => `${of(row)} goes after ${of(other)} has succeeded`);
    }
    judge(7, !discarded.has(row.position), () => `${of(row)} goes although it was discarded`);
  }

  function judgeState(row: DeliveryRecord): void {
    const side = tables.parked.get(row.position);
    const sideState = side === undefined || side.state === 'gone' ? undefined : side.state;
    judge(5, row.parked === (sideState !== undefined), () => `${of(row)} is parked: ${row.parked}, and ${sideState}`);
    judge(5, !row.parked || sideState === row.state, () => `${of(row)} is both ${row.state} and ${sideState}`);
    judge(5, !(isFinal(row.state) && row.parked), () => `${of(row)} is ${row.state} and parked`);
    judge(
      7,
      !discarded.has(row.position) || row.state === 'discarded',
      () => `${of(row)} was discarded and is ${row.state}`,
    );
    if (row.state === 'discarded') {
      if (!discarded.has(row.position)) judgeSuperseded(row);
      discarded.add(row.position);
    }
    if (stateNow(tables, row) === 'delivered') judgeDelivered(row);
  }

  /** What gives way must never have been able to arrive, and what it gives way to must be there, of its key and newer. */
  function judgeSuperseded(row: DeliveryRecord): void {
    if (row.supersededBy === undefined) return;
    const { pending, lookupsNone } = truthOf(row);
    judge(7, !pending || lookupsNone >= 2, () => `${of(row)} gave way although it may have arrived`);
    judge(7, !wasCarriedOut(row), () => `${of(row)} gave way although it has arrived`);
    const intended = [...tables.intents.values()].some((intent) => intent.positions.includes(row.position));
    judge(7, !intended, () => `${of(row)} gave way although an intent names it`);
    const by = tables.deliveries.get(row.supersededBy);
    const isNewer = by !== undefined && by.position > row.position && by.laneId === row.laneId && by.key === row.key;
    judge(
      7,
      isNewer && by.plan.supersedes === true,
      () => `${of(row)} gave way to #${row.supersededBy}, which is no newer one`,
    );
  }

  function judgeDelivered(row: DeliveryRecord): void {
    const truth = truthOf(row);
    judge(1, wasCarriedOut(row), () => `${of(row)} counts as delivered and was never carried out`);
    if (truth.succeeded) return;
    truth.succeeded = true;
    truth.everSucceeded = true;
    for (const other of siblings(row)) {
      if (other === row) continue;
      judge(
        6,
        other.position < row.position || !truthOf(other).succeeded,
        () => `${of(row)} succeeded after ${of(other)}`,
      );
    }
  }

  /** No call in a window, nor by who has seen the breaker open (or has opened it), but for the probe that is its own. */
  function judgeCalled(row: DeliveryRecord, facts: CallFacts): void {
    const { by, collectedAt, collectedMs, lookedMs } = facts;
    gates.judgePaused(row.plan.destination, facts, () => `${of(row)} was chosen by ${by}`);
    const { windows } = options.destinations.get(row.plan.destination)!;
    // What was chosen before the window opened may still be on its way when it does.
    const { inWindow } = windowStatus(windows, collectedAt);
    judge(12, !inWindow, () => `${of(row)} was chosen to be sent in a maintenance window`);
    gates.judgeAsked(row.plan.destination, facts, () => `${of(row)} was chosen`);
    const shared = tables.breakers.get(row.plan.destination);
    if (shared === undefined || shared.state.phase === 'closed' || shared.committedMs >= collectedMs) return;
    if (shared.by !== by && shared.committedMs >= lookedMs) return;
    const { phase, probe, held } = shared.state;
    judge(12, !held, () => `${of(row)} was chosen by ${by} although a person holds its breaker open`);
    judge(12, phase !== 'open', () => `${of(row)} was chosen by ${by} although its breaker is open`);
    if (phase === 'open' || probe === undefined) return;
    judge(12, probe.by === by, () => `${of(row)} was chosen by ${by}, and ${probe.by} probes`);
  }

  /** What it waits for must have been through; a person may have said that it need not wait. */
  function judgeParent(row: DeliveryRecord): void {
    const parent = row.after === undefined ? undefined : tables.deliveries.get(row.after);
    if (parent === undefined) return;
    const isThrough = truthOf(parent).everSucceeded || stateNow(tables, parent) === 'delivered';
    judge(6, isThrough, () => `${of(row)} goes before ${of(parent)}, which is ${stateNow(tables, parent)}`);
  }

  const tell = (line: string): void => options.tell?.(`${options.nowMs().toFixed(1).padStart(9)} ${line}`);

  function tellCommit(tx: ModelTx): void {
    if (options.tell === undefined) return;
    for (const position of tx.touched) {
      const row = tables.deliveries.get(position);
      if (row === undefined) continue;
      const side = tables.parked.get(position);
      const parked = side === undefined ? '' : `, parked as ${side.state}, due ${side.dueMs?.toFixed(1) ?? 'never'}`;
      tell(`${tx.actor.name} commits ${of(row)}: ${stateNow(tables, row)}${parked}`);
    }
  }

  function judgePassed(laneId: number, from: number): void {
    const lane = tables.lanes.get(laneId);
    if (lane === undefined) return;
    for (const row of lane.rows) {
      if (row.position > from && row.position <= lane.cursor && row.state === 'queued' && !row.parked) {
        judgeState(row);
      }
    }
  }

  return {
    violations,
    judged,
    violate,
    committed(tx) {
      tellCommit(tx);
      for (const [laneId, epoch] of tx.epochs) {
        const since = opened.get(laneId) ?? 0;
        const hasWritten = tx.touched.size > 0 || tx.passed.size > 0 || tx.writes.length > 0;
        judge(
          9,
          since <= epoch || !hasWritten,
          () => `${tx.actor.name} wrote lane ${laneId} under epoch ${epoch}, opened since under ${since}`,
        );
      }
      for (const position of tx.touched) {
        const row = tables.deliveries.get(position);
        if (row === undefined) continue;
        if (!truths.has(position)) {
          truthOf(row);
          gates.committed(position);
          const key = `${row.laneId} ${row.key}`;
          rowsOfKey.set(key, [...(rowsOfKey.get(key) ?? []), row]);
          const cursor = tables.lanes.get(row.laneId)?.cursor ?? 0;
          judge(1, cursor < position, () => `${of(row)} was committed behind the cursor ${cursor} of its lane`);
        }
        judgeState(row);
      }
      for (const [laneId, from] of tx.passed) judgePassed(laneId, from);
    },
    sends(row, epoch, call) {
      tell(`send ${of(row)} under epoch ${epoch}`);
      const truth = truthOf(row);
      const { idempotency } = options.destinations.get(row.plan.destination)!;
      const isHolders = (opened.get(row.laneId) ?? 0) === epoch;
      judge(9, (opened.get(row.laneId) ?? 0) <= epoch, () => `${of(row)} is sent under the old epoch ${epoch}`);
      judgeCalled(row, call);
      const isCertain = idempotency === 'C' ? truth.lookupsNone >= 2 : idempotency !== 'D';
      const again = (): string => `${of(row)} (class ${idempotency}) is sent again after ${truth.lookupsNone} look-ups`;
      judge(3, !truth.pending || isCertain, again);
      judgeTurn(row);
      judgeParent(row);
      const isIntended = [...tables.intents.values()].some((intent) => intent.positions.includes(row.position));
      judge(3, isIntended || !isHolders, () => `${of(row)} is sent without an intent`);
      truth.pending = true;
      truth.lookupsNone = 0;
      if (call.isProbe) return;
      truth.sends++;
      const most = retry.maxAttempts + 1 + recoveriesOf(tables, row);
      judge(13, truth.sends <= most, () => `${of(row)} is sent a ${truth.sends}th time`);
    },
    looksUp: judgeCalled,
    calls(destination, { stamp, actor, worker, chosen, isProbe }) {
      const backs = [
        budgets.calls(destination, stamp, actor, worker),
        gates.calls(destination, { life: actor.name, worker }, chosen, isProbe),
      ];
      return () => backs.forEach((back) => back());
    },
    gates,
    admits(scope, open, most) {
      judge(11, open < most, () => `${scope} takes in although ${open} are open, ${most} are allowed`);
    },
    acknowledged: (submissionId) => void acknowledged.add(submissionId),
    answered(row, outcome) {
      tell(`answer for ${of(row)}: ${JSON.stringify(outcome)}`);
      const definite = outcome.kind === 'rejected' || (outcome.kind === 'retryable' && !outcome.sent);
      if (definite) truthOf(row).pending = false;
    },
    lookedUp(row, result) {
      tell(`look-up of ${of(row)}: ${JSON.stringify(result)}`);
      if (result.kind === 'none') truthOf(row).lookupsNone++;
    },
    handles(row, chosen) {
      gates.judgePaused(row.plan.destination, chosen, () => `${of(row)} is handled`);
      judgeTurn(row);
    },
    happened(destination, name) {
      tell(`${destination} carries out (${name})`);
      const effects = options.peer(destination)?.effectsOf(name).length ?? 0;
      judge(2, effects <= 1, () => `${destination} has carried out ${name} ${effects} times`);
    },
    decidedByHand(row, decision) {
      tell(`by hand: ${decision} ${of(row)}`);
      const truth = truthOf(row);
      truth.sends = 0;
      if (decision === 'confirmed') truth.confirmedByHand = true;
      // Who discards the replay of a delivered one decides that it counts for nothing.
      if (decision === 'discard') truth.succeeded = false;
      if (decision === 'resend') truth.pending = false;
    },
    opened(laneId, epoch) {
      tell(`lane ${laneId} is opened under epoch ${epoch}`);
      gates.opened(laneId);
      opened.set(laneId, Math.max(epoch, opened.get(laneId) ?? 0));
    },
    finish(expected, submissions) {
      budgets.finish();
      judgeTheEnd({ options, expected, submissions, acknowledged, judge });
    },
  };
}
