import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { systemClock } from '../platform/index.ts';
import { createEnqueuer, maintainPartitions } from '../queue/index.ts';
import { type NewEvent, createEvents, eventCatalog } from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const enqueuer = createEnqueuer(() => {});
const events = createEvents({
  clock: systemClock,
  queue: enqueuer,
  subscriptions: [
    { destination: 'flow.process-order', on: ['sales.order.received'] },
    { destination: 'portal', on: ['sales.order.received', 'sales.order.accepted'], operation: 'order.notify' },
    { destination: 'flow.never', on: ['sales.order.received'], when: () => false },
  ],
});
const received = (key: string, more: Partial<NewEvent> = {}): NewEvent => ({
  type: 'sales.order.received',
  entity: { kind: 'order', id: key },
  key,
  orderId: key,
  correlationId: `c-${key}`,
  ...more,
});

test('publishing fans out in the same transaction, by subscription', async () => {
  const [event] = await db.app.tx('acme', (tx) =>
    events.publish(tx, [received('o1', { data: { lines: 2 }, version: 1 })]),
  );
  const { rows } = await db.owner.query(
    'SELECT destination, key, operation, event_id, correlation_id, payload FROM delivery_now ORDER BY destination',
  );
  const common = {
    key: 'o1',
    event_id: event?.id,
    correlation_id: 'c-o1',
    payload: { kind: 'event', entity: { kind: 'order', id: 'o1' } },
  };
  expect(rows).toEqual([
    { ...common, destination: 'flow.process-order', operation: 'sales.order.received' },
    { ...common, destination: 'portal', operation: 'order.notify' },
  ]);
  const loaded = await db.app.tx('acme', (tx) => events.load(tx, [event?.id ?? '']));
  expect(loaded.get(event?.id ?? '')).toEqual(event);
  expect(await db.app.tx('acme', (tx) => events.list(tx, { orderId: 'o1' }))).toEqual([event]);
});

test('nothing is left of a publisher that rolls back', async () => {
  await db.app
    .tx('acme', async (tx) => {
      await events.publish(tx, [received('gone')]);
      throw new Error('no');
    })
    .catch(() => {});
  const { rows } = await db.owner.query(
    "SELECT (SELECT count(*)::int FROM event WHERE key = 'gone') + (SELECT count(*)::int FROM delivery WHERE key = 'gone') AS n",
  );
  expect(rows[0].n).toBe(0);
});

test('the stream waits for a slow publisher instead of passing it', async () => {
  const [start] = await db.app.tx('acme', (tx) => events.publish(tx, [received('first')]));
  let letGo = (): void => {};
  let published = (): void => {};
  const hold = new Promise<void>((resolve) => (letGo = resolve));
  const hasPublished = new Promise<void>((resolve) => (published = resolve));
  const slow = db.app.tx('acme', async (tx) => {
    await events.publish(tx, [received('slow')]);
    published();
    await hold;
  });
  await hasPublished;
  await db.app.tx('acme', (tx) => events.publish(tx, [received('quick')]));
  const keys = async (): Promise<string[]> =>
    (await db.app.tx('acme', (tx) => events.since(tx, start?.id, 10))).map((event) => event.key);
  expect(await keys()).toEqual([]);
  letGo();
  await slow;
  await expect.poll(keys, { timeout: 15_000 }).toEqual(['slow', 'quick']);
});

test("events are one tenant's, and nobody changes them", async () => {
  await db.app.tx('other', async (tx) => expect(await events.list(tx, {})).toEqual([]));
  for (const sql of ["UPDATE event SET reason = 'x'", 'DELETE FROM event']) {
    await expect(db.app.tx('acme', (tx) => tx.query(sql))).rejects.toThrow(/permission denied/);
  }
});

test('partitions are made ahead, protected like their parents, and making them again makes none', async () => {
  await db.owner.query("SELECT setval('delivery_position', 12345678)");
  expect(await maintainPartitions(db.url)).toEqual(['delivery_p000003']);
  expect(await maintainPartitions(db.url)).toEqual([]);
  const { rows } = await db.owner.query(`
    SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,
           (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid) AS policies
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent IN ('delivery'::regclass, 'attempt'::regclass, 'attempt_batch'::regclass, 'event'::regclass)
      AND c.relkind = 'r'`);
  expect(rows.length).toBeGreaterThanOrEqual(13);
  for (const row of rows) {
    expect(row.forced).toBe(true);
    expect(row.policies).toBeGreaterThan(0);
  }
});

test('every event of the catalog is named domain.entity.verb', () => {
  for (const name of Object.keys(eventCatalog)) expect(name).toMatch(/^[a-z]+\.[a-z]+[A-Za-z]*\.[a-z]+[A-Za-z]*$/);
});
