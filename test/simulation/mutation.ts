import type { Invariant } from './checker.ts';
import { type Dials, type Plan, leaseMs, noDials } from './plan.ts';
import { type ShellRules, type Steps, productSteps } from './steps.ts';

/** A planted bug, and the invariants that it may be caught by: any other finding, or none, is a failure of the checker. */
export interface Mutation {
  readonly name: string;
  readonly what: string;
  readonly breaks: readonly Invariant[];
  readonly steps: Steps;
  /** Weather in which it shows; otherwise that of any seed. */
  readonly weather?: (plan: Plan) => Plan;
  /** It shows seldom, and in this seed. */
  readonly seed?: number;
  /** It shows once in thousands of seeds only; this test proves the rule at every run. */
  readonly provenBy?: string;
}

/** Ordinary plans meet some coincidences once in thousands of seeds; these bring them about. */
export function inWeather(dials: Partial<Dials>, freezes: number): (plan: Plan) => Plan {
  return (plan) => ({
    ...plan,
    workers: 3,
    safetyMs: 15_000,
    dials: { ...noDials, ...dials },
    destinations: plan.destinations.map((destination) => ({ ...destination, windows: [] })),
    submissions: plan.submissions.map((submission) => ({
      ...submission,
      atMs: (submission.atMs * 10_000) / plan.safetyMs,
      deliveries: submission.deliveries.map((delivery) => ({
        ...delivery,
        key: `k${Number(delivery.key.slice(1)) % 3}`,
      })),
    })),
    faults: Array.from({ length: freezes }, (_, index) => ({
      kind: 'freeze at intent' as const,
      atMs: 400 + (index * 14_000) / freezes,
      worker: index % 3,
      forMs: leaseMs * 2,
    })),
  });
}

export function without(rule: keyof ShellRules): Steps {
  return { ...productSteps, shell: { ...productSteps.shell, [rule]: false } };
}
