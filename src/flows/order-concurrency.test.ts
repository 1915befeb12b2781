import { afterEach, beforeEach, expect, it } from 'vitest';
import { customer } from '../../test/orders/ridgeline-data.ts';
import { type OrderDesk, orderDesk } from '../../test/orders/order-desk.ts';
import { loadOrders } from '../orders/index.ts';
import { loadExposure, putCustomers } from '../parties/index.ts';
import { decideOrders } from './decide-orders.ts';

let desk: OrderDesk;
beforeEach(async () => {
  desk = await orderDesk();
});
afterEach(() => desk.close());

it('lets batches that share customers and items run at once, and gives away neither credit nor stock twice', async () => {
  const limitMinor = 36_000;
  const shared = ['L1', 'L2', 'L3'].map((accountNo) =>
    customer(accountNo, { credit: { status: 'ok', limitMinor, openReceivablesMinor: 0 } }),
  );
  await desk.tx((tx) => putCustomers(tx, shared, { now: desk.clock.now() }));
  await desk.stock({ DC1: { LED: '60', BLT: '400' } });
  const results = await Promise.all(
    Array.from({ length: 90 }, (_, i) =>
      desk.submit({
        customer: `L${(i % 3) + 1}`,
        customerPo: `CC-${i}`,
        lines: [
          {
            sku: i % 2 === 0 ? 'LED' : 'BLT',
            quantity: { value: '1', uom: 'EA' },
            price: { value: i % 2 === 0 ? '18.00' : '0.11', currency: 'USD', perQty: '1', uom: 'EA' },
          },
          { sku: i % 2 === 0 ? 'BLT' : 'LED', quantity: { value: '1', uom: 'EA' } },
        ],
      }),
    ),
  );
  const ids = results.flatMap((result) => (result.outcome === 'created' ? [result.order.id] : []));
  expect(ids).toHaveLength(90);
  // Interleaved, so that every batch meets every customer and every item.
  const batches = [0, 1, 2, 3].map((n) => ids.filter((_, i) => i % 4 === n));
  await Promise.all(batches.map((batch) => desk.tx((tx) => decideOrders(tx, desk.hub, batch, { by: 'hub' }))));

  const orders = [...(await desk.tx((tx) => loadOrders(tx, ids))).values()];
  const exposures = await desk.tx((tx) => loadExposure(tx, ['L1', 'L2', 'L3']));
  for (const accountNo of ['L1', 'L2', 'L3']) {
    const approved = orders.filter((order) => order.customer === accountNo && order.holds.length === 0);
    const taken = approved.reduce((sum, order) => sum + order.totals.amountMinor, 0);
    expect(taken).toBeLessThanOrEqual(limitMinor);
    expect(taken + 1_811).toBeGreaterThan(limitMinor);
    expect(exposures.get(accountNo)?.unshippedMinor).toBe(taken);
  }
  const led = orders.flatMap((order) => order.lines.filter((line) => line.sku === 'LED'));
  const allocated = led.reduce((sum, line) => sum + Number(line.q.allocated), 0);
  const waiting = led.reduce((sum, line) => sum + Number(line.q.backordered), 0);
  expect(allocated).toBeLessThanOrEqual(50);
  expect(allocated + waiting).toBe(orders.filter((order) => order.holds.length === 0).length);
  expect(desk.commands.filter((command) => command.operation === 'order.create')).toHaveLength(
    orders.filter((order) => order.holds.length === 0).length,
  );
});
