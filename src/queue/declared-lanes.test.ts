import { afterAll, beforeAll, expect, test } from 'vitest';
import { delivery, tenantId, testQueue } from '../../test/faults/scripted-queue.ts';
import { type TestDatabase, testDatabase, until } from '../../test/harness/index.ts';
import type { Queue, QueueOptions } from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

test('a destination that is made by its first delivery has the lanes that are declared for it, for good', async () => {
  const laneCount = async (): Promise<Record<string, number>> => {
    const { rows } = await db.owner.query('SELECT destination, count(*)::int AS n FROM lane GROUP BY destination');
    return Object.fromEntries(rows.map((row) => [row.destination, row.n]));
  };
  const handled: string[] = [];
  const flows: QueueOptions['flows'] = {
    run: async (_tx, _tenantId, _name, batch) => void handled.push(...batch.map((row) => row.key)),
  };
  const declare = (lanes: number) => (name: string) => (name === 'flow.narrow' ? lanes : undefined);
  const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
  const enqueue = (queue: Queue) =>
    db.app.tx(tenantId, (tx) =>
      queue.enqueue(
        tx,
        ['flow.narrow', 'flow.wide'].flatMap((destination) => keys.map((key) => delivery(key, { destination }))),
      ),
    );
  const first = testQueue(db.engine, { flows, lanesOf: declare(1) });
  await enqueue(first);
  expect(await laneCount()).toEqual({ 'flow.narrow': 1, 'flow.wide': 4 });
  // A later version of the flow says otherwise: its keys stay where they are.
  const second = testQueue(db.engine, { flows, lanesOf: declare(3) });
  await enqueue(second);
  expect(await laneCount()).toEqual({ 'flow.narrow': 1, 'flow.wide': 4 });
  await Promise.all([first.start(), second.start()]);
  await until(() => handled.length === 80);
  await Promise.all([first.stop(), second.stop()]);
  expect(handled.toSorted()).toEqual([...keys, ...keys, ...keys, ...keys].toSorted());
});
