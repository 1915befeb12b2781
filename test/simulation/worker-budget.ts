import { type BudgetState, freshBudget } from '../../src/queue/step/budget-step.ts';
import { LedgerError } from './ledger.ts';
import type { Task } from './scheduler.ts';
import { type Route, type Work, type WorkerState, wallMs } from './world.ts';

/** A simulated "day" of a quota. */
export const quotaPeriodMs = 1_500;

interface Held {
  calls: number;
  periodStartMs: number;
  periodEndMs: number;
  askAtMs: number;
  asking: boolean;
}

/** The worker's side of the budgets: blocks of calls from a row that all workers share, asked for when they are short. */
export function createModelBudgets(worker: WorkerState, kick: () => void) {
  const { world } = worker;
  const { ledger, scheduler, steps } = world;
  const held = new Map<Route, Held>();
  const periodOfWork = new WeakMap<Work, number>();
  /** What the planted bug reckons by: a row of its own. */
  const own = new Map<string, BudgetState>();
  const rows = steps.shell.sharesBudgets ? world.budgets : own;

  function heldOf(route: Route): Held {
    let one = held.get(route);
    if (one === undefined) {
      one = { calls: 0, periodStartMs: 0, periodEndMs: 0, askAtMs: 0, asking: false };
      held.set(route, one);
    }
    return one;
  }

  function* ask(route: Route, quota: number, one: Held): Task {
    const tx = ledger.begin(worker.actor);
    try {
      yield* ledger.call(tx, () => ledger.lock(tx, `b${route.name}`));
      const grant = steps.budgetStep(
        rows.get(route.name) ?? freshBudget,
        { wanted: [route.ready.size], returned: 0, returnedOfMs: 0 },
        { quota: { calls: quota, per: 'hour', zone: 'UTC' } },
        { nowMs: scheduler.nowMs, calendarMs: wallMs(worker) + quotaPeriodMs, periodOf },
      );
      tx.writes.push(() => rows.set(route.name, grant.state));
      yield* ledger.commit(tx);
      const isSame = one.periodStartMs === grant.state.periodStartMs;
      one.calls = (isSame ? one.calls : 0) + (grant.granted[0] ?? 0);
      one.periodStartMs = grant.state.periodStartMs;
      one.periodEndMs = grant.state.periodEndMs;
      one.askAtMs = scheduler.nowMs + Math.min(grant.waitMs, 200);
    } catch (error) {
      ledger.abort(tx);
      if (!(error instanceof LedgerError)) throw error;
      // What was handed out by a commit that nobody heard of is lost to the period.
      one.askAtMs = scheduler.nowMs + 200;
    }
    one.asking = false;
    kick();
  }

  return {
    take(route: Route, room: number): Work[] {
      const { quota } = route.settings;
      if (quota === undefined) return route.ready.take(room);
      const one = heldOf(route);
      const works = route.ready.take(Math.min(room, one.calls));
      one.calls -= works.length;
      for (const work of works) periodOfWork.set(work, one.periodStartMs);
      if (works.length < room && route.ready.size > 0 && !one.asking) {
        if (scheduler.nowMs >= one.askAtMs) {
          one.asking = true;
          scheduler.spawn(worker.actor, ask(route, quota, one));
        } else scheduler.after(one.askAtMs - scheduler.nowMs, () => worker.actor.alive && kick());
      }
      return works;
    },
    /** The period that the call of a work was handed out in. */
    periodOf: (work: Work): number | undefined => periodOfWork.get(work),
  };
}

export type ModelBudgets = ReturnType<typeof createModelBudgets>;

function periodOf(atMs: number): { startMs: number; endMs: number } {
  const startMs = Math.floor(atMs / quotaPeriodMs) * quotaPeriodMs;
  return { startMs, endMs: startMs + quotaPeriodMs };
}
