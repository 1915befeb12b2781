import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OrderDesk, orderDesk, orderLine } from '../../test/orders/order-desk.ts';
import { applyFacts, listOrders } from '../orders/index.ts';
import { watchCancelDates } from './watch-cancel-dates.ts';

let desk: OrderDesk;
beforeAll(async () => {
  desk = await orderDesk();
  await desk.stock({ DC1: { LED: '100' } });
});
afterAll(() => desk.close());

it('names orders a day before the buyer no longer wants them, until they ship', async () => {
  const order = (cancelAfter: string) => desk.order({ windows: { cancelAfter }, lines: [orderLine('LED', '1')] });
  const [soon, later] = [await order('2026-06-02'), await order('2026-06-03')];
  const watch = () => desk.tx((tx) => watchCancelDates(tx, desk.hub));
  await watch();
  await watch();
  const [exception, ...others] = await desk.exceptions({ code: 'CANCEL_DATE_AT_RISK' });
  expect(others).toEqual([]);
  expect(exception).toMatchObject({ orderId: soon.id, moneyAtRiskMinor: 1_800, occurrences: 1 });
  const marked = await desk.tx((tx) => listOrders(tx, { exception: true }, { limit: 10 }));
  expect(marked.rows.map((row) => row.id)).toEqual([soon.id]);
  const unmarked = await desk.tx((tx) => listOrders(tx, { exception: false }, { limit: 10 }));
  expect(unmarked.rows.map((row) => row.id)).toEqual([later.id]);
  const shipped = {
    source: 'wms',
    document: 'D',
    orderId: soon.id,
    lineNo: 1,
    kind: 'shipped' as const,
    quantity: '1',
    uom: 'EA',
  };
  await desk.tx((tx) =>
    applyFacts(tx, [{ ...shipped, sequence: 1, occurredAt: '2026-06-01T15:00:00Z' }], desk.clock.now()),
  );
  await watch();
  expect(await desk.exceptions({ code: 'CANCEL_DATE_AT_RISK' })).toEqual([]);
});
