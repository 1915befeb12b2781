import { burstOf, ceilingOf } from '../../src/queue/step/budget-step.ts';
import type { BudgetSettings } from '../../src/queue/index.ts';
import type { Tables } from './ledger.ts';
import type { PlannedDestination } from './plan.ts';
import type { Actor } from './scheduler.ts';
import type { CallStamp } from './worker-budget.ts';

export interface BudgetChecker {
  /**
   * A call leaves.
   * @param worker by whose lease it counts
   * @returns to be told when it has come back
   */
  calls(destination: string, stamp: CallStamp | undefined, actor: Actor, worker: string): () => void;
  finish(): void;
}

interface UnderWay {
  readonly actor: Actor;
  readonly worker: string;
  readonly startedMs: number;
}

/** Whether anything is called more often, or oftener at once, than its budget allows all workers together. */
export function createBudgetChecker(
  destinations: ReadonlyMap<string, PlannedDestination>,
  tables: Tables,
  nowMs: () => number,
  judge: (isRight: boolean, message: () => string) => void,
): BudgetChecker {
  /** By destination and period: calls by class. */
  const callsOfPeriod = new Map<string, number[]>();
  const grants = new Map<string, number[]>();
  const underWay = new Map<string, Set<UnderWay>>();

  function judgeQuota(destination: string, settings: BudgetSettings, stamp: CallStamp): void {
    const classes = (settings.reserves ?? []).length + 1;
    const period = `${destination} ${stamp.periodStartMs}`;
    const calls = callsOfPeriod.get(period) ?? Array.from({ length: classes }, () => 0);
    callsOfPeriod.set(period, calls);
    calls[stamp.classIndex] = (calls[stamp.classIndex] ?? 0) + 1;
    let made = 0;
    for (let index = 0; index < classes; index++) {
      made += calls[index] ?? 0;
      const [most, count, upTo] = [ceilingOf(settings, index), made, index];
      judge(
        count <= most,
        () =>
          `${destination} is called a ${count}th time up to class ${upTo} in the period ${stamp.periodStartMs}, ${most} are allowed`,
      );
    }
  }

  /** Those that the slots' rows count: of workers that live, and whose lease has held ever since. */
  function judgeAtOnce(destination: string, limit: number): void {
    const counted = [...(underWay.get(destination) ?? [])].filter(({ actor, worker, startedMs }) => {
      const holds = (tables.leases.get(worker) ?? Number.NEGATIVE_INFINITY) >= nowMs();
      return actor.alive && holds && (tables.leasedSince.get(worker) ?? Number.POSITIVE_INFINITY) <= startedMs;
    });
    judge(
      counted.length <= limit,
      () => `${destination} is called ${counted.length} times at once, ${limit} are allowed`,
    );
  }

  return {
    calls(destination, stamp, actor, worker) {
      const settings = destinations.get(destination)?.budget;
      if (settings === undefined) return () => {};
      if (settings.rate !== undefined || settings.quota !== undefined) {
        judge(stamp !== undefined, () => `${destination} is called without a call of its budget`);
        if (stamp !== undefined && settings.quota !== undefined) judgeQuota(destination, settings, stamp);
        if (stamp !== undefined) grants.set(destination, [...(grants.get(destination) ?? []), stamp.grantedMs]);
      }
      const all = underWay.get(destination) ?? new Set<UnderWay>();
      underWay.set(destination, all);
      const call = { actor, worker, startedMs: nowMs() };
      all.add(call);
      if (settings.concurrency !== undefined) judgeAtOnce(destination, settings.concurrency);
      return () => all.delete(call);
    },
    /** The rate, over all stretches of time: a bucket that calls fill and time empties never overflows. */
    finish() {
      for (const [destination, times] of grants) {
        const rate = destinations.get(destination)?.budget?.rate;
        if (rate === undefined) continue;
        let [level, lastMs] = [0, 0];
        for (const atMs of times.toSorted((a, b) => a - b)) {
          level = Math.max(0, level - ((atMs - lastMs) * rate.calls) / (rate.perSeconds * 1_000)) + 1;
          lastMs = atMs;
          const full = level;
          judge(
            full <= burstOf(rate) + 1e-6,
            () => `${destination} was given ${full.toFixed(1)} calls at ${atMs.toFixed(1)}, beyond its rate and burst`,
          );
        }
      }
    },
  };
}
