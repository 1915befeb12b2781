import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Journey, startJourney } from './harness.ts';

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney();
});
afterAll(() => journey?.stop());

test('an order that is cancelled before the ERP heard of it never gets there, and blocks nobody', async () => {
  const line = { sku: 'LED', quantity: { value: '1', uom: 'EA' } };
  await journey.api('POST', '/v1/destinations/erp/pause', { reason: 'a test' });
  const gone = await journey.order({ channel: 'portal', customer: 'C200', customerPo: 'GONE', lines: [line] });
  const kept = await journey.order({ channel: 'portal', customer: 'C200', customerPo: 'KEPT', lines: [line] });
  await journey.until('both to be allocated', async () => {
    const page = await journey.api<any>('GET', '/v1/orders?milestone=allocated');
    return page.data.length === 2;
  });
  const cancelled = await journey.api<any>('POST', `/v1/orders/${gone.id}/cancel`, { reason: 'changed their mind' });
  expect(cancelled.status.milestone).toBe('cancelled');
  await journey.api('POST', '/v1/destinations/erp/resume', { reason: 'a test' });
  await journey.until('the other order to be invoiced', async () => {
    const order = await journey.api<any>('GET', `/v1/orders/${kept.id}`);
    return order.status.invoice === 'invoiced';
  });
  expect(journey.lab.logs('erp').filter((effect) => effect.kind === 'order.created')).toHaveLength(1);
  const open = await journey.until('nothing left to do', async () => {
    const deliveries = await journey.api<any>('GET', `/v1/deliveries?key=${gone.id}&limit=100`);
    const busy = deliveries.data.filter((each: any) => !['delivered', 'discarded'].includes(each.state));
    return busy.length === 0 && deliveries.data;
  });
  expect(open.filter((each: any) => each.destination === 'erp').map((each: any) => each.state)).toEqual([
    'discarded',
    'discarded',
  ]);
  expect((await journey.api<any>('GET', `/v1/exceptions?orderId=${gone.id}`)).data).toEqual([]);
});
