import { isHubError, type Tx } from '../../platform/index.ts';
import { type DestinationRow, destinationColumns } from '../destinations.ts';
import {
  type LookAroundRow,
  blockedKeys,
  claimLanes,
  closeRecovered,
  endLease,
  findLostLanes,
  lookAround,
  openIntents,
  openMembers,
  releaseLanes,
  renewLease,
  saveCursors,
} from '../sql/leases.ts';
import { type BudgetRow, budgetColumns } from '../sql/budgets.ts';
import { arrayOfIds, arrayOfNumbers } from '../sql/pg-array.ts';
import { type ReadRow, takeTransactionId } from '../sql/read-lanes.ts';
import { closeStrays } from '../sql/write-ledger.ts';
import { effectStep } from '../step/effect-step.ts';
import { cursorOf, newLane } from '../step/lane-step.ts';
import { decisionStatements } from './ledger-batch.ts';
import { workOfRow } from './lane-reader.ts';
import { fallbackOf, settledOf } from './decide.ts';
import { rulesOf } from './sender.ts';
import type { Decision, EngineOptions, IntentMember, OwnedLane, Route } from './work.ts';

export interface ClaimedLane {
  lane_id: number;
  tenant_id: string;
  destination: string;
  lane_no: number;
  epoch: number;
  cursor_position: number;
}

interface IntentRow {
  id: string;
  tenant_id: string;
  lanes: number[];
  members: string;
}

interface MemberRow extends ReadRow {
  parked: boolean;
  tries: number | null;
  recoveries: number | null;
}

/**
 * The worker's hold on its lanes: the lease, the taking and handing back, and what a former holder left behind.
 * @param onLapse the lease is renewed, and had run out before: the lanes that are held may be another's by now
 */
export function createLaneKeeper(options: EngineOptions, onLapse: () => void = () => {}) {
  const { engine, workerId, leaseMs, clock } = options;
  let leaseUntilMs = Number.NEGATIVE_INFINITY;
  /** Under which epoch each lane was last opened here. */
  const opened = new Map<number, number>();

  const leaseHolds = (): boolean => clock.monotonicMs() < leaseUntilMs;

  async function renew(tx: Tx): Promise<void> {
    // Counted from before the statement: the database's lease ends later than the one believed in here.
    const fromMs = clock.monotonicMs();
    await tx.query(renewLease, [workerId, leaseMs]);
    // Not before the commit: a lease that was rolled back is none, and whoever believes in it sends beside the next holder.
    tx.afterCommit(() => {
      if (!leaseHolds()) onLapse();
      leaseUntilMs = fromMs + leaseMs;
    });
  }

  return {
    /** True while this process may act as the holder of its lanes. */
    leaseHolds,
    /** Time to renew: a third of the lease is over. */
    leaseIsAging: (): boolean => clock.monotonicMs() > leaseUntilMs - (leaseMs * 2) / 3,

    look: (tx: Tx): Promise<LookAroundRow | undefined> =>
      tx.query<LookAroundRow>(lookAround, [workerId, clock.now()]).then((rows) => rows[0]),
    renew,

    /** @param held the lanes that are held already; `ownToo` takes what else is this worker's in the ledger */
    async claim(max: number, ownToo: boolean, held: Iterable<number>): Promise<ClaimedLane[]> {
      return engine.engineTx(async (tx) => {
        await renew(tx);
        return tx.query<ClaimedLane>(claimLanes, [workerId, max, ownToo, arrayOfNumbers([...held])]);
      });
    },

    loadDestinations: (): Promise<DestinationRow[]> =>
      engine.engineTx((tx) => tx.query<DestinationRow>(`SELECT ${destinationColumns} FROM destination`)),

    loadBudgets: (): Promise<BudgetRow[]> =>
      engine.engineTx((tx) => tx.query<BudgetRow>(`SELECT ${budgetColumns} FROM destination_budget`)),

    /**
     * Opens lanes that were claimed, once every transaction has ended that may have written to them under an older
     * epoch: records what a former holder may or may not have sent, and learns which keys are blocked.
     */
    async open(claimed: readonly ClaimedLane[], routeOf: (lane: ClaimedLane) => Route): Promise<OwnedLane[]> {
      const laneIds = arrayOfNumbers(claimed.map((lane) => lane.lane_id));
      const owned = new Map<number, OwnedLane>();
      for (const lane of claimed) owned.set(lane.lane_id, ownedLane(lane, routeOf(lane), []));
      const tenants = new Set(claimed.map((lane) => lane.tenant_id));
      // Taken anew under the very next epoch: nobody else has had it meanwhile, and nobody has stopped.
      const wasOurs = ({ laneId, epoch }: OwnedLane): boolean => opened.get(laneId) === epoch - 1;
      for (const tenantId of tenants) await recoverIntents({ options, tenantId, owned, wasOurs });
      for (const lane of claimed) opened.set(lane.lane_id, lane.epoch);
      const blocked = await engine.engineTx((tx) => tx.query<{ lane_id: number; key: string }>(blockedKeys, [laneIds]));
      const keys = Map.groupBy(blocked, (row) => row.lane_id);
      return claimed.map((lane) =>
        ownedLane(
          lane,
          routeOf(lane),
          (keys.get(lane.lane_id) ?? []).map((row) => row.key),
        ),
      );
    },

    async saveCursors(lanes: Iterable<OwnedLane>): Promise<void> {
      const moved = [...lanes].filter((owned) => !owned.lost && cursorOf(owned.lane) > owned.savedCursor);
      if (moved.length === 0) return;
      const cursors = moved.map((owned) => cursorOf(owned.lane));
      await engine.engineTx((tx) =>
        tx.query(saveCursors, [
          arrayOfNumbers(moved.map((owned) => owned.laneId)),
          arrayOfNumbers(moved.map((owned) => owned.epoch)),
          arrayOfNumbers(cursors),
        ]),
      );
      moved.forEach((owned, index) => (owned.savedCursor = cursors[index] ?? owned.savedCursor));
    },

    /** @returns those that may still be there */
    async closeStrays(intents: readonly string[], lanes: Iterable<OwnedLane>): Promise<string[]> {
      const held = [...lanes].filter((owned) => !owned.lost);
      const rows = await engine.engineTx(async (tx) => {
        await tx.query(takeTransactionId);
        return tx.query<{ id: string }>(closeStrays, [
          arrayOfNumbers(held.map((owned) => owned.laneId)),
          arrayOfNumbers(held.map((owned) => owned.epoch)),
          arrayOfIds(intents),
        ]);
      });
      return rows.map((row) => row.id);
    },

    /** Lanes that are no longer held under the epoch they were taken with. */
    async lost(lanes: Iterable<OwnedLane>): Promise<number[]> {
      const held = [...lanes];
      const rows = await engine.engineTx((tx) =>
        tx.query<{ lane_id: number }>(findLostLanes, [
          arrayOfNumbers(held.map((owned) => owned.laneId)),
          arrayOfNumbers(held.map((owned) => owned.epoch)),
        ]),
      );
      return rows.map((row) => row.lane_id);
    },

    async handBack(lanes: Iterable<OwnedLane>, ending: boolean): Promise<void> {
      const held = [...lanes].filter((owned) => !owned.lost);
      for (const owned of held) owned.lost = true;
      await engine.engineTx(async (tx) => {
        await tx.query(releaseLanes, [
          arrayOfNumbers(held.map((owned) => owned.laneId)),
          arrayOfNumbers(held.map((owned) => owned.epoch)),
        ]);
        if (ending) await tx.query(endLease, [workerId]);
      });
    },
  };
}

function ownedLane(lane: ClaimedLane, route: Route, keys: readonly string[]): OwnedLane {
  return {
    laneId: lane.lane_id,
    laneNo: lane.lane_no,
    epoch: lane.epoch,
    route,
    lane: newLane(lane.lane_id, lane.cursor_position, keys),
    lost: false,
    dirtyTo: 0,
    savedCursor: lane.cursor_position,
  };
}

interface Recovery {
  readonly options: EngineOptions;
  readonly tenantId: string;
  readonly owned: ReadonlyMap<number, OwnedLane>;
  /** This very worker had it until now: it was given up, and no hub has stopped. */
  wasOurs(lane: OwnedLane): boolean;
}

/**
 * A former holder died between an intent and its outcome: the request may have left. Each such delivery becomes unknown
 * under the rules of its class, in one transaction with the exceptions that the business rooms raise; where that fails,
 * each in one of its own, so that one that cannot be told of keeps no lane closed.
 */
async function recoverIntents(recovery: Recovery): Promise<void> {
  const { options, tenantId } = recovery;
  const closing = (record: Recording): Promise<void> =>
    options.engine.tx(tenantId, async (tx) => {
      const left = await leftOpen(tx, recovery);
      if (left === undefined) return;
      await record(tx, left.decisions);
      await tx.query(closeRecovered, left.toClose);
    });
  try {
    await closing((tx, decisions) => recordRecovered(tx, recovery, decisions));
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error;
    options.log.error({ err: error, tenantId }, 'what was left open could not be recorded together; one by one');
    const left = await options.engine.tx(tenantId, (tx) => leftOpen(tx, recovery));
    for (const decision of left?.decisions ?? []) await recordAlone(recovery, decision);
    // Those that are recorded by now are not open any more.
    await closing((tx, decisions) => recordRecovered(tx, recovery, decisions));
  }
}

type Recording = (tx: Tx, decisions: readonly Decision[]) => Promise<void>;

const isDatabaseTrouble = (error: unknown): boolean =>
  isHubError(error, 'DATABASE_UNAVAILABLE') ||
  isHubError(error, 'COMMIT_OUTCOME_UNKNOWN') ||
  isHubError(error, 'DATABASE_CONFLICT');

async function recordAlone(recovery: Recovery, decision: Decision): Promise<void> {
  const { options, tenantId } = recovery;
  try {
    await options.engine.tx(tenantId, async (tx) => {
      await tx.query(takeTransactionId);
      await recordRecovered(tx, recovery, [decision]);
    });
  } catch (error) {
    if (isDatabaseTrouble(error) || decision.untold) throw error;
    const deliveryId = decision.work.delivery.id;
    options.log.error({ err: error, tenantId, deliveryId }, 'an outcome could not be settled');
    await recordAlone(recovery, fallbackOf(decision, error, options));
  }
}

async function recordRecovered(tx: Tx, recovery: Recovery, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  const { options, tenantId } = recovery;
  const now = options.clock.now();
  const told = decisions.filter((decision) => !decision.untold);
  if (told.length > 0) {
    await options.deliverer.settled(
      tx,
      tenantId,
      told.map((decision) => settledOf(decision, now)),
    );
  }
  for (const { sql, params } of decisionStatements(tenantId, decisions, new Set(), now)) await tx.query(sql, params);
}

/** What becomes of deliveries whose intents were left open, and what closes these; undefined where there are none. */
async function leftOpen(
  tx: Tx,
  { options, tenantId, owned, wasOurs }: Recovery,
): Promise<{ decisions: Decision[]; toClose: unknown[] } | undefined> {
  const ours = [...owned.values()].filter((lane) => lane.route.tenantId === tenantId);
  const laneIds = arrayOfNumbers(ours.map((lane) => lane.laneId));
  await tx.query(takeTransactionId);
  const intents = await tx.query<IntentRow>(openIntents, [laneIds]);
  if (intents.length === 0) return undefined;
  const mine = new Set(ours.map((lane) => lane.laneId));
  const members = newestAttempts(
    intents
      .flatMap((intent) => (JSON.parse(intent.members) as IntentMember[]).map(memberOfArray))
      .filter((member) => mine.has(member.laneId)),
  );
  const rows = await tx.query<MemberRow>(openMembers, [
    arrayOfNumbers(members.map((member) => member.laneId)),
    arrayOfNumbers(members.map((member) => member.position)),
    arrayOfIds(members.map((member) => member.attemptId)),
  ]);
  const byPosition = new Map(members.map((member) => [member.position, member]));
  const decisions = rows.flatMap((row) => {
    const lane = owned.get(row.lane_id);
    const member = byPosition.get(row.position);
    if (lane === undefined || member === undefined) return [];
    return [recovered(options, lane, row, member, wasOurs(lane) ? 'given-up' : 'stopped')];
  });
  const positions = arrayOfNumbers(members.map((member) => member.position));
  return { decisions, toClose: [arrayOfIds(intents.map((intent) => intent.id)), laneIds, positions] };
}

type Member = ReturnType<typeof memberOfArray>;

/**
 * An intent stays open until its last member is decided, so a delivery may stand in two of them: in the one of an earlier
 * attempt and in that of the present one. Only the present one is undecided, and one statement writes a row but once.
 */
function newestAttempts(members: readonly Member[]): Member[] {
  const newest = new Map<string, Member>();
  for (const member of members) {
    const key = `${member.laneId}/${member.position}`;
    const known = newest.get(key);
    if (known === undefined || known.attempt <= member.attempt) newest.set(key, member);
  }
  return [...newest.values()];
}

function memberOfArray(member: IntentMember) {
  const [laneId, , position, attemptId, attempt, idempotency, naturalKey, hash, outputMessageId, settleMs] = member;
  return {
    laneId,
    position,
    attemptId,
    attempt,
    idempotency,
    naturalKey,
    hash,
    outputMessageId: outputMessageId ?? undefined,
    settleMs: settleMs ?? undefined,
  };
}

function recovered(
  options: EngineOptions,
  owned: OwnedLane,
  row: MemberRow,
  member: Member,
  why: 'stopped' | 'given-up',
): Decision {
  const read = workOfRow(owned, row);
  const effect = { ...read.effect, tries: row.tries ?? 0, recoveries: row.recoveries ?? 0 };
  const work = { ...read, parked: row.parked, effect };
  work.delivery.attempt = member.attempt;
  if (member.outputMessageId !== undefined) work.delivery.outputMessageId = member.outputMessageId;
  const { state, action } = effectStep(effect, { type: 'recovered', why }, rulesOf(work, member), options.random());
  if (action.type !== 'settle') throw new Error('what is recovered is settled');
  return {
    work,
    to: action.to,
    outcome: action.outcome,
    effect: state,
    dueInMs: action.dueInMs,
    code: action.code,
    attempt: {
      id: member.attemptId,
      kind: 'send',
      state: 'unknown',
      prepared: {
        deliveryId: row.id,
        destination: work.delivery.destination,
        operation: row.operation,
        idempotency: member.idempotency,
        naturalKey: member.naturalKey,
        body: undefined,
        hash: member.hash,
        outputMessageId: member.outputMessageId,
      },
      durationMs: 0,
      outcome: action.outcome,
    },
  };
}
