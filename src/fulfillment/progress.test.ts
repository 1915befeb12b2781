import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProgressFact } from './fulfillment-types.ts';
import { fulfillmentStatus, mergeProgress, progressOf } from './progress.ts';

const fact = (kind: ProgressFact['kind'], quantity: string, more: Partial<ProgressFact> = {}): ProgressFact => ({
  lineNo: 1,
  kind,
  quantity,
  source: 'wms',
  document: 'D1',
  sequence: 1,
  ...more,
});
const order = { status: 'released' as const, lines: [{ lineNo: 1, sku: 'X', quantity: '10', uom: 'EA' }] };

describe('progress of a fulfilment order', () => {
  it('adds documents of a source and takes the furthest source', () => {
    const facts = [
      fact('shipped', '4'),
      fact('shipped', '3', { document: 'D2' }),
      fact('shipped', '5', { source: 'carrier' }),
    ];
    expect(progressOf(facts, 1, 'shipped')).toBe('7');
  });

  it('ends the same in whatever order and however often facts arrive', () => {
    const some = fc.record({
      kind: fc.constantFrom('picked' as const, 'packed' as const, 'shipped' as const),
      document: fc.constantFrom('D1', 'D2'),
      source: fc.constantFrom('wms', 'erp'),
      sequence: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (drafts, random) => {
        // One quantity per key and sequence: a contradiction is an exception elsewhere.
        const facts = drafts.map((draft) => fact(draft.kind, String(draft.sequence * 2), draft));
        const shuffled = [...facts, ...facts]
          .map((each) => ({ each, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each);
        const totals = (list: readonly ProgressFact[]) =>
          (['picked', 'packed', 'shipped'] as const).map((kind) => progressOf(mergeProgress([], list), 1, kind));
        expect(totals(shuffled)).toEqual(totals(facts));
      }),
    );
  });

  it('counts what came up short as gone', () => {
    expect(fulfillmentStatus(order, [fact('picked', '7')])).toBe('released');
    expect(fulfillmentStatus(order, [fact('picked', '7'), fact('short', '3')])).toBe('picked');
    expect(fulfillmentStatus(order, [fact('shipped', '7'), fact('short', '3')])).toBe('shipped');
  });

  it('is cancelled only when all of it is', () => {
    expect(fulfillmentStatus(order, [fact('cancelled', '6')])).toBe('released');
    expect(fulfillmentStatus(order, [fact('cancelled', '10')])).toBe('cancelled');
  });
});
