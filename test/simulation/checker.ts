import type { DeliveryRecord, IntentRecord, Ledger, ModelTx, Tables } from './ledger.ts';
import { isFinal, stateNow } from './ledger.ts';
import type { Peer } from './peer.ts';
import { type PlannedDestination, retry } from './plan.ts';
import type { LookupResult, Outcome } from '../../src/queue/index.ts';
import { windowStatus } from '../../src/queue/step/window-step.ts';

/** The invariants of reliability.md that are judged here, by their numbers there. */
export const invariants = {
  1: 'no loss',
  2: 'no duplicate effect',
  3: 'unknown is unknown',
  5: 'the ledger sums',
  6: 'order per key',
  7: 'a replay never overtakes, and what was discarded stays so',
  9: 'fencing',
  11: 'liveness',
  12: 'no calls in a maintenance window, through an open breaker, or beyond a budget',
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
  /** Sends on the present budget of attempts. */
  sends: number;
}

/** What a worker knew when it chose a delivery to be sent. */
export interface CallFacts {
  readonly by: string;
  /** By the worker's clock, and by the world's. */
  readonly collectedAt: Date;
  readonly collectedMs: number;
  /** When it last read the breakers of all. */
  readonly lookedMs: number;
  /** It spends no try where the system does not look at it. */
  readonly isProbe: boolean;
}

export interface Checker {
  readonly violations: readonly Violation[];
  violate(invariant: Invariant, message: string): void;
  committed(tx: ModelTx): void;
  /** Bytes are about to leave. */
  sends(row: DeliveryRecord, epoch: number, call: CallFacts): void;
  /** A call is made that was handed out in this period of the destination's quota. */
  calls(destination: string, periodStartMs: number | undefined): void;
  answered(row: DeliveryRecord, outcome: Outcome): void;
  lookedUp(row: DeliveryRecord, result: LookupResult): void;
  /** A flow handles it, in a transaction that commits now or never. */
  handles(row: DeliveryRecord): void;
  happened(destination: string, name: string): void;
  decidedByHand(row: DeliveryRecord, decision: 'confirmed' | 'resend' | 'replay' | 'discard'): void;
  /** A worker has opened a lane under this epoch. */
  opened(laneId: number, epoch: number): void;
  finish(expected: ReadonlySet<string>): void;
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
  const { ledger } = options;
  const { tables } = ledger;
  const violations: Violation[] = [];
  const truths = new Map<number, Truth>();
  const opened = new Map<number, number>();
  const discarded = new Set<number>();
  const callsOfPeriod = new Map<string, number>();
  const rowsOfKey = new Map<string, DeliveryRecord[]>();

  function violate(invariant: Invariant, message: string): void {
    violations.push({ invariant, atMs: options.nowMs(), message });
  }

  function truthOf(row: DeliveryRecord): Truth {
    let truth = truths.get(row.position);
    if (truth === undefined) {
      truth = { pending: false, lookupsNone: 0, confirmedByHand: false, succeeded: false, sends: 0 };
      truths.set(row.position, truth);
    }
    return truth;
  }

  const of = (row: DeliveryRecord): string => `${row.plan.destination}/${row.key} #${row.position} (${row.plan.name})`;
  const siblings = (row: DeliveryRecord): DeliveryRecord[] => rowsOfKey.get(`${row.laneId} ${row.key}`) ?? [];

  /** The hub's own deaths spend nothing of the budget. */
  const recoveriesOf = (row: DeliveryRecord): number =>
    tables.attempts.filter((attempt) => attempt.position === row.position && attempt.origin === 'recovered').length;

  function wasCarriedOut(row: DeliveryRecord): boolean {
    const peer = options.peer(row.plan.destination);
    if (peer === undefined) return tables.flowEffects.includes(row.plan.name);
    return truthOf(row).confirmedByHand || peer.effectsOf(row.plan.name).length > 0;
  }

  /** Its turn must have come: nothing of its key before it is open, nothing after it is done. */
  function judgeTurn(row: DeliveryRecord): void {
    for (const other of siblings(row)) {
      // What had succeeded and is put back to be replayed does not hold the later ones up.
      const isOpen = !isFinal(stateNow(tables, other)) && !truthOf(other).succeeded;
      if (other.position < row.position && isOpen) {
        violate(6, `${of(row)} goes while ${of(other)} is ${stateNow(tables, other)}`);
      }
      // One that was put back to be replayed as well follows in its turn.
      if (other.position > row.position && truthOf(other).succeeded && isFinal(stateNow(tables, other))) {
        violate(7, `${of(row)} goes after ${of(other)} has succeeded`);
      }
    }
    if (discarded.has(row.position)) violate(7, `${of(row)} goes although it was discarded`);
  }

  function judgeState(row: DeliveryRecord): void {
    const side = tables.parked.get(row.position);
    const sideState = side === undefined || side.state === 'gone' ? undefined : side.state;
    if (row.parked !== (sideState !== undefined)) violate(5, `${of(row)} is parked: ${row.parked}, and ${sideState}`);
    if (row.parked && sideState !== row.state) violate(5, `${of(row)} is both ${row.state} and ${sideState}`);
    if (isFinal(row.state) && row.parked) violate(5, `${of(row)} is ${row.state} and parked`);
    if (discarded.has(row.position) && row.state !== 'discarded') {
      violate(7, `${of(row)} was discarded and is ${row.state}`);
    }
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
    if (pending && lookupsNone < 2) violate(7, `${of(row)} gave way although it may have arrived`);
    if (wasCarriedOut(row)) violate(7, `${of(row)} gave way although it has arrived`);
    const intended = [...tables.intents.values()].some((intent) => intent.positions.includes(row.position));
    if (intended) violate(7, `${of(row)} gave way although an intent names it`);
    const by = tables.deliveries.get(row.supersededBy);
    const isNewer = by !== undefined && by.position > row.position && by.laneId === row.laneId && by.key === row.key;
    if (!isNewer || !by.plan.supersedes)
      violate(7, `${of(row)} gave way to #${row.supersededBy}, which is no newer one`);
  }

  function judgeDelivered(row: DeliveryRecord): void {
    const truth = truthOf(row);
    if (!wasCarriedOut(row)) violate(1, `${of(row)} counts as delivered and was never carried out`);
    if (truth.succeeded) return;
    truth.succeeded = true;
    for (const other of siblings(row)) {
      if (other.position > row.position && truthOf(other).succeeded) {
        violate(6, `${of(row)} succeeded after ${of(other)}`);
      }
    }
  }

  /** Who has seen the breaker open (or has opened it) chooses nothing any more, but for the probe that is its own. */
  function judgeBreaker(row: DeliveryRecord, { by, collectedMs, lookedMs }: CallFacts): void {
    const shared = tables.breakers.get(row.plan.destination);
    if (shared === undefined || shared.state.phase === 'closed' || shared.committedMs >= collectedMs) return;
    if (shared.by !== by && shared.committedMs >= lookedMs) return;
    const { phase, probe } = shared.state;
    if (phase === 'open') violate(12, `${of(row)} was chosen by ${by} although its breaker is open`);
    else if (probe !== undefined && probe.by !== by)
      violate(12, `${of(row)} was chosen by ${by}, and ${probe.by} probes`);
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
    violate,
    committed(tx) {
      tellCommit(tx);
      for (const [laneId, epoch] of tx.epochs) {
        const since = opened.get(laneId) ?? 0;
        if (since > epoch && (tx.touched.size > 0 || tx.passed.size > 0 || tx.writes.length > 0)) {
          violate(9, `${tx.actor.name} wrote lane ${laneId} under epoch ${epoch}, opened since under ${since}`);
        }
      }
      for (const position of tx.touched) {
        const row = tables.deliveries.get(position);
        if (row === undefined) continue;
        if (!truths.has(position)) {
          truthOf(row);
          const key = `${row.laneId} ${row.key}`;
          rowsOfKey.set(key, [...(rowsOfKey.get(key) ?? []), row]);
          const cursor = tables.lanes.get(row.laneId)?.cursor ?? 0;
          if (cursor >= position) violate(1, `${of(row)} was committed behind the cursor ${cursor} of its lane`);
        }
        judgeState(row);
      }
      for (const [laneId, from] of tx.passed) judgePassed(laneId, from);
    },
    sends(row, epoch, call) {
      tell(`send ${of(row)} under epoch ${epoch}`);
      const truth = truthOf(row);
      const { idempotency, windows } = options.destinations.get(row.plan.destination)!;
      if ((opened.get(row.laneId) ?? 0) > epoch) violate(9, `${of(row)} is sent under the old epoch ${epoch}`);
      // What was chosen before the window opened may still be on its way when it does.
      if (windowStatus(windows, call.collectedAt).inWindow) {
        violate(12, `${of(row)} was chosen to be sent in a maintenance window`);
      }
      judgeBreaker(row, call);
      if (truth.pending && (idempotency === 'D' || (idempotency === 'C' && truth.lookupsNone < 2))) {
        violate(3, `${of(row)} (class ${idempotency}) is sent again after ${truth.lookupsNone} look-ups`);
      }
      judgeTurn(row);
      const isIntended = [...tables.intents.values()].some((intent) => intent.positions.includes(row.position));
      if (!isIntended && (opened.get(row.laneId) ?? 0) === epoch) violate(3, `${of(row)} is sent without an intent`);
      truth.pending = true;
      truth.lookupsNone = 0;
      if (!call.isProbe && ++truth.sends > retry.maxAttempts + 1 + recoveriesOf(row)) {
        violate(13, `${of(row)} is sent a ${truth.sends}th time`);
      }
    },
    calls(destination, periodStartMs) {
      const quota = options.destinations.get(destination)?.quota;
      if (quota === undefined) return;
      const period = `${destination} ${periodStartMs ?? 'never'}`;
      const calls = (callsOfPeriod.get(period) ?? 0) + 1;
      callsOfPeriod.set(period, calls);
      if (calls > quota || periodStartMs === undefined) {
        violate(12, `${destination} is called a ${calls}th time in the period ${periodStartMs}, ${quota} are allowed`);
      }
    },
    answered(row, outcome) {
      tell(`answer for ${of(row)}: ${JSON.stringify(outcome)}`);
      const definite = outcome.kind === 'rejected' || (outcome.kind === 'retryable' && !outcome.sent);
      if (definite) truthOf(row).pending = false;
    },
    lookedUp(row, result) {
      tell(`look-up of ${of(row)}: ${JSON.stringify(result)}`);
      if (result.kind === 'none') truthOf(row).lookupsNone++;
    },
    handles: judgeTurn,
    happened(destination, name) {
      tell(`${destination} carries out (${name})`);
      const effects = options.peer(destination)?.effectsOf(name).length ?? 0;
      if (effects > 1) violate(2, `${destination} has carried out ${name} ${effects} times`);
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
      opened.set(laneId, Math.max(epoch, opened.get(laneId) ?? 0));
    },
    finish(expected) {
      judgeTheEnd(options, expected, violate);
    },
  };
}

/**
 * Nothing of it is open. The row itself may stay until a lane of it changes hands, when its holder had lost another of
 * its lanes meanwhile.
 */
export function isSettled(tables: Tables, intent: IntentRecord): boolean {
  return intent.members.every((member) => {
    const row = tables.deliveries.get(member.position);
    return row !== undefined && isFinal(stateNow(tables, row));
  });
}

/** After everything has come to rest: what was promised is there, once, and nothing else is. */
function judgeTheEnd(
  options: CheckerOptions,
  expected: ReadonlySet<string>,
  violate: (invariant: Invariant, message: string) => void,
): void {
  const { tables } = options.ledger;
  const seen = new Set<string>();
  for (const row of tables.deliveries.values()) {
    const { name, destination } = row.plan;
    if (seen.has(name)) violate(5, `${name} is in the ledger twice`);
    seen.add(name);
    const state = stateNow(tables, row);
    if (!isFinal(state)) violate(11, `${name} is ${state} in the end`);
    const peer = options.peer(destination);
    const times = peer?.effectsOf(name).length ?? tables.flowEffects.filter((effect) => effect === name).length;
    if (times > 1) violate(2, `${destination} has carried out ${name} ${times} times`);
    if (times === 0 && state === 'delivered') violate(1, `${name} counts as delivered and is not there`);
    if (times > 0 && state === 'discarded' && peer === undefined) violate(2, `${name} was discarded and done`);
  }
  for (const name of expected) if (!seen.has(name)) violate(1, `${name} was committed and is not in the ledger`);
  for (const intent of tables.intents.values()) {
    if (!isSettled(tables, intent)) violate(5, `intent ${intent.id} is left over with a member that is open`);
  }
  if (tables.parked.size > 0) violate(5, `${tables.parked.size} rows are left in the side table`);
}
