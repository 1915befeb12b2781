import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import type { PaymentReport } from '../model/index.ts';
import { type Tx, uuidv7 } from '../platform/index.ts';
import { applyPayments, billingOfOrders, loadInvoices, loadPayments, postInvoices } from './index.ts';

const now = new Date('2026-06-01T13:00:00Z');
let database: TestDatabase;
let tenants = 0;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

type Run = <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>;

/** A tenant with open invoices of one customer; answers their ids and orders. */
async function books(amounts: readonly number[]): Promise<{ run: Run; invoices: { id: string; orderId: string }[] }> {
  const tenant = `books-${++tenants}`;
  const run: Run = (fn) => database.app.tx(tenant, fn);
  const drafts = amounts.map((amountMinor, i) => {
    const price = { value: '1.00', currency: 'USD', perQty: '1', uom: 'EA' };
    const lines = [{ lineNo: 1, sku: 'X', quantity: { value: '1', uom: 'EA' }, price, amountMinor }];
    return {
      report: {
        source: 'erp',
        invoiceNo: `INV-${i + 1}`,
        orderNo: `SO${i}`,
        invoiceDate: '2026-06-01',
        currency: 'USD',
        lines: [{ lineNo: 1, quantity: { value: '1', uom: 'EA' }, unitPrice: price, amountMinor }],
        taxMinor: 0,
        freightMinor: 0,
        totalMinor: amountMinor,
        postedAt: now.toISOString(),
      },
      order: {
        id: uuidv7(),
        orderNo: `SO${i}`,
        customer: 'C300',
        terms: { netDays: 30 },
        correlationId: 'c',
        lines: [],
      },
      lines: { lines, base: [], problems: [] },
    };
  });
  const posted = await run((tx) => postInvoices(tx, drafts, now));
  return { run, invoices: posted.map(({ invoice }) => ({ id: invoice.id, orderId: invoice.orderId })) };
}

function payment(amountMinor: number, more: Partial<PaymentReport> = {}): PaymentReport {
  return {
    source: 'erp',
    paymentNo: 'P1',
    customer: 'C300',
    amountMinor,
    currency: 'USD',
    receivedAt: now.toISOString(),
    ...more,
  };
}

describe('applyPayments', () => {
  it('pays the invoices that it names and keeps the rest unapplied', async () => {
    const { run, invoices } = await books([10_000, 5_000]);
    const applications = [
      { invoiceNo: 'INV-1', amountMinor: 10_000 },
      { invoiceNo: 'INV-2', amountMinor: 2_000 },
      { invoiceNo: 'INV-9', amountMinor: 100 },
    ];
    const [result] = await run((tx) => applyPayments(tx, [payment(12_500, { applications })], now));
    expect(result).toMatchObject({ unappliedMinor: 500, unknownInvoices: ['INV-9'] });
    const paid = await run((tx) =>
      loadInvoices(
        tx,
        invoices.map((each) => each.id),
      ),
    );
    expect([...paid.values()].map((each) => [each.status, each.paidMinor])).toEqual([
      ['paid', 10_000],
      ['partial', 2_000],
    ]);
    expect(await run((tx) => billingOfOrders(tx, [invoices[1]!.orderId]))).toEqual([
      { orderId: invoices[1]!.orderId, billedMinor: 5_000, paidMinor: 2_000 },
    ]);
    expect((await run((tx) => loadPayments(tx, [result!.id]))).get(result!.id)?.applications).toHaveLength(2);
  });

  it('finds the one open invoice of its amount, and guesses between two no more than among none', async () => {
    const { run } = await books([10_000, 7_000, 7_000]);
    const one = await run((tx) => applyPayments(tx, [payment(10_000)], now));
    expect(one[0]!.applied.map((each) => each.invoiceNo)).toEqual(['INV-1']);
    const two = await run((tx) => applyPayments(tx, [payment(7_000, { paymentNo: 'P2' })], now));
    expect(two[0]).toMatchObject({ applied: [], unappliedMinor: 7_000 });
  });

  it('counts once, and says when it came again with other content', async () => {
    const { run, invoices } = await books([10_000]);
    const named = payment(4_000, { applications: [{ invoiceNo: 'INV-1', amountMinor: 4_000 }] });
    const outcomes = [
      ...(await run((tx) => applyPayments(tx, [named, named], now))),
      ...(await run((tx) => applyPayments(tx, [named, { ...named, amountMinor: 1 }], now))),
    ];
    expect(outcomes.map((each) => each.outcome)).toEqual(['applied', 'duplicate', 'duplicate', 'conflict']);
    const stored = await run((tx) => loadInvoices(tx, [invoices[0]!.id]));
    expect(stored.get(invoices[0]!.id)?.paidMinor).toBe(4_000);
  });

  it('never pays an invoice beyond its total, whoever pays at the same time', async () => {
    const { run, invoices } = await books([10_000]);
    const applications = [{ invoiceNo: 'INV-1', amountMinor: 3_000 }];
    await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        run((tx) => applyPayments(tx, [payment(3_000, { paymentNo: `P${i}`, applications })], now)),
      ),
    );
    const stored = await run((tx) => loadInvoices(tx, [invoices[0]!.id]));
    expect(stored.get(invoices[0]!.id)).toMatchObject({ paidMinor: 10_000, status: 'paid' });
  });

  it('cannot change a posted invoice', async () => {
    const { run } = await books([10_000]);
    await expect(run((tx) => tx.query('UPDATE invoice SET total_minor = 1'))).rejects.toThrow(/permission denied/);
    await expect(run((tx) => tx.query('DELETE FROM inventory_transaction'))).rejects.toThrow(/permission denied/);
  });
});
