import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { ensureLedgerPartitions } from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const partitions = async (parent: string): Promise<string[]> => {
  const { rows } = await db.owner.query(
    'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1',
    [parent],
  );
  return rows.map((row) => row.name);
};

it('makes the months ahead once, without gaps, each closed to other tenants', async () => {
  const before = await partitions('message');
  await ensureLedgerPartitions(db.url);
  expect(await partitions('message')).toEqual(before);
  // Two months later the hub has two more to make.
  await db.owner.query("SELECT ensure_month_partitions('message', 2, now() + interval '2 months')");
  const after = await partitions('message');
  expect(after).toHaveLength(5);
  const bounds = await db.owner.query(
    `SELECT pg_get_expr(c.relpartbound, c.oid) AS bound, c.relforcerowsecurity AS forced, count(p.*)::int AS policies
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid LEFT JOIN pg_policy p ON p.polrelid = c.oid
      WHERE i.inhparent = 'message'::regclass GROUP BY c.oid, c.relname ORDER BY c.relname`,
  );
  const edges = bounds.rows.map((row) => /FROM \((.*)\) TO \((.*)\)/.exec(row.bound)!.slice(1));
  expect(edges[0]![0]).toBe('MINVALUE');
  for (let i = 1; i < edges.length; i++) expect(edges[i]![0]).toBe(edges[i - 1]![1]);
  expect(bounds.rows.every((row) => row.forced && row.policies === 1)).toBe(true);
});
