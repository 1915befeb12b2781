import type { DeliveryRecord, ModelTx } from './ledger.ts';
import { LedgerError } from './ledger.ts';
import type { PlannedDelivery, Submission } from './plan.ts';
import type { Random } from './random.ts';
import type { Actor, Task } from './scheduler.ts';
import type { World } from './world.ts';

/** Writes deliveries: the transaction id first, then positions in the order of the deliveries; visible at the commit. */
export function* enqueue(world: World, tx: ModelTx, planned: readonly PlannedDelivery[]): Task<number> {
  const { ledger, steps } = world;
  const last = yield* ledger.call(tx, () => {
    const xid = steps.shell.takesIdBeforePositions ? ledger.takeXid(tx) : 0;
    const own = new Map<string, number>();
    for (const plan of planned) {
      const laneId = world.laneOf(plan.destination, plan.key);
      const position = ++ledger.lastPosition;
      const row: DeliveryRecord = {
        position,
        laneId,
        key: plan.key,
        plan,
        xid,
        state: 'queued',
        parked: false,
        attempts: 0,
        updatedMs: 0,
        createdMs: world.scheduler.nowMs,
        after: plan.after === undefined ? undefined : (own.get(plan.after) ?? ledger.tables.positions.get(plan.after)),
      };
      own.set(plan.name, position);
      tx.touched.add(position);
      tx.writes.push(() => {
        ledger.tables.deliveries.set(position, row);
        ledger.tables.positions.set(plan.name, position);
        insertInOrder(ledger.tables.lanes.get(laneId)!.rows, row);
      });
    }
    return ledger.lastPosition;
  });
  if (!steps.shell.takesIdBeforePositions) {
    yield 2;
    yield* ledger.call(tx, () => ledger.takeXid(tx));
  }
  return last;
}

function insertInOrder(rows: DeliveryRecord[], row: DeliveryRecord): void {
  let at = rows.length;
  while (at > 0 && rows[at - 1]!.position > row.position) at--;
  rows.splice(at, 0, row);
}

/**
 * A client hands a submission in, and again until it knows what became of it: the order's natural key is unique, so
 * that it is taken in once.
 * @param enqueued told after the commit, in the process that took it in
 */
export function* submit(
  world: World,
  actor: Actor,
  random: Random,
  submission: Submission,
  enqueued: (laneIds: ReadonlySet<number>, position: number) => void,
): Task {
  const { checker, door, steps } = world;
  for (door.clients++; ; ) {
    if (door.admits()) {
      try {
        yield* submitOnce(world, actor, submission, enqueued);
        break;
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        // It does not know whether it was taken in, and asks again with the same key.
        yield random.between(10, 400);
      }
    } else {
      if (!steps.shell.tellsRefusals) break;
      yield random.between(30, 300);
    }
  }
  door.clients--;
  if (!submission.rollsBack) checker.acknowledged(submission.id);
}

function* submitOnce(
  world: World,
  actor: Actor,
  submission: Submission,
  enqueued: (laneIds: ReadonlySet<number>, position: number) => void,
): Task {
  const { ledger } = world;
  const tx = ledger.begin(actor);
  try {
    const known = yield* ledger.call(tx, () => {
      ledger.lock(tx, `s${submission.id}`);
      return ledger.tables.submissions.has(submission.id);
    });
    if (known) {
      ledger.abort(tx);
      return;
    }
    if (submission.writesBefore && world.steps.shell.takesIdBeforePositions) {
      yield* ledger.call(tx, () => ledger.takeXid(tx));
    }
    const keys = [...new Set(submission.deliveries.map((delivery) => delivery.key))].sort();
    for (const key of keys) yield* ledger.call(tx, () => ledger.lock(tx, `k${key}`));
    const position = yield* enqueue(world, tx, submission.deliveries);
    yield submission.holdMs;
    if (submission.rollsBack) {
      ledger.abort(tx);
      return;
    }
    tx.writes.push(() => {
      ledger.tables.submissions.add(submission.id);
      world.timeline.push({ kind: 'enqueued', deliveries: submission.deliveries });
    });
    yield* ledger.commit(tx);
    const laneIds = submission.deliveries.map((delivery) => world.laneOf(delivery.destination, delivery.key));
    enqueued(new Set(laneIds), position);
  } catch (error) {
    ledger.abort(tx);
    throw error;
  }
}
