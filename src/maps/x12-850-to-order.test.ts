import { describe, expect, it } from 'vitest';
import { type EdiDocument, readSync, toGuide } from '../edi/index.ts';
import { ediTerms } from '../exchange/index.ts';
import type { OrderSubmission } from '../model/index.ts';
import { termsOf } from '../partners/index.ts';
import { type EdiTerms, indexMaps, type MapError } from './index.ts';

const agreement = {
  id: 'meridian',
  partner: 'C100',
  standard: 'x12' as const,
  us: { qualifier: 'ZZ', id: 'RIDGELINE' },
  them: { qualifier: 'ZZ', id: 'MERIDIAN' },
  version: '004010',
  usage: 'production' as const,
  seller: { name: 'RIDGELINE', vendorNo: '778120' },
};
const terms: EdiTerms = ediTerms(termsOf(agreement, 1));
const maps = indexMaps();
const none = (): undefined => undefined;

function interchange(segments: readonly string[], version = '004010'): string {
  const isa = `ISA*00*          *00*          *ZZ*MERIDIAN       *ZZ*RIDGELINE      *260601*0900*${version === '004010' ? 'U' : '^'}*${version.slice(0, 5)}*000000001*0*P*>`;
  return `${[
    isa,
    `GS*PO*MERIDIAN*RIDGELINE*20260601*0900*1*X*${version}`,
    'ST*850*0001',
    ...segments,
    `SE*${segments.length + 2}*0001`,
    'GE*1*1',
    'IEA*1*000000001',
  ].join('~')}~`;
}

function documentOf(bytes: Uint8Array | string): EdiDocument {
  for (const event of readSync(bytes)) if (event.kind === 'document') return event.document;
  throw new Error('no document');
}

function toOrder(
  segments: readonly string[],
  options: {
    terms?: Partial<EdiTerms>;
    version?: string;
  } = {},
): OrderSubmission {
  const document = documentOf(interchange(segments, options.version));
  expect(document.issues.filter((found) => found.severity === 'error')).toEqual([]);
  const results = maps.inbound('x12', '850')!.map(toGuide(document)!.body, {
    source: 'meridian',
    settings: { ...terms, ...options.terms },
    receivedAt: '2026-06-01T13:00:00Z',
    lookup: none,
  });
  expect(results).toHaveLength(1);
  return results[0]!.value as OrderSubmission;
}

const full = [
  'BEG*00*SA*PO-4711*7*20260531',
  'CUR*BY*USD',
  'REF*DP*038',
  'REF*IA*778120',
  'FOB*CC',
  'CSH*SC',
  'ITD*08*3*2**10**30*****2% 10 NET 30',
  'DTM*010*20260605',
  'DTM*002*20260608',
  'DTM*001*20260620',
  'TD5*O*2*UPSN*M*UPS GROUND',
  'N9*L1*SPECIAL',
  'MSG*LEAVE AT DOCK 4',
  'N1*ST*MERIDIAN DC 12*UL*0614141900121',
  'N3*1 MAIN ST*DOCK 4',
  'N4*COLUMBUS*OH*43004*US',
  'N1*BY*MERIDIAN RETAIL*92*0012',
  'PO1*001*10*EA*18*PE*UP*614141000883*IN*MER-1008*VN*LED',
  'PID*F****LED LAMP',
  'SDQ*EA*92*0012*4*0013*6',
  'PO1*002*2000*EA*11*HP*VN*BLT',
  'CTT*2',
];

describe('850 → order', () => {
  it('keeps everything the buyer wants to read again, verbatim', () => {
    expect(toOrder(full)).toEqual({
      channel: 'edi',
      customer: 'C100',
      customerPo: 'PO-4711',
      release: '7',
      purpose: 'original',
      orderDate: '2026-05-31',
      requestedDate: '2026-06-08',
      windows: { requestedShip: '2026-06-05', requestedDelivery: '2026-06-08', cancelAfter: '2026-06-20' },
      shipTo: {
        code: { qualifier: 'UL', code: '0614141900121' },
        name: 'MERIDIAN DC 12',
        address: { lines: ['1 MAIN ST', 'DOCK 4'], city: 'COLUMBUS', region: 'OH', postal: '43004', country: 'US' },
      },
      currency: 'USD',
      shipComplete: true,
      partnerRefs: { DP: '038', IA: '778120' },
      parties: [
        {
          role: 'ST',
          raw: { qualifier: 'UL', code: '0614141900121' },
          name: 'MERIDIAN DC 12',
          address: { lines: ['1 MAIN ST', 'DOCK 4'], city: 'COLUMBUS', region: 'OH', postal: '43004', country: 'US' },
        },
        { role: 'BY', raw: { qualifier: '92', code: '0012' }, name: 'MERIDIAN RETAIL' },
      ],
      freight: { payer: 'CC', scac: 'UPSN', routing: 'UPS GROUND' },
      terms: { code: '08', netDays: 30, discPct: '2', discDays: 10, text: '2% 10 NET 30' },
      notes: ['LEAVE AT DOCK 4', 'Line 001 by store: 0012=4 0013=6'],
      lines: [
        {
          customerLineNo: '001',
          gtin: '00614141000883',
          buyerItem: 'MER-1008',
          vendorItem: 'LED',
          description: 'LED LAMP',
          quantity: { value: '10', uom: 'EA' },
          price: { value: '18', currency: 'USD', perQty: '1', uom: 'EA' },
          priceBasis: 'PE',
        },
        {
          customerLineNo: '002',
          vendorItem: 'BLT',
          quantity: { value: '2000', uom: 'EA' },
          price: { value: '11', currency: 'USD', perQty: '100', uom: 'EA' },
          priceBasis: 'HP',
        },
      ],
    });
  });

  it('reads 005010 alike', () => {
    expect(toOrder(full, { version: '005010' })).toEqual(toOrder(full));
  });

  it('reads the partner’s own units', () => {
    const order = toOrder(['BEG*00*SA*1**20260601', 'PO1*1*2*PC*1**IN*MER-1', 'CTT*1'], {
      terms: { units: { EA: 'PC' } },
    });
    expect(order.lines[0]).toMatchObject({
      buyerItem: 'MER-1',
      quantity: { value: '2', uom: 'EA' },
      price: { uom: 'EA' },
    });
  });

  it('takes a line that names the place of the order again', () => {
    const order = toOrder(['BEG*00*SA*1**20260601', 'N1*ST*A*92*0012', 'PO1*1*4*EA', 'N1*ST*A*92*0012', 'CTT*1']);
    expect(order.shipTo).toMatchObject({ code: { code: '0012' } });
  });

  it('reads dates of eight digits, of six, and ranges', () => {
    const windows = (...dates: string[]) => toOrder(['BEG*00*SA*1**20260601', ...dates, 'PO1*1*2*EA', 'CTT*1']).windows;
    expect(windows('DTM*037*20260605', 'DTM*038*20260608', 'DTM*063*20260612', 'DTM*064*20260610')).toEqual({
      shipNotBefore: '2026-06-05',
      shipNotAfter: '2026-06-08',
      deliverNotAfter: '2026-06-12',
      deliverNotBefore: '2026-06-10',
    });
    expect(windows('DTM*068****D6*260605', 'DTM*067****D8*20260608')).toEqual({
      requestedShip: '2026-06-05',
      requestedDelivery: '2026-06-08',
    });
    expect(windows('DTM*002****RD8*20260605-20260610', 'DTM*001****RD6*260605-260630')).toEqual({
      requestedDelivery: '2026-06-05',
      deliverNotBefore: '2026-06-05',
      deliverNotAfter: '2026-06-10',
      cancelAfter: '2026-06-30',
    });
    // Of six digits where eight belong: a fault that is told, and a day all the same.
    const six = interchange(['BEG*00*SA*1**20260601', 'DTM*002*260605', 'PO1*1*2*EA', 'CTT*1']);
    expect(documentOf(six).issues.map(({ code }) => code)).toEqual(['ELEMENT_TOO_SHORT']);
    const [read] = maps.inbound('x12', '850')!.map(toGuide(documentOf(six))!.body, {
      source: 'meridian',
      settings: { ...terms },
      receivedAt: '2026-06-01T13:00:00Z',
      lookup: none,
    });
    expect((read!.value as OrderSubmission).windows).toEqual({ requestedDelivery: '2026-06-05' });
  });

  it('keeps the code of a package unit as it is, with the pack factor beside it', () => {
    const order = toOrder([
      'BEG*00*SA*1**20260601',
      'PO1*1*2*CA*36*PE*VN*LED',
      'PO4*12',
      'PO1*2*1*PL*1**VN*LED',
      'CTT*2',
    ]);
    expect(order.lines).toMatchObject([
      { quantity: { value: '2', uom: 'CA' }, packFactor: '12' },
      { quantity: { uom: 'PL' } },
    ]);
    expect(order.lines[1]).not.toHaveProperty('packFactor');
  });

  it.each(['9', '91', '92', '93', 'UL', 'ZZ', '1'])('keys a place on qualifier %s and its code', (qualifier) => {
    const order = toOrder(['BEG*00*SA*1**20260601', `N1*ST*A*${qualifier}*0614141900121`, 'PO1*1*2*EA', 'CTT*1']);
    expect(order.shipTo).toMatchObject({ code: { qualifier, code: '0614141900121' } });
  });

  it('knows a carrier name from a SCAC', () => {
    const order = toOrder(['BEG*00*SA*1**20260601', 'TD5*O*2*ESTES EXPRESS LINES', 'PO1*1*2*EA', 'CTT*1']);
    expect(order.freight).toEqual({ routing: 'ESTES EXPRESS LINES' });
  });

  it.each([
    ['a change of purpose it cannot act on', ['BEG*22*SA*1**20260601', 'PO1*1*1*EA', 'CTT*1'], 'PURPOSE_UNSUPPORTED'],
    [
      'store quantities without a ship-to',
      ['BEG*00*SA*1**20260601', 'PO1*1*4*EA', 'SDQ*EA*92*0012*4', 'CTT*1'],
      'SHIP_TO_MISSING',
    ],
    [
      'a line for another place than the order',
      ['BEG*00*SA*1**20260601', 'N1*ST*A*92*0012', 'PO1*1*4*EA', 'N1*ST*B*92*0013', 'CTT*1'],
      'SHIP_TO_MIXED',
    ],
    ['a line without a quantity', ['BEG*00*SA*1**20260601', 'PO1*1', 'CTT*1'], 'QUANTITY_MISSING'],
  ])('refuses %s, by name', (_, segments, code) => {
    expect(() => toOrder(segments)).toThrow(expect.objectContaining({ name: 'MapError', code }) as MapError);
  });
});
