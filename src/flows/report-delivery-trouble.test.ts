import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSettlement } from '../app/flows.ts';
import { createEvents, type HubEvent } from '../events/index.ts';
import { listExceptions } from '../exceptions/index.ts';
import { loadConfig, silentLogger, type Tx, uuidv7 } from '../platform/index.ts';
import { createQueue, type DeliveryRow, type Outcome, type Settled } from '../queue/index.ts';
import { type ManualClock, manualClock, type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import type { Hub } from './flow.ts';
import { createKnownUp } from './known-up.ts';
import { closeOpenedBefore, reportDeliveryTrouble } from './report-delivery-trouble.ts';

const tenant = 'acme';
const orderId = uuidv7();

interface Worker {
  hub: Hub;
  /** Statements that its settlements have cost. */
  statements(): number;
  settle(...results: Settled[]): Promise<void>;
  /** How often it has asked once more after a success that was the last for a while. */
  asked(): number;
}

let database: TestDatabase;
let clock: ManualClock;

beforeEach(async () => {
  database = await testDatabase();
  clock = manualClock('2026-06-01T13:00:00Z');
});
afterEach(() => database.drop());

const inTx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => database.app.tx(tenant, work);

/** The flows of one hub process: several of them share the database and nothing else. */
function worker(flow = reportDeliveryTrouble): Worker {
  const unused = (): never => {
    throw new Error('the lanes stand still here');
  };
  const queue = createQueue({
    app: database.app,
    engine: database.engine,
    clock,
    log: silentLogger,
    random: () => 0.5,
    flows: { run: unused },
    deliverer: { prepare: unused, send: unused, lookup: unused, settled: unused },
  });
  let asked = 0;
  const hub: Hub = {
    tenantId: tenant,
    clock,
    log: silentLogger,
    config: loadConfig({}),
    random: () => 0.5,
    enqueue: unused,
    prepare: unused,
    events: createEvents({ clock, queue, subscriptions: [] }),
    deliveries: queue.deliveries,
    destinations: queue.destinations,
    knownUp: createKnownUp(clock, async (_tenant, destination, at) => {
      await inTx((tx) => closeOpenedBefore(tx, hub, destination, at));
      asked++;
    }),
    timeZone: 'UTC',
    connectionFor: unused,
    connection: unused,
  };
  const settlement = createSettlement({
    flows: [flow],
    hub: () => hub,
    open: () => Promise.resolve(),
  });
  let statements = 0;
  return {
    hub,
    statements: () => statements,
    asked: () => asked,
    settle: (...results) =>
      inTx((tx) => {
        const counted = new Proxy(tx, {
          get(target, name) {
            if (name === 'query') statements++;
            const value = Reflect.get(target, name) as unknown;
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          },
        });
        return settlement(counted, tenant, results);
      }),
  };
}

function delivery(id = uuidv7(), operation = 'order.create', destination = 'erp'): DeliveryRow {
  return {
    id,
    position: 1,
    tenantId: tenant,
    destination,
    key: orderId,
    operation,
    payload: { kind: 'command', entity: { kind: 'order', id: orderId } },
    correlationId: 'trace',
    naturalKey: 'xd1-1',
    priority: 0,
    attempt: 1,
  };
}

const delivered = (of = delivery(), attempts = 1): Settled => ({
  delivery: of,
  state: 'delivered',
  outcome: { kind: 'confirmed' },
  attempts,
});
const refused = (of = delivery(), kind: 'auth' | 'business' = 'business'): Settled => ({
  delivery: of,
  state: 'held',
  outcome: { kind: 'rejected', class: kind, code: 'NO', message: 'No' },
  attempts: 1,
});
const settledAs = (state: Settled['state'], outcome: Outcome, of = delivery()): Settled => ({
  delivery: of,
  state,
  outcome,
  attempts: 3,
});

const openCodes = async (): Promise<string[]> => {
  const { rows } = await inTx((tx) => listExceptions(tx, { state: 'open' }, { limit: 20 }));
  return rows.map(({ code }) => code);
};

/** A worker with modules of its own, as in a process of its own: nothing in memory is shared. */
async function anotherProcess(): Promise<Worker> {
  vi.resetModules();
  const { reportDeliveryTrouble: flow } = await import('./report-delivery-trouble.ts');
  return worker(flow);
}

describe('what a worker knows about a destination', () => {
  it('does not outlast what another one has opened about it', async () => {
    const [a, b] = [worker(), await anotherProcess()];
    await a.settle(delivered());
    await b.settle(refused(delivery(), 'auth'));
    expect(await openCodes()).toEqual(['AUTH_FAILED']);
    // B stops; from now on everything goes by A.
    clock.advance(10_000);
    await a.settle(delivered());
    expect(await openCodes()).toEqual([]);
  });

  it('does not keep open what another one opened before the last success here, though nothing follows', async () => {
    const [a, b] = [worker(), await anotherProcess()];
    await a.settle(delivered());
    clock.advance(1_000);
    await b.settle(refused(delivery(), 'auth'));
    clock.advance(1_000);
    await a.settle(delivered());
    expect(await openCodes()).toEqual(['AUTH_FAILED']);
    clock.advance(6_000);
    await expect.poll(openCodes).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not close what has happened again since its last success', async () => {
    const [a, b] = [worker(), await anotherProcess()];
    await a.settle(delivered());
    clock.advance(1_000);
    await b.settle(refused(delivery(), 'auth'));
    clock.advance(10_000);
    await expect.poll(() => a.asked()).toBe(1);
    expect(await openCodes()).toEqual(['AUTH_FAILED']);
  });

  it('ends with its hub: the next one asks for itself', async () => {
    await worker().settle(delivered());
    await (await anotherProcess()).settle(refused(delivery(), 'auth'));
    await worker().settle(delivered());
    expect(await openCodes()).toEqual([]);
  });

  it('is dropped at once by the worker that opens something', async () => {
    const a = worker();
    await a.settle(delivered());
    await a.settle(refused(delivery(), 'auth'));
    await a.settle(delivered());
    expect(await openCodes()).toEqual([]);
  });

  it('saves the statement of all but one batch in some seconds', async () => {
    const a = worker();
    for (let i = 0; i < 20; i++) {
      await a.settle(delivered(), delivered(delivery(uuidv7(), 'release.create', 'wms')));
      clock.advance(100);
    }
    expect(a.statements()).toBe(1);
  });
});

describe('what is announced about a delivery', () => {
  const ledger = createEvents({
    clock: manualClock('2026-06-01T13:00:00Z'),
    queue: { prepare: () => Promise.reject(new Error('nothing is published here')) },
    subscriptions: [],
  });
  const announced = async (): Promise<[string, HubEvent['data']][]> => {
    const events = await inTx((tx) => ledger.list(tx, { orderId }));
    return events.map(({ type, data }) => [type, data]);
  };
  const typesAnnounced = async (): Promise<string[]> =>
    (await announced()).map(([type]) => type).filter((type) => type.startsWith('ops.delivery.'));

  it('is that it was given up on, or stopped until a person decides; not that it will be tried again', async () => {
    const dead = delivery();
    await worker().settle(
      settledAs('dead', { kind: 'retryable', sent: false, detail: 'gone' }, dead),
      refused(),
      settledAs('outcome_unknown', { kind: 'unknown', detail: 'cut off' }),
      { ...settledAs('outcome_unknown', { kind: 'unknown', detail: 'cut off' }), nextAttemptAt: clock.now() },
      { ...settledAs('retry_wait', { kind: 'retryable', sent: false, detail: 'busy' }), nextAttemptAt: clock.now() },
      delivered(),
    );
    expect(await typesAnnounced()).toEqual(['ops.delivery.deadLettered', 'ops.delivery.failed', 'ops.delivery.failed']);
    expect((await announced()).find(([type]) => type === 'ops.delivery.deadLettered')?.[1]).toMatchObject({
      deliveryId: dead.id,
      destination: 'erp',
      operation: 'order.create',
      state: 'dead',
      attempts: 3,
      error: 'gone',
    });
  });

  it('is the exception that it opens, once, and that it closes', async () => {
    const held = delivery();
    await worker().settle(refused(held));
    await worker().settle(refused(held));
    await worker().settle(delivered(held, 3));
    const events = (await announced()).filter(([type]) => type.startsWith('ops.exception.'));
    expect(events).toEqual([
      ['ops.exception.opened', expect.objectContaining({ code: 'DELIVERY_REJECTED', ownerRole: 'integration' })],
      ['ops.exception.resolved', expect.objectContaining({ code: 'DELIVERY_REJECTED', by: 'hub' })],
    ]);
  });

  it('is the exception about a system, too', async () => {
    await worker().settle(refused(delivery(), 'auth'));
    await worker().settle(delivered());
    const events = await inTx((tx) => ledger.list(tx, { afterSequence: 0 }));
    expect(events.filter(({ data }) => data?.code === 'AUTH_FAILED').map(({ type }) => type)).toEqual([
      'ops.exception.opened',
      'ops.exception.resolved',
    ]);
  });

  it.each(['ops.delivery.deadLettered', 'ops.exception.opened'])(
    'is nothing more where the delivery is itself about %s: no news about news',
    async (operation) => {
      const about = delivery(uuidv7(), operation, 'subscriber');
      await worker().settle(settledAs('dead', { kind: 'retryable', sent: false, detail: 'gone' }, about));
      expect((await announced()).filter(([type]) => type !== 'ops.delivery.deadLettered')).toEqual([]);
      expect(await openCodes()).toEqual(['DELIVERY_DEAD']);
    },
  );
});

describe('the code of the exception', () => {
  it('is DUPLICATE_OUTSIDE where the look-up found several or something else, with what it found', async () => {
    const [several, other] = [delivery(), delivery()];
    await worker().settle(
      settledAs(
        'outcome_unknown',
        { kind: 'unknown', detail: 'two', found: { ids: ['7', '8'], sameContent: true } },
        several,
      ),
      settledAs(
        'outcome_unknown',
        { kind: 'unknown', detail: 'other', found: { ids: ['9'], sameContent: false } },
        other,
      ),
    );
    const { rows } = await inTx((tx) => listExceptions(tx, { code: 'DUPLICATE_OUTSIDE' }, { limit: 9 }));
    expect(rows.map(({ data }) => data.foundIds)).toEqual(expect.arrayContaining([['7', '8'], ['9']]));
    expect(rows.map(({ cause }) => cause).join()).toMatch(/7, 8/);
    await worker().settle(delivered(several, 2), delivered(other, 2));
    expect(await openCodes()).toEqual([]);
  });

  it('is RELEASE_REJECTED where a warehouse refused a release, and closes when the release gets through', async () => {
    const release = delivery(uuidv7(), 'release.create', 'wms');
    await worker().settle(refused(release));
    expect(await openCodes()).toEqual(['RELEASE_REJECTED']);
    await worker().settle(delivered(release, 2));
    expect(await openCodes()).toEqual([]);
  });

  it('stays DELIVERY_REJECTED and OUTCOME_UNKNOWN for everything else', async () => {
    await worker().settle(refused(), settledAs('outcome_unknown', { kind: 'unknown', detail: 'cut off' }));
    expect((await openCodes()).toSorted()).toEqual(['DELIVERY_REJECTED', 'OUTCOME_UNKNOWN']);
  });
});
