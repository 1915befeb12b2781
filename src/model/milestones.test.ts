import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDecimals,
  type CountedFact,
  compareDecimals,
  deriveQuantities,
  headerMilestone,
  invoiceAxis,
  type LineFactTotals,
  type LineInputs,
  lineMilestone,
  type Milestone,
  MILESTONES,
  noFacts,
  paymentAxis,
  portalStatus,
  subtractDecimals,
  totalFacts,
} from './index.ts';

function line(change: Partial<Omit<LineInputs, 'facts'>> & { facts?: Partial<LineFactTotals> }) {
  return deriveQuantities({
    ordered: '10',
    allocated: '0',
    backordered: '0',
    cancelled: '0',
    ...change,
    facts: { ...noFacts, ...change.facts },
  });
}
const milestoneOf = (change: Parameters<typeof line>[0], credit = true): Milestone =>
  lineMilestone(line(change).q, credit);

describe('the milestone of a line', () => {
  it.each<[string, Parameters<typeof line>[0], Milestone]>([
    ['nothing yet', {}, 'credit_approved'],
    ['backordered', { backordered: '10' }, 'backordered'],
    ['a part reserved', { allocated: '3', backordered: '7' }, 'partially_allocated'],
    ['all reserved', { allocated: '10' }, 'allocated'],
    ['a part released', { allocated: '10', facts: { released: '4' } }, 'released'],
    ['a part picked', { allocated: '10', facts: { released: '10', picked: '9' } }, 'released'],
    ['picked', { allocated: '10', facts: { picked: '10' } }, 'picked'],
    ['packed', { facts: { packed: '10' } }, 'packed'],
    ['a part shipped', { facts: { shipped: '1' } }, 'partially_shipped'],
    ['shipped', { facts: { shipped: '10' } }, 'shipped'],
    ['shipped, the rest cancelled', { cancelled: '4', facts: { shipped: '6' } }, 'shipped'],
    ['a part delivered', { facts: { delivered: '4' } }, 'partially_delivered'],
    ['delivered before anything else was heard of (scenario 14)', { facts: { delivered: '10' } }, 'delivered'],
    ['returned', { facts: { shipped: '10', returned: '10' } }, 'returned'],
    ['a part returned', { facts: { delivered: '10', returned: '4' } }, 'delivered'],
    ['cancelled', { cancelled: '10' }, 'cancelled'],
  ])('%s', (_, change, milestone) => expect(milestoneOf(change)).toBe(milestone));

  it('is received until credit is granted', () => expect(milestoneOf({}, false)).toBe('received'));

  it('cannot be cancelled once shipped', () => {
    const derived = line({ cancelled: '10', facts: { shipped: '7' } });
    expect(derived.q).toMatchObject({ cancelled: '3', shipped: '7' });
    expect(derived.cancelTooLate).toBe(true);
    expect(lineMilestone(derived.q, true)).toBe('shipped');
  });

  it('lifts the steps that nobody reported, and names them', () => {
    const derived = line({ facts: { delivered: '10' } });
    expect(derived.q).toMatchObject({ allocated: '10', released: '10', picked: '10', packed: '10', shipped: '10' });
    expect(derived.inferred).toEqual(['released', 'picked', 'packed', 'shipped']);
  });

  it('takes back what a warehouse could not find or gave back', () => {
    expect(
      line({ allocated: '7', backordered: '3', facts: { released: '10', picked: '7', short: '3' } }).q,
    ).toMatchObject({
      allocated: '7',
      backordered: '3',
      released: '7',
    });
    expect(line({ allocated: '6', backordered: '4', facts: { released: '6', cancelled: '6' } }).q).toMatchObject({
      allocated: '0',
      backordered: '4',
      released: '0',
      cancelled: '6',
    });
  });

  const quantity = fc.integer({ min: 0, max: 10 }).map(String);
  it('always sums: ordered = cancelled + unallocated + backordered + allocated, each step at most the one before', () => {
    const totals = fc.record({
      released: quantity,
      picked: quantity,
      packed: quantity,
      shipped: quantity,
      delivered: quantity,
      short: quantity,
      cancelled: quantity,
      invoiced: quantity,
      returned: quantity,
    });
    fc.assert(
      fc.property(quantity, quantity, quantity, totals, (allocated, backordered, cancelled, facts) => {
        const { q } = line({ allocated, backordered, cancelled, facts });
        const unallocated = subtractDecimals(q.ordered, addDecimals(q.cancelled, q.backordered, q.allocated));
        expect(compareDecimals(unallocated, '0')).toBeGreaterThanOrEqual(0);
        const steps = [q.allocated, q.released, q.picked, q.packed, q.shipped, q.delivered];
        for (const [i, step] of steps.slice(1).entries())
          expect(compareDecimals(steps[i]!, step)).toBeGreaterThanOrEqual(0);
        expect(MILESTONES).toContain(lineMilestone(q, true));
      }),
    );
  });
});

describe('the milestone of an order', () => {
  const header = (...milestones: Milestone[]): Milestone =>
    headerMilestone(milestones.map((milestone) => ({ milestone })));

  it.each<[Milestone[], Milestone]>([
    [['cancelled', 'cancelled'], 'cancelled'],
    [['cancelled', 'shipped'], 'shipped'],
    [['returned', 'returned'], 'returned'],
    [['delivered', 'returned'], 'delivered'],
    [['delivered', 'shipped'], 'partially_delivered'],
    [['shipped', 'returned'], 'shipped'],
    [['shipped', 'packed'], 'partially_shipped'],
    [['returned', 'packed'], 'partially_shipped'],
    [['picked', 'packed'], 'picked'],
    [['packed', 'allocated'], 'released'],
    [['allocated', 'allocated'], 'allocated'],
    [['allocated', 'backordered'], 'partially_allocated'],
    [['backordered', 'credit_approved'], 'credit_approved'],
    [['received', 'backordered'], 'received'],
  ])('%s → %s', (lines, milestone) => expect(header(...lines)).toBe(milestone));

  it('counts services only where there is nothing else', () => {
    const freight = { milestone: 'credit_approved' as const, service: true };
    expect(headerMilestone([freight, { milestone: 'shipped' }])).toBe('shipped');
    expect(headerMilestone([{ ...freight, invoiced: true }])).toBe('delivered');
  });
});

describe('the other axes', () => {
  it('shows the buyer no reason while an order is held', () => {
    expect(portalStatus('allocated', { onHold: true, fullyInvoiced: false })).toBe('under review');
    expect(portalStatus('packed', { onHold: false, fullyInvoiced: false })).toBe('in process');
    expect(portalStatus('delivered', { onHold: false, fullyInvoiced: true })).toBe('invoiced');
    expect(portalStatus('backordered', { onHold: false, fullyInvoiced: false })).toBe('backordered');
  });

  it('tells how far it is billed and paid', () => {
    const billed = (invoiced: string, cancelled = '0') => ({ q: line({ cancelled, facts: { invoiced } }).q });
    expect([
      invoiceAxis([billed('0')]),
      invoiceAxis([billed('4')]),
      invoiceAxis([billed('10'), billed('0', '10')]),
    ]).toEqual(['none', 'partial', 'invoiced']);
    expect([
      paymentAxis(100, 0),
      paymentAxis(100, 40),
      paymentAxis(100, 100),
      paymentAxis(100, 120),
      paymentAxis(100, 100, 100),
      paymentAxis(0, 50),
    ]).toEqual(['unpaid', 'partial', 'paid', 'overpaid', 'refunded', 'partial']);
  });
});

describe('facts', () => {
  const fact = (change: Partial<CountedFact>): CountedFact => ({
    source: 'wms',
    document: 'd1',
    lineNo: 1,
    kind: 'shipped',
    quantity: '1',
    fulfillmentNo: 'F1',
    ...change,
  });
  const shipped = (facts: CountedFact[], voids?: Set<string>): string =>
    totalFacts(facts, voids).get(1)?.shipped ?? '0';

  it('add up within a source, take the furthest source, and add up over fulfilment orders', () => {
    expect(
      shipped([
        fact({ quantity: '4' }),
        fact({ document: 'd2', quantity: '3' }),
        fact({ source: 'erp', quantity: '5' }),
        fact({ fulfillmentNo: 'F2', document: 'd3', quantity: '2' }),
      ]),
    ).toBe('9');
  });

  it('compare a source that knows no fulfilment orders with the sum', () => {
    const own = [fact({ quantity: '4' }), fact({ fulfillmentNo: 'F2', document: 'd2', quantity: '2' })];
    expect(shipped([...own, fact({ source: 'erp', fulfillmentNo: undefined, quantity: '5' })])).toBe('6');
    expect(shipped([...own, fact({ source: 'erp', fulfillmentNo: undefined, quantity: '8' })])).toBe('8');
  });

  it('of a voided shipment count for nobody', () => {
    const facts = [
      fact({ shipmentNo: 'S1', quantity: '4' }),
      fact({ source: 'carrier', kind: 'delivered', shipmentNo: 'S1', quantity: '4' }),
      fact({ kind: 'packed', shipmentNo: 'S1', quantity: '4' }),
    ];
    expect(totalFacts(facts, new Set(['S1'])).get(1)).toMatchObject({ packed: '4', shipped: '0', delivered: '0' });
  });

  it('end in one state in whatever order they come', () => {
    const arbitrary = fc.record({
      source: fc.constantFrom('wms', 'erp'),
      document: fc.constantFrom('d1', 'd2', 'd3'),
      lineNo: fc.constantFrom(1, 2),
      kind: fc.constantFrom('picked' as const, 'shipped' as const, 'delivered' as const),
      quantity: fc.nat(20).map(String),
      fulfillmentNo: fc.constantFrom('F1', 'F2', undefined),
      shipmentNo: fc.constantFrom('S1', undefined),
    });
    fc.assert(
      fc.property(
        fc
          .array(arbitrary, { maxLength: 12 })
          .chain((facts) => fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length }))),
        ([facts, shuffled]) => {
          const sorted = (list: CountedFact[]) => [...totalFacts(list, new Set(['S1']))].sort(([a], [b]) => a - b);
          expect(sorted(shuffled)).toEqual(sorted(facts));
        },
      ),
    );
  });
});
