import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../tidy/source-files.ts';
import { findMutation, mutations } from './mutations.ts';
import { makePlan } from './plan.ts';
import { shrinkPlan } from './shrink-plan.ts';
import { simulate } from './simulate.ts';

/** The short form; `npm run simulate` runs the long one. */
const seeds = 200;
/** As many as the rarest planted bug needs, and half as many again. */
const seedsPerMutation = 240;

test(`${seeds} seeds of work, faults and people break no invariant`, { timeout: 120_000 }, () => {
  const failed: string[] = [];
  let deliveries = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const result = simulate(makePlan(seed));
    deliveries += result.deliveries;
    const [violation] = result.violations;
    if (violation !== undefined) {
      failed.push(
        `invariant ${violation.invariant}: ${violation.message}; npm run simulate -- --seed ${seed} --seeds 1 --trace`,
      );
    }
  }
  expect(failed).toEqual([]);
  expect(deliveries).toBeGreaterThan(seeds * 20);
});

test('a seed replays exactly', () => {
  const told = (): string => {
    const lines: string[] = [];
    const result = simulate(makePlan(7), undefined, (line) => lines.push(line));
    return JSON.stringify([lines, result.rows, result.attempts]);
  };
  const first = told();
  expect(first.length).toBeGreaterThan(10_000);
  expect(told()).toBe(first);
});

describe('every planted bug is found', () => {
  const rare = mutations.filter((mutation) => mutation.provenBy !== undefined);
  const shown = mutations.filter((mutation) => mutation.provenBy === undefined);

  test('or its rule has a test of its own', () => {
    expect(shown.length).toBeGreaterThan(rare.length * 5);
    for (const { provenBy } of rare) expect(existsSync(join(root, provenBy ?? ''))).toBe(true);
  });

  test.each(shown)('$name: $what', { timeout: 120_000 }, (mutation) => {
    const found = findMutation(mutation, 1, seedsPerMutation);
    expect(found).toBeDefined();
    expect(mutation.breaks).toContain(found?.violation.invariant);
  });
});

test('a failing plan is made smaller and goes on failing', () => {
  const { steps } = mutations.find((mutation) => mutation.name === 'overtaken head')!;
  const fails = (plan: ReturnType<typeof makePlan>): boolean => simulate(plan, steps).violations[0]?.invariant === 6;
  const plan = makePlan(1);
  const small = shrinkPlan(plan, fails, 200);
  expect(fails(small)).toBe(true);
  const count = (of: typeof plan): number => of.submissions.reduce((sum, one) => sum + one.deliveries.length, 0);
  expect(count(small)).toBeLessThan(count(plan) / 4);
});
