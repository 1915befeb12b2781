import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../harness/index.ts';
import { type Plan, makePlan, noBreaker } from './plan.ts';
import { replayOnPostgres } from './postgres-replay.ts';
import { simulate } from './simulate.ts';

const count = Number(process.env['SIMULATION_POSTGRES_SEEDS'] ?? 3);
const first = Number(process.env['SIMULATION_FIRST_SEED'] ?? 1);

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.owner.query(
    'TRUNCATE delivery, delivery_parked, attempt, attempt_batch, intent, lane, destination_breaker, destination_health, destination, lane_worker RESTART IDENTITY CASCADE',
  );
});

/**
 * What depends on the moment alone is left out: windows, breakers, what people do to deliveries that are on their way,
 * settlements that fail, what gives way to a newer one, and what a flow enqueues (its place among others is the moment's).
 */
function repeatable(plan: Plan): Plan {
  return {
    ...plan,
    acts: [],
    doors: undefined,
    dials: { ...plan.dials, settledFails: 0 },
    destinations: plan.destinations.map((destination) => ({
      ...destination,
      windows: [],
      budget: undefined,
      hasHealth: false,
      breaker: noBreaker,
    })),
    submissions: plan.submissions.map((submission) => ({
      ...submission,
      deliveries: submission.deliveries.map((delivery) => ({
        ...delivery,
        follows: undefined,
        supersedes: false,
        after: undefined,
      })),
    })),
  };
}

const seeds = Array.from({ length: count }, (_, index) => first + index);

test.each(seeds)(
  'seed %i: the engine on PostgreSQL comes to what the simulation came to',
  { timeout: 240_000 },
  async (seed) => {
    const plan = repeatable(makePlan(seed));
    const result = simulate(plan);
    expect(result.violations).toEqual([]);
    const replayed = await replayOnPostgres(db, plan, result);
    expect(replayed.disagreements).toEqual([]);
    const states = (rows: readonly { name: string; state: string }[]): string[] =>
      rows.map(({ name, state }) => `${name} ${state}`).sort();
    expect(states(replayed.rows)).toEqual(states(result.rows));
    // Where each key's successes come in the order of their positions there, they do here.
    const keys = new Map(
      plan.submissions.flatMap((one) => one.deliveries).map((d) => [d.name, `${d.destination} ${d.key}`]),
    );
    const positions = new Map(replayed.rows.map((row, index) => [row.name, index]));
    for (const [, names] of Map.groupBy(replayed.order, (name) => keys.get(name) ?? '')) {
      const places = names.map((name) => positions.get(name) ?? -1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
  },
);
