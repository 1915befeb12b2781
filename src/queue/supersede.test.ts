import { expect, test } from 'vitest';
import { delivery, quickRetry, scriptedSystem, testQueue } from '../../test/faults/scripted-queue.ts';
import { until } from '../../test/harness/index.ts';
import { db, inTx, run, useQueues } from '../../test/faults/use-queues.ts';
import type { Outcome } from './index.ts';
import { type LaneRow, type LaneState, cursorOf, laneStep, newLane } from './step/lane-step.ts';
import { supersede } from './step/supersede-step.ts';

useQueues();

async function shop(send?: (key: string, attempt: number) => Outcome | Promise<Outcome>, retryMs = 5) {
  const system = scriptedSystem(send === undefined ? {} : { send: (row, attempt) => send(row.key, attempt) });
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  run(queue);
  await inTx((tx) =>
    queue.destinations.ensure(tx, [
      { name: 'shop', lanes: 2, concurrency: 8, retry: { ...quickRetry, baseMs: retryMs, maxMs: 1_000 } },
    ]),
  );
  const publish = async (...keys: string[]): Promise<string[]> => {
    const rows = keys.map((key) => delivery(key, { destination: 'shop', operation: 'availability.publish' }));
    return inTx((tx) => queue.enqueue(tx, rows));
  };
  const rows = async (): Promise<
    { id: string; state: string; error_code: string | null; error_text: string | null }[]
  > => (await db.owner.query('SELECT id, state, error_code, error_text FROM delivery_now ORDER BY position')).rows;
  return { queue, system, publish, rows };
}

test('of what waits for a key only the newest is sent, and the others say which one it was', async () => {
  const { queue, system, publish, rows } = await shop();
  const first = await publish('LED', 'GLV', 'LED', 'LED');
  const last = await publish('LED');
  await queue.start();
  await queue.idle();
  expect(system.sends.map((send) => send.deliveryId).sort()).toEqual([String(first[1]), String(last[0])].sort());
  const gone = (await rows()).filter((row) => row.state === 'discarded');
  expect(gone.map((row) => row.id)).toEqual([first[0], first[2], first[3]]);
  for (const row of gone) {
    expect(row).toMatchObject({ error_code: 'SUPERSEDED', error_text: `Superseded by ${last[0]}` });
  }
  const [backlog] = await inTx((tx) => queue.backlog(tx));
  expect(backlog).toMatchObject({ counts: {}, supersededToday: 3 });
  expect(queue.stats()).toMatchObject({ superseded: 3, delivered: 2, inMemory: 0 });
});

test('what is under way, or may have been carried out, never gives way', async () => {
  let release = (): void => {};
  const hanging = new Promise<void>((resolve) => (release = resolve));
  let firstOf = 0;
  const { queue, system, publish, rows } = await shop(async (key) => {
    if (key === 'SLOW' && firstOf++ === 0) await hanging;
    if (key === 'UNSURE' && system.sends.filter((send) => send.key === 'UNSURE').length === 1) {
      return { kind: 'unknown', detail: 'the line went dead' };
    }
    return { kind: 'confirmed' };
  });
  await queue.start();
  const [slow] = await publish('SLOW');
  const [unsure] = await publish('UNSURE');
  await until(() => system.sends.length >= 2);
  const later = await publish('SLOW', 'SLOW', 'UNSURE', 'UNSURE');
  await until(async () => (await rows()).filter((row) => row.state === 'delivered').length >= 2);
  release();
  await queue.idle();
  await until(async () => (await rows()).every((row) => ['delivered', 'discarded'].includes(row.state)));
  const states = new Map((await rows()).map((row) => [row.id, row.state]));
  expect(states.get(slow ?? '')).toBe('delivered');
  expect(states.get(unsure ?? '')).toBe('delivered');
  expect(later.map((id) => states.get(id))).toEqual(['discarded', 'delivered', 'discarded', 'delivered']);
});

test('one that was tried goes on being tried; what waits behind it gives way', async () => {
  let down = true;
  const answer = (): Outcome => (down ? { kind: 'retryable', sent: false, detail: 'refused' } : { kind: 'confirmed' });
  const { queue, system, publish, rows } = await shop(answer, 1_000);
  await queue.start();
  const [tried] = await publish('LED');
  await until(() => system.sends.length >= 1);
  const [waiting, newest] = await publish('LED', 'LED');
  down = false;
  await until(async () => (await rows()).every((row) => ['delivered', 'discarded'].includes(row.state)));
  expect((await rows()).map(({ id, state }) => ({ id, state }))).toEqual([
    { id: tried, state: 'delivered' },
    { id: waiting, state: 'discarded' },
    { id: newest, state: 'delivered' },
  ]);
  expect(system.sends.map((send) => send.deliveryId)).toEqual([tried, tried, newest]);
  expect((await db.owner.query('SELECT FROM delivery_parked')).rowCount).toBe(0);
});

test('orders of one key all go, however many wait', async () => {
  const { queue, system } = await shop();
  await inTx((tx) =>
    queue.enqueue(
      tx,
      [1, 2, 3].map(() => delivery('o1', { destination: 'shop', operation: 'order.change' })),
    ),
  );
  await queue.start();
  await queue.idle();
  expect(system.sends).toHaveLength(3);
});

interface Row extends LaneRow {
  group?: string;
  unsent: boolean;
}
const row = (position: number, group?: string, unsent = true): Row => ({
  position,
  key: 'k',
  parked: false,
  unsent,
  ...(group === undefined ? {} : { group }),
});
const rules = { groupOf: (one: Row) => one.group, isUnsent: (one: Row) => one.unsent };
function laneOf(rows: Row[]): LaneState<Row> {
  const lane = newLane<Row>(1, 0, []);
  laneStep(lane, { type: 'read', rows, upTo: rows.at(-1)?.position ?? 0 });
  return lane;
}

test('nothing passes a row of another kind, and nothing unsure gives way', () => {
  const [a, b, other, c] = [row(1, 'p'), row(2, 'p'), row(3), row(4, 'p')] as const;
  expect(supersede(laneOf([a, b, other, c]), a, rules)).toEqual({ rows: [a], by: b });
  expect(supersede(laneOf([a, other, c]), a, rules)).toBeUndefined();
  const unsure = row(2, 'p', false);
  expect(supersede(laneOf([a, unsure, c]), a, rules)).toEqual({ rows: [a], by: unsure });
  expect(supersede(laneOf([unsure, c]), unsure, rules)).toBeUndefined();
});

test('the lane goes on behind those that gave way, and its cursor passes them once they are in the ledger', () => {
  const [a, b, c, d] = [row(1, 'p'), row(2, 'p'), row(3, 'p'), row(4, 'q')] as const;
  const lane = laneOf([a, b, c, d]);
  expect(supersede(lane, a, rules)).toEqual({ rows: [a, b], by: c });
  expect(laneStep(lane, { type: 'finished', rows: [a] }).actions.ready).toEqual([c]);
  expect(cursorOf(lane)).toBe(1);
  expect(laneStep(lane, { type: 'superseded', rows: [b] }).actions.ready).toEqual([]);
  expect(cursorOf(lane)).toBe(2);
  expect(laneStep(lane, { type: 'finished', rows: [c] }).actions.ready).toEqual([d]);
  laneStep(lane, { type: 'finished', rows: [d] });
  expect(lane).toMatchObject({ held: 0 });
  expect(cursorOf(lane)).toBe(4);
});
