import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ridgeline } from '../../lab/harness.ts';
import type { Customer, Item, OrderSubmission, PriceRule } from '../model/index.ts';
import { deriveOrder, initialState } from './derive-order.ts';
import { judgeSubmission } from './judge-submission.ts';
import type { OrderDocument, OrderFacts, OrderState } from './orders-types.ts';

const now = new Date('2026-06-01T12:00:00.000Z');
const company = ridgeline({ now, urls: {}, secrets: {} } as Parameters<typeof ridgeline>[0]) as unknown as {
  customers: Customer[];
  items: Item[];
  prices: PriceRule[];
};
const facts: OrderFacts = {
  tenantId: 'main',
  now,
  today: '2026-06-01',
  customer: (accountNo) => company.customers.find((customer) => customer.accountNo === accountNo),
  itemBySku: (sku) => company.items.find((item) => item.sku === sku),
  itemByGtin: () => undefined,
  pricesOf: (sku) => company.prices.filter((price) => price.sku === sku),
};
const identity = { orderNo: 'SO1', version: 1, updatedAt: now.toISOString() };

function documentOf(lines: OrderSubmission['lines']): OrderDocument {
  const submission = { channel: 'portal', customer: 'C200', customerPo: 'P1', lines };
  const judgement = judgeSubmission(submission, facts, { orderId: 'o1', correlationId: 'c1' });
  if (judgement.outcome !== 'order') throw new Error(judgement.message);
  return judgement.document;
}

const line = fc.record({
  sku: fc.constantFrom('BLT', 'LED', 'GLV', 'CBL'),
  quantity: fc.nat(5000).map((n) => ({ value: String(n + 1), uom: '' })),
  price: fc.option(
    fc.constantFrom('11.00', '0.01', '999').map((value) => ({ value, currency: 'USD', perQty: '1', uom: '' })),
    { nil: undefined },
  ),
});

describe('an order that nothing has happened to', () => {
  test('is derived as the long way derives it', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), fc.boolean(), (drawn, approved) => {
        const lines = drawn.map((one) => {
          const uom = facts.itemBySku(one.sku)!.baseUom;
          const price = one.price === undefined ? undefined : { ...one.price, uom };
          return { ...one, quantity: { ...one.quantity, uom }, price };
        });
        const document = documentOf(lines);
        const state: OrderState = { ...initialState(document), credit: approved ? 'approved' : 'unchecked' };
        // A quantity that is mentioned, be it zero, is derived by `deriveQuantities` and the rules of the milestones.
        const mentioned: OrderState = {
          ...state,
          lines: document.lines.map(({ lineNo, holds }) => ({ lineNo, holds, allocated: '0' })),
        };
        expect(deriveOrder(document, state, identity)).toEqual(deriveOrder(document, mentioned, identity));
      }),
    );
  });

  test('is received, or approved once credit is granted', () => {
    const document = documentOf([{ sku: 'LED', quantity: { value: '2', uom: 'BX' } }]);
    const received = deriveOrder(document, initialState(document), identity);
    expect(received).toMatchObject({
      status: { milestone: 'received', invoice: 'none' },
      portalStatus: 'under review',
    });
    expect(received.lines).toMatchObject([
      { milestone: 'received', q: { ordered: '12', allocated: '0', shipped: '0' } },
    ]);
    const approved = deriveOrder(document, { ...initialState(document), credit: 'approved' }, identity);
    expect(approved.status.milestone).toBe('credit_approved');
  });
});
