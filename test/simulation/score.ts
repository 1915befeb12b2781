import { type Invariant, invariants } from './checker.ts';
import { type Mutation } from './mutation.ts';
import { type Plan, makePlan } from './plan.ts';
import { type SimulationResult, simulate } from './simulate.ts';
import { productSteps } from './steps.ts';

/** What runs of many seeds come to. */
export interface Score {
  seeds: number;
  failed: { seed: number; found: string }[];
  deliveries: number;
  requests: number;
  steps: number;
  simulatedMs: number;
  /** The worst of all runs. */
  settledAfterMs: number;
  drainedAfterMs: number;
  /** By invariant: how often it was judged. */
  judged: Record<string, number>;
  /** What went wrong, by kind. */
  faults: Record<string, number>;
}

export function emptyScore(): Score {
  return {
    seeds: 0,
    failed: [],
    deliveries: 0,
    requests: 0,
    steps: 0,
    simulatedMs: 0,
    settledAfterMs: 0,
    drainedAfterMs: 0,
    judged: {},
    faults: {},
  };
}

/** Adds the one to the other. */
export function addScore(to: Score, more: Score): void {
  to.seeds += more.seeds;
  to.failed.push(...more.failed);
  to.deliveries += more.deliveries;
  to.requests += more.requests;
  to.steps += more.steps;
  to.simulatedMs += more.simulatedMs;
  to.settledAfterMs = Math.max(to.settledAfterMs, more.settledAfterMs);
  to.drainedAfterMs = Math.max(to.drainedAfterMs, more.drainedAfterMs);
  for (const counts of ['judged', 'faults'] as const) {
    for (const [name, n] of Object.entries(more[counts])) to[counts][name] = (to[counts][name] ?? 0) + n;
  }
}

export interface Judgment {
  readonly result?: SimulationResult;
  readonly found?: string;
  /** The invariant that was broken, or `crash`. */
  readonly kind?: string;
}

export const planOf = (seed: number, mutation?: Mutation): Plan =>
  mutation?.weather?.(makePlan(seed)) ?? makePlan(seed);

/** A run that throws is a finding too. */
export function judgePlan(plan: Plan, mutation?: Mutation, tell?: (line: string) => void): Judgment {
  try {
    const result = simulate(plan, mutation?.steps ?? productSteps, tell);
    const [violation] = result.violations;
    if (violation === undefined) return { result };
    const { invariant, atMs, message } = violation;
    const found = `invariant ${invariant} (${invariants[invariant satisfies Invariant]}) at ${atMs.toFixed(1)} ms: ${message}`;
    return { result, found, kind: String(invariant) };
  } catch (error) {
    return { found: error instanceof Error ? (error.stack ?? error.message) : String(error), kind: 'crash' };
  }
}

/** Runs seeds one after the other. */
export function scoreOf(first: number, count: number, mutation?: Mutation): Score {
  const score = emptyScore();
  for (let seed = first; seed < first + count; seed++) {
    const { result, found } = judgePlan(planOf(seed, mutation), mutation);
    addScore(score, {
      seeds: 1,
      failed: found === undefined ? [] : [{ seed, found }],
      deliveries: result?.deliveries ?? 0,
      requests: result?.requests ?? 0,
      steps: result?.steps ?? 0,
      simulatedMs: result?.simulatedMs ?? 0,
      settledAfterMs: found === undefined ? (result?.settledAfterMs ?? 0) : 0,
      drainedAfterMs: found === undefined ? (result?.drainedAfterMs ?? 0) : 0,
      judged: { ...result?.judged },
      faults: Object.fromEntries(result?.faults ?? []),
    });
  }
  return score;
}
