import { describe, expect, it } from 'vitest';
import { context, line, maps, order, terms, written } from '../../test/harness/edi-cases.ts';
import type { SalesOrder } from '../model/index.ts';
import type { EdiTerms } from './index.ts';

function acknowledge(from: SalesOrder, settings: Partial<EdiTerms> = {}, version?: string): string[] {
  const body = maps.outbound('x12', 'order.acknowledge')!.map({ order: from, date: '2026-06-01' }, context(settings));
  return written('855', 'PR', body, version);
}
const acks = (segments: string[]): string[] => segments.filter((segment) => segment.startsWith('ACK'));

describe('order → 855', () => {
  it('tells 3 of 5 now and 2 later, line by line in the buyer’s words', () => {
    const segments = acknowledge(
      order([line(1, { allocated: '3', backordered: '2' }, { promisedDate: '2026-06-15' })]),
    );
    expect(segments).toEqual([
      'ST*855*0001',
      'BAK*00*AC*PO-4711*20260601*****20260601',
      'REF*DP*038',
      'REF*IA*778120',
      'DTM*002*20260608',
      'DTM*001*20260620',
      'N1*ST*DC 12*UL*0614141900121',
      'N1*BY**92*0012',
      'N1*SE*RIDGELINE',
      'PO1*001*5*EA*450.00*PE*VN*PMP-220',
      'ACK*BP*3*EA',
      'ACK*IB*2*EA*068*20260615',
      'CTT*1',
      'SE*14*0001',
    ]);
    expect(acknowledge(order([line(1, { allocated: '3', backordered: '2' })]), {}, '005010')).toContain('ACK*IB*2*EA');
  });

  it('accepts whole, refuses in part and refuses all, with the agreement’s codes', () => {
    const bak = (segments: string[]) => segments[1]!.split('*')[2];
    const whole = acknowledge(order([line(1, { allocated: '5' })]));
    expect([bak(whole), acks(whole)]).toEqual(['AD', ['ACK*IA*5*EA']]);
    const part = acknowledge(order([line(1, { ordered: '10', allocated: '4', cancelled: '6' })]));
    expect([bak(part), acks(part)]).toEqual(['AC', ['ACK*IA*4*EA', 'ACK*IR*6*EA']]);
    const none = acknowledge(order([line(1, { cancelled: '5' })]), {
      lineCodes: { ...terms.lineCodes, rejected: 'R2' },
    });
    expect([bak(none), acks(none)]).toEqual(['RD', ['ACK*R2*5*EA']]);
    const short = acknowledge(order([line(1, { allocated: '5' })]), {
      acknowledgmentCodes: { accepted: 'AK', changed: 'AC', rejected: 'RJ' },
    });
    expect([bak(short), acks(short), short.at(-2)]).toEqual(['AK', [], 'CTT*0']);
  });

  it('never calls a held line accepted', () => {
    const hold = { code: 'PRICE_MISMATCH', since: '2026-06-01T13:00:00Z', by: 'hub' };
    const segments = acknowledge(order([line(1, { allocated: '5' }, { holds: [hold] }), line(2, { allocated: '5' })]));
    expect(acks(segments)).toEqual(['ACK*IH*5*EA', 'ACK*IA*5*EA']);
    const whole = acknowledge(order([line(1, { allocated: '5' })], { holds: [{ ...hold, code: 'CREDIT_HOLD' }] }));
    expect(acks(whole)).toEqual(['ACK*IH*5*EA']);
  });

  it('names substitutes under the line that was ordered', () => {
    const lines = [
      line(1, { ordered: '10', allocated: '4', cancelled: '6' }, { sku: 'FLT', vendorItem: 'FLT' }),
      line(2, { ordered: '6', allocated: '6' }, { sku: 'FLT13', customerLineNo: undefined, substitutedFor: 1 }),
    ];
    const segments = acknowledge(order(lines));
    expect(acks(segments)).toEqual(['ACK*IA*4*EA', 'ACK*IS*6*EA****VN*FLT13']);
    expect(segments.filter((segment) => segment.startsWith('PO1'))).toHaveLength(1);
  });

  it('speaks the unit of the order, or pieces where that does not come out even', () => {
    const box = { ordered: { value: '2', uom: 'BX' }, num: 6 };
    expect(acks(acknowledge(order([line(1, { ordered: '12', allocated: '6', backordered: '6' }, box)])))).toEqual([
      'ACK*BP*1*BX',
      'ACK*IB*1*BX',
    ]);
    expect(acks(acknowledge(order([line(1, { ordered: '12', allocated: '7', backordered: '5' }, box)])))).toEqual([
      'ACK*BP*7*EA',
      'ACK*IB*5*EA',
    ]);
  });
});
