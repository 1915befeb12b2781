import type { ModelTx } from './ledger.ts';
import type { Task } from './scheduler.ts';
import { countDown, settledRow } from './worker-batch.ts';
import { type Decision, type Work, type WorkerState, fenceOf, lanesOf, wallMs } from './world.ts';

/** What a worker writes of the deliveries in its transactions, fenced by their lanes' epochs. */
export function createLedgerWrites(worker: WorkerState) {
  const { ledger, statements, steps } = worker.world;

  function* writeDecisions(tx: ModelTx, decided: readonly Decision[], closing: ReadonlySet<number>): Task {
    const isPlain = (one: Decision): boolean =>
      one.to === 'delivered' && !one.work.parked && one.attempt?.kind === 'send';
    const [plain, other] = [decided.filter(isPlain), decided.filter((one) => !isPlain(one))];
    const spent = countDown(decided);
    const attempts = decided.flatMap((one) => one.attempt ?? []);
    if (plain.length > 0) {
      const works = plain.map((one) => one.work);
      yield* ledger.call(tx, () => statements.pass(tx, passingOf(works, closing)));
    }
    if (other.length > 0) {
      const rows = other.map((one) => settledRow(one, wallMs(worker)));
      yield* ledger.call(tx, () => statements.settle(tx, rows));
      const back = other.filter((one) => one.intent !== undefined && one.to !== 'delivered' && one.to !== 'discarded');
      const ids = [...new Set(back.flatMap((one) => one.intent?.id ?? []))];
      const positions = back.map((one) => one.work.position);
      if (ids.length > 0) yield* ledger.call(tx, () => statements.shrinkIntents(tx, ids, positions));
    }
    yield* ledger.call(tx, () => {
      statements.writeAttempts(tx, attempts);
      statements.closeIntents(tx, spent);
    });
  }

  function passingOf(works: readonly Work[], closing: ReadonlySet<number>) {
    const cursors = lanesOf(works).map((owned) => ({
      ...fenceOf(owned),
      cursor: steps.cursorAfter(owned.lane, closing),
    }));
    const cursorOfLane = new Map(cursors.map((one) => [one.laneId, one.cursor]));
    const ahead = works
      .filter((work) => work.position > (cursorOfLane.get(work.owned.laneId) ?? 0))
      .map((work) => ({ ...fenceOf(work.owned), position: work.position }));
    return { cursors, ahead };
  }

  function* writeHandled(tx: ModelTx, works: readonly Work[], closing: ReadonlySet<number>): Task {
    const fresh = works.filter((work) => !work.parked);
    if (fresh.length > 0) yield* ledger.call(tx, () => statements.pass(tx, passingOf(fresh, closing)));
    const rows = works
      .filter((work) => work.parked)
      .map((work) => ({
        fence: fenceOf(work.owned),
        position: work.position,
        state: 'delivered' as const,
        attempts: work.attempt,
        parked: true,
        tries: 0,
        lookups: 0,
        lookupFailures: 0,
      }));
    if (rows.length > 0) yield* ledger.call(tx, () => statements.settle(tx, rows));
  }

  function* writeParks(tx: ModelTx, works: readonly Work[]): Task {
    if (!steps.shell.parksFollowers) return;
    const followers = works.map((work) => ({ ...fenceOf(work.owned), position: work.position }));
    yield* ledger.call(tx, () => statements.park(tx, followers));
  }

  return { writeDecisions, writeHandled, writeParks };
}
