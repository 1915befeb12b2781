import { afterAll, beforeAll, expect, test } from 'vitest';
import { delivery, scriptedSystem, testQueue } from '../../test/faults/scripted-queue.ts';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { type Db, HubError, silentLogger, systemClock } from '../platform/index.ts';
import { createIntakeGate } from './index.ts';
import { type IntakeLimits, allTenants, intakeStep } from './step/intake-step.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const limits: IntakeLimits = { total: 100, tenant: 60, destination: 40, freeBytes: 1_000 };
const load = (tenantId: string, destination: string, open: number) => ({ tenantId, destination, open });

test('doors close at a bound and open well below it, each scope for itself', () => {
  const closedBy = (before: string[], open: ReturnType<typeof load>[], freeBytes?: number): string[] => {
    const closed = new Map(before.map((scope) => [scope, 'before']));
    return [...intakeStep(closed, { open, ...(freeBytes === undefined ? {} : { freeBytes }) }, limits).keys()];
  };
  expect(closedBy([], [load('a', 'erp', 39), load('a', 'wms', 20)])).toEqual([]);
  expect(closedBy([], [load('a', 'erp', 40)])).toEqual(['a']);
  expect(closedBy([], [load('a', 'erp', 30), load('a', 'wms', 30)])).toEqual(['a']);
  // Between 36 and 40 it stays as it was.
  expect(closedBy(['a'], [load('a', 'erp', 37)])).toEqual(['a']);
  expect(closedBy([], [load('a', 'erp', 37)])).toEqual([]);
  expect(closedBy(['a'], [load('a', 'erp', 35)])).toEqual([]);
  expect(closedBy([], [load('a', 'x', 35), load('b', 'x', 35), load('c', 'x', 35)])).toEqual([allTenants]);
  expect(closedBy([], [], 999)).toEqual([allTenants]);
  expect(closedBy([], [], 1_050)).toEqual([]);
  expect(closedBy([allTenants], [], 1_050)).toEqual([allTenants]);
});

test('a tenant with too much open is refused with the reason; the work inside goes on, and makes room', async () => {
  const system = scriptedSystem();
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  const gate = createIntakeGate({
    engine: db.engine,
    clock: systemClock,
    log: silentLogger,
    limits: { total: 1_000, tenant: 500, destination: 50, freeBytes: 0 },
  });
  const enqueue = (tenant: string, count: number): Promise<string[]> =>
    db.app.tx(tenant, (tx) =>
      queue.enqueue(
        tx,
        Array.from({ length: count }, (_, n) => delivery(`k${n}`)),
      ),
    );
  await enqueue('acme', 49);
  await enqueue('other', 10);
  await gate.look();
  gate.admit('acme');
  await enqueue('acme', 1);
  await gate.look();
  expect(() => gate.admit('acme')).toThrow('erp: 50 open deliveries, 50 allowed');
  gate.admit('other');
  expect(gate.status).toEqual({ closedTenants: 1, openDeliveries: 60 });
  // What is inside goes on: a flow may write what it has to.
  await enqueue('acme', 5);
  await queue.start();
  await queue.idle();
  await gate.look();
  gate.admit('acme');
  expect(gate.status).toEqual({ closedTenants: 0, openDeliveries: 0 });
  await queue.stop();
});

test('a tenant and a destination may have bounds of their own, higher or lower than the hub says', () => {
  const closedBy = (open: ReturnType<typeof load>[]): string[] => [
    ...intakeStep(new Map(), { open }, limits, {
      tenants: new Map([['a', 80]]),
      destinations: new Map([
        ['a', new Map([['erp', 70]])],
        ['b', new Map([['erp', 5]])],
      ]),
    }).keys(),
  ];
  expect(closedBy([load('a', 'erp', 69)])).toEqual([]);
  expect(closedBy([load('a', 'erp', 70)])).toEqual(['a']);
  expect(closedBy([load('a', 'wms', 40)])).toEqual(['a']);
  expect(closedBy([load('a', 'wms', 30), load('a', 'erp', 49)])).toEqual([]);
  expect(closedBy([load('a', 'wms', 30), load('a', 'erp', 50)])).toEqual(['a']);
  expect(closedBy([load('b', 'erp', 5)])).toEqual(['b']);
  // The bound of the whole hub is nobody's own.
  expect(closedBy([load('a', 'erp', 69), load('c', 'erp', 39)])).toEqual([allTenants]);
});

test('what waits behind a blocked head counts, wherever it is kept', async () => {
  const system = scriptedSystem({
    send: () => ({ kind: 'rejected', class: 'business', code: 'NO', message: 'no' }),
  });
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  await queue.start();
  await db.app.tx('third', (tx) =>
    queue.enqueue(
      tx,
      Array.from({ length: 30 }, () => delivery('one-key')),
    ),
  );
  await queue.idle();
  const bounds = { total: 1_000, tenant: 30, destination: 500, freeBytes: 0 };
  const gate = createIntakeGate({ engine: db.engine, clock: systemClock, log: silentLogger, limits: bounds });
  await gate.look();
  expect(() => gate.admit('third')).toThrow('30 open deliveries, 30 allowed');
  await queue.stop();
});

test('while the database cannot be reached nothing is taken in, and once it can everything is again', async () => {
  let down = true;
  const engine: Pick<Db, 'engineTx'> = {
    engineTx: (fn) => (down ? Promise.reject(new HubError('DATABASE_UNAVAILABLE')) : db.engine.engineTx(fn)),
  };
  const gate = createIntakeGate({
    engine: engine as Db,
    clock: systemClock,
    log: silentLogger,
    limits: { total: 1_000, tenant: 1_000, destination: 1_000, freeBytes: 0 },
  });
  await gate.look();
  gate.admit('acme');
  await gate.look();
  expect(() => gate.admit('acme')).toThrow(HubError);
  expect(gate.isOpen('acme')).toBe(false);
  expect(gate.status.closed).toBe('the database cannot be reached');
  down = false;
  await gate.look();
  gate.admit('acme');
});
