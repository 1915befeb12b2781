import { describe, expect, it } from 'vitest';
import { bill, box, line, openExceptionsOf, releasesOf, warehouse } from '../../test/fulfillment/desk-reports.ts';
import { useShippingDesks, type ShippingDesk } from '../../test/fulfillment/shipping-desk.ts';
import { loadExposure } from '../parties/index.ts';
import { applyPayments } from './apply-payment.ts';

const open = useShippingDesks();

/** A desk with ten lamps ordered and shipped. */
async function shipped() {
  const desk = await open();
  const id = await desk.submit({ lines: [line('LED', '10')] });
  await desk.settle();
  const [release] = await releasesOf(desk, id);
  await warehouse(desk, release!).ship([box(1, 'LED', '10')]);
  return { desk, id, orderNo: (await desk.order(id)).orderNo };
}

describe('an invoice', () => {
  const posted = (desk: ShippingDesk) => desk.events.filter((event) => event.type === 'finance.invoice.posted');

  it('for more than has shipped waits, as an exception, until it has', async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const { orderNo } = await desk.order(id);
    await bill(desk, orderNo, { quantity: '10', amountMinor: 18_000 });
    expect(posted(desk)).toEqual([]);
    expect(await openExceptionsOf(desk, 'INVOICE_MISMATCH')).toHaveLength(1);
    const [release] = await releasesOf(desk, id);
    await warehouse(desk, release!).ship([box(1, 'LED', '10')]);
    expect(posted(desk)).toHaveLength(1);
    expect(await openExceptionsOf(desk, 'INVOICE_MISMATCH')).toEqual([]);
  });

  it('that a payment leaves open is announced as short paid, until the rest comes', async () => {
    const { desk, orderNo } = await shipped();
    await bill(desk, orderNo, { quantity: '10', amountMinor: 18_000 });
    const { invoiceNo } = posted(desk)[0]!.data as { invoiceNo: string };
    const pay = (paymentNo: string, amountMinor: number) => {
      const applications = [{ invoiceNo, amountMinor }];
      const report = { source: 'erp', paymentNo, customer: 'C200', amountMinor, currency: 'USD', applications };
      const receivedAt = desk.clock.now().toISOString();
      return desk.tx((tx) => applyPayments(tx, desk.hub, [{ ...report, receivedAt }]));
    };
    const short = () => desk.events.filter((event) => event.type === 'finance.payment.shortPaid');
    await pay('P1', 17_000);
    expect(short()).toMatchObject([
      { data: { paymentNo: 'P1', short: [{ invoiceNo, amountMinor: 17_000, openMinor: 1_000 }] } },
    ]);
    await pay('P2', 1_000);
    expect(short()).toHaveLength(1);
  });

  it('posted again is one invoice, and with other content a conflict', async () => {
    const { desk, id, orderNo } = await shipped();
    await bill(desk, orderNo, { quantity: '10', amountMinor: 18_000 });
    await bill(desk, orderNo, { quantity: '10', amountMinor: 18_000 });
    expect(posted(desk)).toHaveLength(1);
    await bill(desk, orderNo, { quantity: '10', amountMinor: 17_000 });
    expect(posted(desk)).toHaveLength(1);
    expect(await openExceptionsOf(desk, 'CONFLICTING_DUPLICATE')).toHaveLength(1);
    expect((await desk.order(id)).lines[0]!.q.invoiced).toBe('10');
  });

  it('of an order that is not here yet waits for it', async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const { orderNo } = await desk.order(id);
    const ahead = `SO${Number(orderNo.slice(2)) + 1}`;
    await bill(desk, ahead, { quantity: '1', amountMinor: 1800 });
    const next = await desk.submit({ lines: [line('LED', '1')] });
    await desk.settle();
    expect((await desk.order(next)).orderNo).toBe(ahead);
    const [release] = await releasesOf(desk, next);
    await warehouse(desk, release!).ship([box(1, 'LED', '1')]);
    expect((await desk.order(next)).status.invoice).toBe('invoiced');
    expect(posted(desk).map((event) => event.orderId)).toEqual([next]);
  });

  it('in another currency than the account does not change what it owes, and is an exception', async () => {
    const { desk, orderNo } = await shipped();
    const owed = async () => (await desk.tx((tx) => loadExposure(tx, ['C200']))).get('C200')!.receivablesMinor;
    const before = await owed();
    await bill(desk, orderNo, { quantity: '10', amountMinor: 18_000, currency: 'EUR' });
    expect(await owed()).toBe(before);
    const mismatches = await openExceptionsOf(desk, 'INVOICE_MISMATCH');
    expect(mismatches.map(({ cause }) => cause).join()).toContain('account C200 is kept in USD');
  });
});
