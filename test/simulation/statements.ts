import type { DeliveryState } from '../../src/queue/index.ts';
import {
  type AttemptRecord,
  type DeliveryRecord,
  type IntentMember,
  type IntentRecord,
  type LaneRecord,
  type Ledger,
  LedgerError,
  type ModelTx,
  type ParkedRecord,
  isFinal,
} from './ledger.ts';

/** A lane with the epoch it is held under: what every write is fenced with. */
export interface Fence {
  readonly laneId: number;
  readonly epoch: number;
}

/** What becomes of a delivery, as `settle` writes it. */
export interface SettledRow {
  readonly fence: Fence;
  readonly position: number;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly parked: boolean;
  readonly dueMs?: number;
  readonly tries: number;
  readonly lookups: number;
  readonly lookupFailures: number;
  readonly recoveries?: number;
  readonly unsure?: boolean;
  readonly supersededBy?: number;
}

/** Those that were finished without anything to remember: the lanes' new cursors, and who is done ahead of its turn. */
export interface Passing {
  readonly cursors: readonly (Fence & { cursor: number })[];
  readonly ahead: readonly (Fence & { position: number })[];
}

/** The writing statements of the queue over the model, condition by condition. */
export function createStatements(ledger: Ledger, nowMs: () => number, fences: boolean) {
  const { tables } = ledger;

  function holds(tx: ModelTx, fence: Fence): boolean {
    tx.epochs.set(fence.laneId, fence.epoch);
    return !fences || tables.lanes.get(fence.laneId)?.epoch === fence.epoch;
  }

  /** Fewer rows than there should be: a lane was lost, or the ledger is not as its owner left it. */
  function refuse(lanes: Iterable<Fence>, what: string): never {
    const lost = [...lanes].filter((fence) => tables.lanes.get(fence.laneId)?.epoch !== fence.epoch);
    if (lost.length > 0) throw new LedgerError('lanes-lost', [...new Set(lost.map((fence) => fence.laneId))]);
    throw new LedgerError('internal', [], what);
  }

  function change(tx: ModelTx, row: DeliveryRecord, changes: Partial<DeliveryRecord>): void {
    ledger.lock(tx, `d${row.position}`);
    tx.touched.add(row.position);
    tx.writes.push(() => Object.assign(row, changes));
  }

  function moveCursor(tx: ModelTx, lane: LaneRecord, cursor: number): void {
    tx.writes.push(() => {
      if (!tx.passed.has(lane.laneId)) tx.passed.set(lane.laneId, lane.cursor);
      lane.cursor = Math.max(lane.cursor, cursor);
    });
  }

  return {
    holds,
    change,

    pass(tx: ModelTx, passing: Passing): void {
      for (const { laneId } of passing.cursors) ledger.lock(tx, `l${laneId}`);
      if (!passing.cursors.every((fence) => holds(tx, fence))) refuse(passing.cursors, 'pass');
      for (const { position } of passing.ahead) {
        const row = tables.deliveries.get(position);
        ledger.lock(tx, `d${position}`);
        if (row === undefined || row.state !== 'queued' || row.parked) refuse(passing.cursors, `ahead ${position}`);
        change(tx, row, { state: 'delivered', attempts: row.attempts + 1, updatedMs: nowMs() });
      }
      for (const { laneId, cursor } of passing.cursors) moveCursor(tx, tables.lanes.get(laneId)!, cursor);
    },

    settle(tx: ModelTx, decided: readonly SettledRow[]): void {
      for (const { fence, position, ...to } of decided) {
        const row = tables.deliveries.get(position);
        ledger.lock(tx, `d${position}`);
        ledger.lock(tx, `p${position}`);
        if (!holds(tx, fence) || row === undefined || row.parked !== to.parked) {
          refuse(
            decided.map((one) => one.fence),
            `settle ${position}`,
          );
        }
        const final = isFinal(to.state);
        change(tx, row, {
          state: to.state,
          parked: !final,
          attempts: to.attempts,
          updatedMs: nowMs(),
          supersededBy: to.supersededBy,
        });
        tx.writes.push(() => {
          if (final) tables.parked.delete(position);
          else
            tables.parked.set(position, {
              position,
              laneId: row.laneId,
              key: row.key,
              state: to.state,
              dueMs: to.dueMs,
              tries: to.tries,
              lookups: to.lookups,
              lookupFailures: to.lookupFailures,
              recoveries: to.recoveries,
              unsure: to.unsure,
              replayed: tables.parked.get(position)?.replayed,
            });
        });
      }
    },

    park(tx: ModelTx, followers: readonly (Fence & { position: number })[]): void {
      for (const { position, ...fence } of followers) {
        const row = tables.deliveries.get(position);
        ledger.lock(tx, `d${position}`);
        if (!holds(tx, fence) || row === undefined || row.state !== 'queued' || row.parked) {
          refuse(followers, `park ${position}`);
        }
        change(tx, row, { parked: true });
        tx.writes.push(() => tables.parked.set(position, parkedFollower(row)));
      }
    },

    writeIntent(tx: ModelTx, lanes: readonly Fence[], members: readonly IntentMember[]): number {
      if (!lanes.every((fence) => holds(tx, fence))) refuse(lanes, 'intent');
      const intent: IntentRecord = {
        id: ledger.nextId(),
        lanes: lanes.map((fence) => fence.laneId),
        positions: members.map((member) => member.position),
        members,
      };
      tx.intends = true;
      tx.writes.push(() => tables.intents.set(intent.id, intent));
      return intent.id;
    },

    writeAttempts(tx: ModelTx, attempts: readonly AttemptRecord[]): void {
      tx.writes.push(() => tables.attempts.push(...attempts));
    },

    closeIntents(tx: ModelTx, ids: readonly number[]): void {
      for (const id of ids) ledger.lock(tx, `i${id}`);
      tx.writes.push(() => {
        for (const id of ids) tables.intents.delete(id);
      });
    },

    shrinkIntents(tx: ModelTx, ids: readonly number[], positions: readonly number[]): void {
      for (const id of ids) ledger.lock(tx, `i${id}`);
      const gone = new Set(positions);
      tx.writes.push(() => {
        for (const id of ids) {
          const intent = tables.intents.get(id);
          if (intent !== undefined) intent.positions = intent.positions.filter((position) => !gone.has(position));
        }
      });
    },

    /** The rows of parked works that are still in the state they were loaded in; locked until the end. */
    lockParked(tx: ModelTx, works: readonly { position: number; loadedAs: string }[]): Set<number> {
      const same = new Set<number>();
      for (const { position, loadedAs } of works.toSorted((a, b) => a.position - b.position)) {
        if (tables.parked.get(position)?.state !== loadedAs) continue;
        ledger.lock(tx, `p${position}`);
        same.add(position);
      }
      return same;
    },

    saveCursors(tx: ModelTx, cursors: readonly (Fence & { cursor: number })[]): void {
      for (const fence of cursors) {
        const lane = tables.lanes.get(fence.laneId);
        if (lane === undefined || lane.epoch !== fence.epoch || lane.cursor >= fence.cursor) continue;
        ledger.lock(tx, `l${fence.laneId}`);
        if (holds(tx, fence)) moveCursor(tx, lane, fence.cursor);
      }
    },

    giveUpReplay(tx: ModelTx, fence: Fence, position: number): void {
      const row = tables.deliveries.get(position);
      if (row === undefined || !holds(tx, fence)) return;
      ledger.lock(tx, `p${position}`);
      const side = tables.parked.get(position);
      if (side?.state !== 'outcome_unknown' || !side.replayed) return;
      change(tx, row, { state: 'delivered', parked: false, updatedMs: nowMs() });
      tx.writes.push(() => tables.parked.delete(position));
    },

    sweepGone(tx: ModelTx, gone: readonly (Fence & { position: number })[]): void {
      for (const { position, ...fence } of gone) {
        if (!holds(tx, fence) || tables.parked.get(position)?.state !== 'gone') continue;
        ledger.lock(tx, `p${position}`);
        tx.touched.add(position);
        tx.writes.push(() => tables.parked.delete(position));
      }
    },
  };
}

export type Statements = ReturnType<typeof createStatements>;

function parkedFollower(row: DeliveryRecord): ParkedRecord {
  const { position, laneId, key } = row;
  return { position, laneId, key, state: 'queued', tries: 0, lookups: 0, lookupFailures: 0 };
}
