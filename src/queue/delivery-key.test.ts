import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantId } from '../../test/faults/scripted-queue.ts';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { deliveriesOfKey, hasLaterDelivery } from './sql/deliveries.ts';
import { findDelivered, newestOfKeys } from './sql/find-replayable.ts';

const lane = 1;
const stored = 30_000;
const first = 'o1';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await db.owner.query(
    `INSERT INTO destination (tenant_id, name, kind, lanes, concurrency, retry) VALUES ($1, 'erp', 'connection', 1, 4, '{}')`,
    [tenantId],
  );
  await db.owner.query(
    `INSERT INTO lane (lane_id, tenant_id, destination, lane_no, cursor_position) OVERRIDING SYSTEM VALUE
     VALUES ($1, $2, 'erp', 0, $3)`,
    [lane, tenantId, stored],
  );
  await db.owner.query(
    `INSERT INTO delivery (position, lane_id, id, tenant_id, key, operation, payload, correlation_id)
     SELECT n, $1, gen_random_uuid(), $2, 'o' || (n + 4) / 5, 'order.create', '{}', 'c' || n FROM generate_series(1, $3::int) AS n`,
    [lane, tenantId, stored],
  );
  await db.owner.query('ANALYZE delivery');
});
afterAll(() => db.drop());

interface Plan {
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  'Actual Rows': number;
}

/** Rows found, and pages read for them, by the role and under the policies that the hub has. */
async function cost(text: string, params: readonly unknown[]): Promise<{ rows: number; pages: number }> {
  const literal = (value: unknown): string => {
    if (Array.isArray(value)) return `'{${value.join(',')}}'::${typeof value[0] === 'number' ? 'int' : 'text'}[]`;
    if (value === null) return 'NULL';
    return typeof value === 'number' ? String(value) : `'${value as string}'`;
  };
  const sql = text.replaceAll(/\$(\d+)/g, (_, n: string) => literal(params[Number(n) - 1]));
  const [row] = await db.app.tx(tenantId, (tx) =>
    tx.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`),
  );
  const plan = row!['QUERY PLAN'][0]!.Plan;
  return { rows: plan['Actual Rows'], pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
}

const farthest = Number.MAX_SAFE_INTEGER;
const questions: [string, string, readonly unknown[], number][] = [
  ['a list of a key', deliveriesOfKey, [first, farthest, [lane], null, 50], 5],
  ['a list of a key and a state', deliveriesOfKey, [first, farthest, [lane], 'delivered', 50], 5],
  ['whether a later delivery of a key exists', hasLaterDelivery, [lane, first, 5], 0],
  ['the newest of the keys of a page', newestOfKeys, [[lane], [first, 'o77'], 1], 2],
  ['what of a key a replay finds', findDelivered, [tenantId, 0, 500, null, null, null, null, null, first], 5],
];

test.each(questions)('%s reads a handful of pages, however full the lane is', async (_name, text, params, rows) => {
  const found = await cost(text, params);
  expect(found.rows).toBe(rows);
  // The whole lane has more than five hundred.
  expect(found.pages).toBeLessThan(60);
});
