import type { NewException } from '../exceptions/index.ts';
import type { Tx } from '../platform/index.ts';
import { type Budget, type Budgets, quotaWords } from '../queue/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';

/**
 * Says beforehand that a quota will end before it begins anew, while something can still be done about it; takes it back
 * when it lasts after all. Run it every minute for every tenant.
 */
export async function watchBudgets(tx: Tx, hub: Hub, budgets: Pick<Budgets, 'list'>): Promise<void> {
  const all = await budgets.list(tx);
  if (all.length === 0) return;
  const atRisk = all.filter((budget) => budget.quota?.exhaustedAt !== undefined);
  const calm = all.filter((budget) => budget.quota?.exhaustedAt === undefined);
  await raiseExceptions(tx, hub, atRisk.map(exceptionOf));
  await settleExceptions(tx, hub, {
    dedupeKeys: calm.map(({ destination }) => keyOf(destination)),
    resolution: 'The quota lasts',
    by: 'hub',
  });
}

const keyOf = (destination: string): string => `quota:${destination}`;

function exceptionOf(budget: Budget): NewException {
  const { destination, quota } = budget;
  return {
    code: 'QUOTA_AT_RISK',
    dedupeKey: keyOf(destination),
    entityRefs: [{ kind: 'connection', id: destination }],
    cause: `${destination}: ${quotaWords(budget)}.`,
    data: { destination, left: quota?.left, waiting: quota?.waiting, blamedSystem: destination },
  };
}
