import { type ModelTx, stateNow } from './ledger.ts';
import type { Task } from './scheduler.ts';
import type { Decision, Work, WorkerState } from './world.ts';

/** Those that wait for another delivery that is not through, with what becomes of them. */
export function* awaitParents(
  { world }: WorkerState,
  tx: ModelTx,
  works: readonly Work[],
): Task<ReadonlyMap<Work, Decision>> {
  const { ledger, scheduler, steps } = world;
  const mayWait = (work: Work): boolean => work.effect.phase === 'clear' || !steps.shell.settlesUnsureFirst;
  const decisions = new Map<Work, Decision>();
  const children = works.filter((work) => work.row.after !== undefined && mayWait(work));
  if (children.length === 0) return decisions;
  const states = yield* ledger.call(tx, () =>
    children.map((work) => {
      const parent = ledger.tables.deliveries.get(work.row.after ?? 0);
      return parent === undefined ? undefined : stateNow(ledger.tables, parent);
    }),
  );
  children.forEach((work, index) => {
    const verdict = steps.parentStep(states[index], scheduler.nowMs - work.row.createdMs);
    if (verdict.type === 'go') return;
    const [to, detail] = verdict.type === 'wait' ? ['retry_wait' as const, 'waits'] : ['held' as const, 'orphan'];
    const outcome = { kind: 'unknown', detail } as const;
    const dueInMs = verdict.type === 'wait' ? verdict.dueInMs : undefined;
    decisions.set(work, { work, to, outcome, effect: work.effect, dueInMs, untold: true });
  });
  return decisions;
}
