import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Queue } from '../../../src/queue/index.ts';
import { type TestDatabase, testDatabase } from '../../harness/index.ts';
import { invariantNames } from '../invariants/violation.ts';
import { doorScenarios } from './door-scenarios.ts';
import { effectScenarios } from './effect-scenarios.ts';
import { ledgerScenarios } from './ledger-scenarios.ts';

const scenarios = [...effectScenarios, ...ledgerScenarios, ...doorScenarios].toSorted(
  (a, b) => a.invariant - b.invariant,
);

let db: TestDatabase;
const running: Queue[] = [];
const run = (queue: Queue): Queue => {
  running.push(queue);
  return queue;
};
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((queue) => queue.stop()));
  await db.owner.query(
    `TRUNCATE delivery, delivery_parked, attempt, attempt_batch, intent, lane, destination, lane_worker, event
     RESTART IDENTITY CASCADE`,
  );
});
afterAll(() => db.drop());

test.each(scenarios)('invariant $invariant holds without the bug "$bug.name"', async ({ play }) => {
  expect(await play(db, undefined, run)).toEqual([]);
});

test.each(scenarios)('invariant $invariant: its checker goes red on "$bug.name"', async ({ play, bug }) => {
  expect(await play(db, bug, run)).not.toEqual([]);
});

test('every invariant has its planted bug', () => {
  const covered = new Set(scenarios.map(({ invariant }) => String(invariant)));
  expect(Object.keys(invariantNames).filter((invariant) => !covered.has(invariant))).toEqual([]);
});
