import { expect, test } from 'vitest';
import { oneRoute } from '../../../test/faults/one-route.ts';
import { noFlows, scriptedSystem, tenantId } from '../../../test/faults/scripted-queue.ts';
import { manualClock } from '../../../test/harness/index.ts';
import { type Db, HubError, type Sql, silentLogger, type Tx } from '../../platform/index.ts';
import type { BudgetSettings } from '../budget.ts';
import { type BudgetRow, lockBudget, writeBudget } from '../sql/budgets.ts';
import { createBudgetKeeper } from './budget-keeper.ts';

/** One worker's side of the budget of one destination, over a row that this test keeps. */
function keeperOf(settings: BudgetSettings) {
  const clock = manualClock('2026-06-01T12:00:00Z');
  const ledger = { used: 0, isHeard: true };
  const row: BudgetRow = {
    tenant_id: tenantId,
    destination: 'erp',
    settings,
    version: 1,
    tokens: null,
    refilled_ms: 0,
    period_start_ms: 0,
    period_end_ms: 0,
    used: 0,
    marks: [],
  };
  const query = async (sql: Sql, params: readonly unknown[] = []): Promise<unknown[]> => {
    if (sql === lockBudget) return [{ ...row, now_ms: clock.monotonicMs() }];
    if (sql === writeBudget) {
      [row.tokens, row.refilled_ms, row.period_start_ms, row.period_end_ms, row.used] = params.slice(2) as number[] as [
        number | null,
        number,
        number,
        number,
        number,
      ];
      ledger.used = row.used;
    }
    return [];
  };
  const engineTx = async <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => {
    const answer = await fn({ tenantId: null, database: 0, query: query as Tx['query'], afterCommit: () => {} });
    // Committed, as the row says; the worker hears of it or does not.
    if (!ledger.isHeard) throw new HubError('COMMIT_OUTCOME_UNKNOWN');
    return answer;
  };
  const { route, workOf } = oneRoute(clock);
  const keeper = createBudgetKeeper(
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
    () => route,
    () => [route],
    () => {},
  );
  keeper.update([row]);
  const ready = (...keys: string[]): void => {
    for (const key of keys) route.ready.push(workOf(key));
  };
  const asked = async (): Promise<void> => {
    await route.budget?.asking;
  };
  return { clock, ledger, route, keeper, ready, asked };
}

test('calls that were given back by a commit that nobody heard of are not given back once more', async () => {
  const { clock, ledger, route, keeper, ready, asked } = keeperOf({ quota: { calls: 10, per: 'day', zone: 'UTC' } });
  ready('a', 'b', 'c', 'd');
  expect(keeper.take(route, 16)).toEqual([]);
  await asked();
  const works = keeper.take(route, 16);
  expect(works.map((work) => work.key)).toEqual(['a', 'b', 'c', 'd']);
  expect(ledger.used).toBe(4);
  // Two of them turned out to have nothing to call.
  for (const work of works.slice(0, 2)) keeper.giveBack(work);
  ledger.isHeard = false;
  keeper.tend();
  await asked();
  expect(ledger.used).toBe(2);
  ledger.isHeard = true;
  clock.advance(1_000);
  keeper.tend();
  await asked();
  expect(ledger.used).toBe(2);
});

test('after its lease has run out a worker asks anew before it believes in its share of the calls at once', async () => {
  const { route, keeper, ready, asked } = keeperOf({ concurrency: 3 });
  ready('a', 'b', 'c');
  keeper.take(route, 16);
  await asked();
  expect(keeper.take(route, 1)).toHaveLength(1);
  keeper.lapsed();
  expect(keeper.take(route, 16)).toEqual([]);
  await asked();
  expect(keeper.take(route, 16).map((work) => work.key)).toEqual(['b', 'c']);
});
