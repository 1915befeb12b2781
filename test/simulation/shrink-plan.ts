import { type Dials, type Plan, noDials } from './plan.ts';

/**
 * Makes a failing plan smaller while it goes on failing: leaves out submissions, deliveries, faults, acts, workers,
 * windows and kinds of trouble, in halves first and one by one in the end. Chance is bound to names, so that most of
 * what is left stays as it was.
 * @param fails whether a plan still fails in the same way
 * @param triesMax how many plans to try
 */
export function shrinkPlan(plan: Plan, fails: (plan: Plan) => boolean, triesMax = 600): Plan {
  let best = plan;
  let tries = 0;
  const attempt = (candidate: Plan): boolean => {
    if (tries >= triesMax) return false;
    tries++;
    if (!fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let before = ''; before !== sizeOf(best) && tries < triesMax; ) {
    before = sizeOf(best);
    shrinkList(best.submissions, (submissions) => attempt({ ...best, submissions }));
    shrinkList(best.faults, (faults) => attempt({ ...best, faults }));
    shrinkList(best.acts, (acts) => attempt({ ...best, acts }));
    for (const dial of Object.keys(noDials) as (keyof Dials)[]) {
      if (best.dials[dial] > 0) attempt({ ...best, dials: { ...best.dials, [dial]: 0 } });
    }
    if (best.workers > 1) attempt({ ...best, workers: best.workers - 1 });
    attempt({ ...best, destinations: best.destinations.map((destination) => ({ ...destination, windows: [] })) });
    for (const submission of best.submissions) {
      shrinkList(submission.deliveries, (deliveries) =>
        attempt({
          ...best,
          submissions: best.submissions.map((one) => (one.id === submission.id ? { ...one, deliveries } : one)),
        }),
      );
    }
  }
  return best;
}

function sizeOf(plan: Plan): string {
  const deliveries = plan.submissions.reduce((sum, submission) => sum + submission.deliveries.length, 0);
  return [plan.submissions.length, deliveries, plan.faults.length, plan.acts.length, plan.workers].join();
}

/** Leaves out ever smaller slices of a list for as long as what is left is still accepted. */
function shrinkList<T>(list: readonly T[], accepts: (list: readonly T[]) => boolean): void {
  let left = list;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < left.length; ) {
      const without = [...left.slice(0, at), ...left.slice(at + size)];
      if (accepts(without)) left = without;
      else at += size;
    }
  }
}
