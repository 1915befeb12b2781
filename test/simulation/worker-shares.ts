import { fairParts } from '../../src/queue/step/fair-share.ts';
import type { SupersedeRules } from '../../src/queue/step/supersede-step.ts';
import type { Steps } from './steps.ts';
import { isOpen } from './worker-gate.ts';
import type { Decision, Route, Work, WorkerState } from './world.ts';

/** The part of a transaction that each destination gets. */
export function sharesOf(
  worker: WorkerState,
  flows: boolean,
  limit: number,
  roomOf: (route: Route) => number,
  turn: number,
): [Route, number][] {
  const waiting = [...worker.routes.values()].filter(
    (route) => route.isFlow === flows && route.ready.size > 0 && isOpen(worker, route),
  );
  const parts = fairParts(waiting.map(roomOf), limit, turn);
  return waiting.map((route, index): [Route, number] => [route, parts[index] ?? 0]).filter(([, part]) => part > 0);
}

const supersedeRules: SupersedeRules<Work> = {
  groupOf: (work) => (work.row.plan.supersedes ? 'newest' : undefined),
  isUnsent: (work) => work.effect.phase === 'clear' && work.attempt === 1,
};

/** True for one that need not go, because a newer one of its key says the same anew. */
export function giveWay(work: Work, steps: Steps, decide: (decision: Decision) => void): boolean {
  const superseded = steps.supersede(work.owned.lane, work, supersedeRules);
  if (superseded === undefined) return false;
  for (const row of superseded.rows) {
    const place = row === work ? 'head' : 'behind';
    const outcome = { kind: 'unknown', detail: 'superseded' } as const;
    const by = superseded.by.position;
    decide({ work: row, to: 'discarded', outcome, effect: row.effect, superseded: { by, place } });
  }
  return true;
}
