import { parseArgs } from 'node:util';
import { invariants } from './checker.ts';
import type { Mutation } from './mutation.ts';
import { findMutation, mutations } from './mutations.ts';
import { type Plan, makePlan } from './plan.ts';
import { shrinkPlan } from './shrink-plan.ts';
import { type SimulationResult, drainBoundMs, livenessBoundMs, simulate } from './simulate.ts';
import { productSteps } from './steps.ts';

/**
 * The long form of the simulation: `npm run simulate -- --seeds 10000 --seed 1`. The last line is the scorecard as JSON.
 * `--trace` tells one seed's story; `--shrink` makes its plan smaller first; `--mutation <name>` plants a bug.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1000' },
    mutation: { type: 'string' },
    mutations: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);

function find(name: string | undefined): Mutation | undefined {
  if (name === undefined) return undefined;
  const found = mutations.find((mutation) => mutation.name === name);
  if (found === undefined)
    throw new Error(`no mutation is called so; there are: ${mutations.map((m) => m.name).join(', ')}`);
  return found;
}

const mutation = find(values.mutation);
const steps = mutation?.steps ?? productSteps;
const planOf = (seed: number): Plan => mutation?.weather?.(makePlan(seed)) ?? makePlan(seed);
const run = (plan: Plan): SimulationResult => simulate(plan, steps);

function commandFor(seed: number): string {
  const planted = mutation === undefined ? '' : ` --mutation '${mutation.name}'`;
  return `npm run simulate -- --seed ${seed} --seeds 1 --shrink --trace${planted}`;
}

/** A run that throws is a finding too. */
function judge(plan: Plan): { result?: SimulationResult; found?: string; kind?: string } {
  try {
    const result = run(plan);
    const [violation] = result.violations;
    if (violation === undefined) return { result };
    const { invariant, atMs, message } = violation;
    const found = `invariant ${invariant} (${invariants[invariant]}) at ${atMs.toFixed(1)} ms: ${message}`;
    return { result, found, kind: String(invariant) };
  } catch (error) {
    return { found: error instanceof Error ? (error.stack ?? error.message) : String(error), kind: 'crash' };
  }
}

function explain(seed: number, kind: string | undefined): void {
  let plan = planOf(seed);
  if (values.shrink && kind !== undefined) {
    plan = shrinkPlan(plan, (candidate) => judge(candidate).kind === kind);
    say(`smallest plan that fails so:\n${JSON.stringify(plan, null, 1)}`);
    say(judge(plan).found ?? '');
  }
  if (values.trace) simulate(plan, steps, say);
}

function runSeeds(first: number, count: number): number {
  const startedMs = performance.now();
  const sum = { deliveries: 0, requests: 0, steps: 0, simulatedMs: 0, settledAfterMs: 0, drainedAfterMs: 0 };
  const failed: { seed: number; found: string }[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const { result, found, kind } = judge(planOf(seed));
    if (result !== undefined) {
      sum.deliveries += result.deliveries;
      sum.requests += result.requests;
      sum.steps += result.steps;
      sum.simulatedMs += result.simulatedMs;
    }
    if (found !== undefined) {
      failed.push({ seed, found });
      say(`seed ${seed}: ${found}\n  replay it: ${commandFor(seed)}`);
    } else if (result !== undefined) {
      sum.settledAfterMs = Math.max(sum.settledAfterMs, result.settledAfterMs);
      sum.drainedAfterMs = Math.max(sum.drainedAfterMs, result.drainedAfterMs);
    }
    if (count === 1) explain(seed, kind);
    if ((seed - first + 1) % 1000 === 0) say(`${seed - first + 1} seeds, ${failed.length} failed`);
  }
  const tookSeconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const simulatedHours = Math.round(sum.simulatedMs / 36_000) / 100;
  const { simulatedMs: _, ...totals } = sum;
  const bounds = { livenessBoundMs, drainBoundMs };
  const scorecard = {
    firstSeed: first,
    seeds: count,
    failed: failed.length,
    ...totals,
    simulatedHours,
    tookSeconds,
    ...bounds,
  };
  process.stdout.write(`${JSON.stringify(scorecard)}\n`);
  return failed.length;
}

/** Each planted bug has to be found, by an invariant that it breaks. */
function runMutations(first: number, count: number): number {
  let missed = 0;
  for (const mutation of mutations) {
    const found = findMutation(mutation, first, count);
    const invariant = found?.violation.invariant;
    const isRight = invariant !== undefined && mutation.breaks.includes(invariant);
    if (!isRight) missed++;
    const what =
      found === undefined ? 'never' : `invariant ${invariant}, seed ${found.seed}: ${found.violation.message}`;
    process.stdout.write(`${isRight ? 'found ' : 'MISSED'} ${mutation.name.padEnd(24)} ${what}\n`);
  }
  return missed;
}

const bad = (values.mutations ? runMutations : runSeeds)(Number(values.seed), Number(values.seeds));
process.exitCode = bad === 0 ? 0 : 1;
