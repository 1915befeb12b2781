import { type EffectRules, freshEffect } from '../../src/queue/step/effect-step.ts';
import type { FlowFailure } from '../../src/queue/step/flow-failure.ts';
import { settleMs } from './plan.ts';
import type { SettledRow } from './statements.ts';
import type { Steps } from './steps.ts';
import { type Chosen, type Decision, type Route, type Work, chosenOf, fenceOf } from './world.ts';

/** What one transaction of a writer commits. */
export interface Batch extends Chosen {
  decisions: Decision[];
  parks: Work[];
  flows: { route: Route; works: Work[] }[];
  sends: Work[];
}

const never: Chosen = { collectedAt: new Date(0), collectedMs: 0, lookedMs: 0, settingsMs: 0 };

export function emptyBatch(chosen: Chosen = never): Batch {
  return { decisions: [], parks: [], flows: [], sends: [], ...chosenOf(chosen) };
}

export function isEmptyBatch(batch: Batch): boolean {
  return batch.decisions.length + batch.parks.length + batch.flows.length + batch.sends.length === 0;
}

export function worksOf(batch: Batch): Work[] {
  const flowWorks = batch.flows.flatMap((flow) => flow.works);
  return [...batch.decisions.map((one) => one.work), ...flowWorks, ...batch.sends, ...batch.parks];
}

/** By kind and flow first; a single kind by member. */
export function splitBatch(batch: Batch): Batch[] {
  const parts: Batch[] = [];
  if (batch.decisions.length > 0) parts.push({ ...emptyBatch(batch), decisions: batch.decisions });
  if (batch.parks.length > 0) parts.push({ ...emptyBatch(batch), parks: batch.parks });
  for (const flow of batch.flows) parts.push({ ...emptyBatch(batch), flows: [flow] });
  if (batch.sends.length > 0) parts.push({ ...emptyBatch(batch), sends: batch.sends });
  if (parts.length > 1) return parts;
  const flow = batch.flows[0];
  if (flow !== undefined) {
    return flow.works.map((work) => ({
      ...emptyBatch(batch),
      flows: [{ route: flow.route, works: [work] }],
    }));
  }
  if (batch.decisions.length > 0)
    return batch.decisions.map((one) => ({
      ...emptyBatch(batch),
      decisions: [one],
    }));
  if (batch.sends.length > 0)
    return batch.sends.map((work) => ({
      ...emptyBatch(batch),
      sends: [work],
    }));
  return [batch];
}

/** Everything that the lanes' cursors may pass once the batch is committed. */
export function closingOf(batch: Batch): ReadonlySet<number> {
  const works = [
    ...batch.decisions.map((one) => one.work),
    ...batch.flows.flatMap((flow) => flow.works),
    ...batch.parks,
  ];
  return new Set(works.filter((work) => !work.parked).map((work) => work.position));
}

/** Intents none of whose members is left after these decisions. */
export function countDown(decided: readonly Decision[]): number[] {
  const counts = new Map<Decision['intent'], number>();
  for (const { intent } of decided) if (intent !== undefined) counts.set(intent, (counts.get(intent) ?? 0) + 1);
  const spent: number[] = [];
  for (const [intent, count] of counts) if (intent !== undefined && intent.remaining === count) spent.push(intent.id);
  return spent;
}

/** @param nowMs by the worker's clock */
export function settledRow(decision: Decision, nowMs: number): SettledRow {
  const { work, to, effect, dueInMs, attempt } = decision;
  const counts = attempt !== undefined && attempt.kind !== 'lookup';
  return {
    fence: fenceOf(work.owned),
    position: work.position,
    state: to,
    attempts: counts ? work.attempt : work.attempt - 1,
    parked: work.parked,
    dueMs: dueInMs === undefined ? undefined : nowMs + dueInMs,
    tries: effect.tries,
    lookups: effect.lookups,
    lookupFailures: effect.lookupFailures,
    recoveries: effect.recoveries,
    unsure: effect.phase === 'unknown' && (to === 'held' || to === 'dead'),
    supersededBy: decision.superseded?.by,
  };
}

/** The outside has answered, and recording that failed: it is unknown again, and whom it is left to is told. */
export function fallbackOf(decision: Decision, failure: FlowFailure, steps: Steps, random: number): Decision {
  if (decision.isFallback) return { ...decision, untold: true };
  const { work } = decision;
  const outcome = { kind: 'unknown', detail: 'could not be recorded' } as const;
  const bare = { ...decision, to: 'outcome_unknown', outcome, isFallback: true } as const;
  if (!decision.wasSent) {
    const effect = { ...freshEffect, phase: 'unknown', tries: failure.tries } as const;
    const isOver = failure.dueInMs === undefined;
    const to = isOver && work.owned.route.isFlow ? 'dead' : 'outcome_unknown';
    return { ...bare, to, effect, dueInMs: failure.dueInMs, untold: !isOver };
  }
  const rules = rulesOf(work);
  const { state, action } = steps.effectStep(work.effect, { type: 'outcome', outcome }, rules, random);
  const isOver = action.type !== 'settle' || action.dueInMs === undefined || state.tries >= rules.retry.maxAttempts;
  return { ...bare, effect: state, dueInMs: isOver ? undefined : action.dueInMs, untold: !isOver };
}

export function rulesOf(work: Work): EffectRules {
  const { idempotency, retry } = work.owned.route.settings;
  return { idempotency, retry, settleMs };
}
