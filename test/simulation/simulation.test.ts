import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../tidy/source-files.ts';
import { findMutation, mutations } from './mutations.ts';
import { makePlan } from './plan.ts';
import { recordRun } from './recorded-run.ts';
import { judgePlan, planOf, scoreOf } from './score.ts';
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
      failed.push(`invariant ${violation.invariant}: ${violation.message}; npm run simulate -- --seed ${seed}`);
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

test('the command tells a seed as it went here, to the line', { timeout: 120_000 }, () => {
  const lines: string[] = [];
  const { result } = judgePlan(planOf(613), undefined, (line) => lines.push(line));
  const told = execFileSync(process.execPath, ['test/simulation/main.ts', '--seed', '613'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(lines.length).toBeGreaterThan(300);
  expect(told.trimEnd().split('\n')).toEqual([...lines, `seed 613: no invariant is broken, ${result?.steps} steps`]);
});

test('a run is written down with its counts, and the runs before it stay in the list', () => {
  const document =
    'a\n<!-- recorded run: written by npm run simulate -- --record -->\n<!-- end of the recorded run -->\nz\n';
  const run = (first: number) => ({
    date: '2026-01-02 03:04',
    version: `0.1.0 v${first}`,
    first,
    score: scoreOf(first, 2),
    wallSeconds: 2,
    processorSeconds: 1,
    threads: 2,
    bounds: { livenessBoundMs: 1, drainBoundMs: 2 },
  });
  const once = recordRun(document, run(1));
  const twice = recordRun(once, run(8));
  expect(once).toContain('| 2026-01-02 03:04 | 0.1.0 v1 | 1 to 2 | 0 |');
  expect(twice).toContain('| 8 to 9 | 0 |');
  expect(twice).toContain('| 1 to 2 | 0 |');
  expect(twice.match(/\| 12 \| no calls/g)).toHaveLength(1);
  expect(twice.startsWith('a\n') && twice.endsWith('\nz\n')).toBe(true);
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
