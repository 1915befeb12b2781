import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OrderDesk, orderDesk, tenant } from '../test/orders/order-desk.ts';
import { createFlowRunner } from './app-flows.ts';
import type { Events, HubEvent } from './events/index.ts';
import { defineFlow, type FlowInput, type Hub } from './flows/index.ts';
import { lockOrders } from './orders/index.ts';
import { type Sql, type Tx, uuidv7 } from './platform/index.ts';
import type { DeliveryRow } from './queue/index.ts';

let desk: OrderDesk;
const orderIds: string[] = [];

beforeAll(async () => {
  desk = await orderDesk();
  for (const customerPo of ['A', 'B']) {
    const result = await desk.submit({
      channel: 'api',
      customerPo,
      lines: [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }],
    });
    if (result.outcome === 'created') orderIds.push(result.order.id);
  }
});
afterAll(() => desk.close());

const deliveryTo = (flow: string, key: string): DeliveryRow => ({
  id: uuidv7(),
  position: 1,
  tenantId: tenant,
  destination: `flow.${flow}`,
  key,
  operation: 'test',
  payload: { kind: 'event' },
  eventId: uuidv7(),
  correlationId: 'test',
  traceparent: undefined,
  naturalKey: undefined,
  priority: 0,
  attempt: 1,
  outputMessageId: undefined,
});

/** A transaction that notes the names of its statements. */
function noting(tx: Tx, names: string[]): Tx {
  const query = <R>(sql: Sql, params?: readonly unknown[]): Promise<R[]> => {
    names.push(typeof sql === 'string' ? sql : sql.name);
    return tx.query<R>(sql, params);
  };
  return { tenantId: tx.tenantId, database: tx.database, query, afterCommit: (fn) => tx.afterCommit(fn) };
}

function runnerOf(handled: FlowInput[], asked: string[][]) {
  const handle = async (tx: Tx, batch: readonly FlowInput[]): Promise<void> => {
    await lockOrders(
      tx,
      batch.map(({ delivery }) => delivery.key).filter((key) => orderIds.includes(key)),
    );
    handled.push(...batch);
  };
  const flows = [
    defineFlow({ name: 'first', locksOrders: { handle: true }, handle }),
    defineFlow({ name: 'second', locksOrders: { handle: true }, handle }),
    defineFlow({ name: 'free', handle: async (_tx, batch) => void handled.push(...batch) }),
  ];
  const load: Events['load'] = (_tx, ids) => {
    asked.push([...ids]);
    return Promise.resolve(new Map(ids.map((id) => [id, { id } as HubEvent])));
  };
  return createFlowRunner({
    flows,
    events: () => ({ load }) as Events,
    hub: () => ({}) as Hub,
    open: () => Promise.resolve(),
  });
}

it('what several flows of a transaction read and lock first is read and locked once', async () => {
  const handled: FlowInput[] = [];
  const asked: string[][] = [];
  const runner = runnerOf(handled, asked);
  const [a, b] = orderIds as [string, string];
  const first = [deliveryTo('first', b), deliveryTo('first', 'no-order')];
  const second = [deliveryTo('second', a)];
  const free = [deliveryTo('free', uuidv7())];
  const all = [...first, ...second, ...free];
  const names: string[] = [];
  await desk.db.app.tx(tenant, async (inner) => {
    const tx = noting(inner, names);
    runner.foresee?.(tx, tenant, all);
    await runner.run(tx, tenant, 'first', first);
    await runner.run(tx, tenant, 'second', second);
    await runner.run(tx, tenant, 'free', free);
  });
  expect(asked).toEqual([all.map((delivery) => delivery.eventId)]);
  expect(names.filter((name) => name === 'orders-lock')).toHaveLength(1);
  expect(handled.map(({ delivery, event }) => [delivery.id, event?.id])).toEqual(
    all.map((delivery) => [delivery.id, delivery.eventId]),
  );
});

it('a flow that was not foreseen reads for itself', async () => {
  const handled: FlowInput[] = [];
  const asked: string[][] = [];
  const one = deliveryTo('second', orderIds[0] as string);
  await desk.db.app.tx(tenant, (tx) => runnerOf(handled, asked).run(tx, tenant, 'second', [one]));
  expect(asked).toEqual([[one.eventId]]);
  expect(handled.map(({ event }) => event?.id)).toEqual([one.eventId]);
});

it('what fails to be read ahead fails whoever needs it', async () => {
  const runner = createFlowRunner({
    flows: [defineFlow({ name: 'first', handle: () => Promise.resolve() })],
    events: () => ({ load: () => Promise.reject(new Error('not readable')) }) as unknown as Events,
    hub: () => ({}) as Hub,
    open: () => Promise.resolve(),
  });
  const batch = [deliveryTo('first', 'x')];
  const work = desk.db.app.tx(tenant, async (tx) => {
    runner.foresee?.(tx, tenant, batch);
    await runner.run(tx, tenant, 'first', batch);
  });
  await expect(work).rejects.toThrow('not readable');
});
