import { expect, test } from 'vitest';
import { scriptedSystem, noFlows } from '../../../test/faults/scripted-queue.ts';
import { manualClock } from '../../../test/harness/index.ts';
import { type Db, HubError, type Tx, silentLogger } from '../../platform/index.ts';
import { createLaneKeeper } from './lane-keeper.ts';

test('a lease is believed in only once its renewal is committed, and lanes only while it has not lapsed', async () => {
  const clock = manualClock('2026-06-01T12:00:00Z');
  let commits = false;
  let lapses = 0;
  const engineTx = async <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => {
    const after: (() => void)[] = [];
    const answer = await fn({
      tenantId: null,
      database: 0,
      query: async () => [],
      afterCommit: (run) => void after.push(run),
    });
    if (!commits) throw new HubError('COMMIT_OUTCOME_UNKNOWN');
    for (const run of after) run();
    return answer;
  };
  const keeper = createLaneKeeper(
    {
      engine: { engineTx } as Db,
      clock,
      log: silentLogger,
      random: () => 0,
      flows: noFlows,
      deliverer: scriptedSystem().deliverer,
      leaseMs: 1_000,
      workerId: 'w',
      pollMs: 100,
    },
    () => lapses++,
  );
  await expect(engineTx((tx) => keeper.renew(tx))).rejects.toThrow();
  expect(keeper.leaseHolds()).toBe(false);
  commits = true;
  await engineTx((tx) => keeper.renew(tx));
  expect(keeper.leaseHolds()).toBe(true);
  // In time: whoever holds lanes goes on holding them.
  lapses = 0;
  clock.advance(600);
  await engineTx((tx) => keeper.renew(tx));
  expect(lapses).toBe(0);
  // Too late: somebody else may have taken them in between.
  clock.advance(1_000);
  expect(keeper.leaseHolds()).toBe(false);
  await engineTx((tx) => keeper.renew(tx));
  expect([lapses, keeper.leaseHolds()]).toEqual([1, true]);
});
