import { describe, expect, it } from 'vitest';
import { type EdiDocument, lookup, readSync, write } from '../edi/index.ts';
import type { Invoice, SalesOrder, SalesOrderLine, Shipment } from '../model/index.ts';
import { type EdiTerms, indexMaps } from './index.ts';

const terms: EdiTerms = {
  partner: 'C100',
  channel: 'edi',
  currency: 'USD',
  test: false,
  units: {},
  itemQualifiers: { buyer: 'IN', vendor: 'VN' },
  lineCodes: {
    accepted: 'IA',
    partial: 'BP',
    backordered: 'IB',
    rejected: 'IR',
    quantityChanged: 'IQ',
    priceChanged: 'IP',
    substituted: 'IS',
    hold: 'IH',
  },
  acknowledgmentCodes: { accepted: 'AD', changed: 'AC', rejected: 'RD' },
  shipNotice: { structure: 'SOPI', ssccWithAi: true },
  seller: { name: 'RIDGELINE', vendorNo: '778120' },
};
const maps = indexMaps();
const none = (): undefined => undefined;

function documentOf(bytes: Uint8Array | string): EdiDocument {
  for (const event of readSync(bytes)) if (event.kind === 'document') return event.document;
  throw new Error('no document');
}

function line(lineNo: number, q: Partial<SalesOrderLine['q']>, extra: Partial<SalesOrderLine> = {}): SalesOrderLine {
  const zero = '0';
  return {
    lineNo,
    customerLineNo: String(lineNo).padStart(3, '0'),
    sku: 'PMP-220',
    orderedItemRef: 'PMP-220',
    vendorItem: 'PMP-220',
    ordered: { value: q.ordered ?? '5', uom: 'EA' },
    num: 1,
    den: 1,
    baseUom: 'EA',
    price: { value: '450.00', currency: 'USD', perQty: '1', uom: 'EA' },
    priceSource: 'po',
    priceBasis: 'PE',
    amountMinor: 225000,
    holds: [],
    milestone: 'received',
    ...extra,
    q: {
      ordered: '5',
      cancelled: zero,
      allocated: zero,
      backordered: zero,
      released: zero,
      picked: zero,
      packed: zero,
      shipped: zero,
      delivered: zero,
      invoiced: zero,
      returned: zero,
      ...q,
    },
  };
}

function order(lines: SalesOrderLine[], extra: Partial<SalesOrder> = {}): SalesOrder {
  return {
    id: 'o1',
    orderNo: 'SO-1',
    version: 1,
    correlationId: 'c',
    channel: 'edi',
    customer: 'C100',
    customerName: 'Meridian',
    customerPo: 'PO-4711',
    purpose: 'original',
    orderDate: '2026-06-01',
    windows: { requestedDelivery: '2026-06-08', cancelAfter: '2026-06-20' },
    shipTo: { id: 'DC12', resolved: true },
    currency: 'USD',
    terms: { netDays: 30 },
    taxContext: { exempt: false, estimatedMinor: 0 },
    partnerRefs: { DP: '038' },
    parties: [
      { role: 'ST', name: 'DC 12', raw: { qualifier: 'UL', code: '0614141900121' } },
      { role: 'BY', raw: { qualifier: '92', code: '0012' } },
    ],
    shipComplete: false,
    holds: [],
    totals: { lines: lines.length, amountMinor: 0 },
    naturalKey: 'n',
    fingerprint: 'f',
    test: false,
    status: { milestone: 'received', onHold: false, exception: false, invoice: 'none', payment: 'unpaid' },
    portalStatus: '',
    lines,
    createdAt: '2026-06-01T13:00:00Z',
    updatedAt: '2026-06-01T13:00:00Z',
    ...extra,
  };
}

/** The segments of a document that a map made, written and read again; it must be free of errors. */
function written(type: string, functionalId: string, body: unknown, version = '004010'): string[] {
  const clean = JSON.parse(JSON.stringify(body));
  const bytes = write({
    envelope: {
      sender: { qualifier: 'ZZ', id: 'RIDGELINE' },
      receiver: { qualifier: 'ZZ', id: 'MERIDIAN' },
      usage: 'P',
      version: version.slice(0, 5),
      control: '1',
      date: '2026-06-01',
      time: '09:00',
    },
    groups: [
      {
        functionalId,
        control: '1',
        version,
        documents: [{ type, control: '0001', guide: { body: clean }, definition: lookup('x12', version, type)! }],
      },
    ],
  });
  const document = documentOf(bytes);
  expect(document.issues).toEqual([]);
  expect(document.verdict).toBe('accepted');
  return new TextDecoder().decode(bytes).split('~').slice(2, -3);
}

function acknowledge(from: SalesOrder, settings: Partial<EdiTerms> = {}, version?: string): string[] {
  const body = maps.outbound('x12', 'order.acknowledge')!.map({ order: from, date: '2026-06-01' }, context(settings));
  return written('855', 'PR', body, version);
}
const context = (settings: Partial<EdiTerms> = {}) => ({
  connection: 'meridian-folder',
  settings: { ...terms, ...settings },
  data: {},
  naturalKey: 'n',
  correlationId: 'c',
  lookup: none,
});
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

const shipment: Shipment = {
  id: 's1',
  shipmentNo: 'SH-1',
  orderId: 'o1',
  orderNo: 'SO-1',
  fulfillmentOrderId: 'f1',
  fulfillmentNo: 'F-1',
  location: 'DC1',
  shipFrom: {
    name: 'Ridgeline DC1',
    gln: '0614141001019',
    address: { lines: ['9 Dock Rd'], city: 'Columbus', region: 'OH', postal: '43004', country: 'US' },
  },
  shipTo: { name: 'DC 12', gln: '0614141900121' },
  carrier: 'UPS',
  scac: 'UPSN',
  service: 'GROUND',
  bol: 'BOL1',
  shippedAt: '2026-06-01T20:00:00Z',
  trackerStatus: 'in_transit',
  version: 1,
  packages: [
    {
      packageNo: 1,
      sscc: '106141410000000019',
      tracking: '1Z1',
      weightGrams: 2500,
      contents: [{ lineNo: 1, sku: 'PMP-220', quantity: '2', uom: 'EA', serials: ['S1', 'S2'] }],
    },
    {
      packageNo: 2,
      sscc: '106141410000000026',
      tracking: '1Z2',
      contents: [{ lineNo: 1, sku: 'PMP-220', quantity: '1', uom: 'EA', lot: 'L2', expiry: '2027-07-06' }],
    },
  ],
};
const notify = (
  notice: Partial<Parameters<typeof Object>[0]> & { shipment?: Shipment },
  settings: Partial<EdiTerms> = {},
  version?: string,
) =>
  written(
    '856',
    'SH',
    maps.outbound('x12', 'shipment.notify')!.map(
      {
        order: order([line(1, { allocated: '3', backordered: '2' })]),
        shipment,
        date: '2026-06-01',
        time: '16:00',
        shippedOn: '2026-06-01',
        ...notice,
      },
      context(settings),
    ),
    version,
  );

describe('shipment → 856', () => {
  it('tells shipment, order, packages and items with SSCC, lots and serials', () => {
    expect(notify({})).toEqual([
      'ST*856*0001',
      'BSN*00*SH-1*20260601*1600*0001',
      'HL*1**S*1',
      'TD1*CTN25*2****G*2.5*KG',
      'TD5*B*2*UPSN**GROUND',
      'REF*BM*BOL1',
      'REF*CN*1Z1',
      'DTM*011*20260601',
      'N1*SF*Ridgeline DC1*UL*0614141001019',
      'N3*9 Dock Rd',
      'N4*Columbus*OH*43004',
      'N1*ST*DC 12*UL*0614141900121',
      'HL*2*1*O*1',
      'PRF*PO-4711***20260601',
      'REF*DP*038',
      'REF*IA*778120',
      'N1*BY**92*0012',
      'HL*3*2*P*1',
      'MAN*GM*00106141410000000019',
      'MAN*CP*1Z1',
      'HL*4*3*I*0',
      'LIN*001*VN*PMP-220',
      'SN1*001*2*EA',
      'REF*SE*S1',
      'REF*SE*S2',
      'HL*5*2*P*1',
      'MAN*GM*00106141410000000026',
      'MAN*CP*1Z2',
      'HL*6*5*I*0',
      'LIN*001*VN*PMP-220*LT*L2',
      'SN1*001*1*EA',
      'DTM*036*20270706',
      'CTT*6',
      'SE*34*0001',
    ]);
    expect(notify({}, {}, '005010').filter((segment) => segment.startsWith('HL'))).toHaveLength(6);
  });

  it('writes tares or bare items where the guide asks for them', () => {
    const levels = (structure: 'SOTPI' | 'SOI') =>
      notify({}, { shipNotice: { structure, ssccWithAi: false } })
        .filter((segment) => /^(HL|MAN|BSN)/.test(segment))
        .map((segment) => (segment.startsWith('HL') ? segment.split('*')[3] : segment));
    expect(levels('SOTPI')).toEqual([
      'BSN*00*SH-1*20260601*1600*0001',
      'S',
      'O',
      'T',
      'MAN*GM*106141410000000019',
      'P',
      'MAN*CP*1Z1',
      'I',
      'T',
      'MAN*GM*106141410000000026',
      'P',
      'MAN*CP*1Z2',
      'I',
    ]);
    expect(levels('SOI')).toEqual(['BSN*00*SH-1*20260601*1600*0004', 'S', 'O', 'I', 'I']);
  });

  it('goes neither before the goods have left nor with a label that does not scan', () => {
    expect(() => notify({ shipment: { ...shipment, shippedAt: undefined } })).toThrow(
      expect.objectContaining({ code: 'NOT_SHIPPED' }),
    );
    const wrong = { ...shipment, packages: [{ ...shipment.packages[0]!, sscc: '106141410000000018' }] };
    expect(() => notify({ shipment: wrong })).toThrow(expect.objectContaining({ code: 'SSCC_INVALID' }));
  });
});

const invoice: Invoice = {
  id: 'i1',
  kind: 'invoice',
  invoiceNo: 'INV-1',
  orderId: 'o1',
  orderNo: 'SO-1',
  customer: 'C100',
  customerPo: 'PO-4711',
  shipmentNo: 'SH-1',
  currency: 'USD',
  invoiceDate: '2026-06-02',
  dueDate: '2026-07-02',
  taxMinor: 1250,
  freightMinor: 999,
  totalMinor: 137249,
  paidMinor: 0,
  status: 'open',
  postedAt: '2026-06-02T13:00:00Z',
  version: 1,
  lines: [
    {
      lineNo: 1,
      sku: 'PMP-220',
      quantity: { value: '3', uom: 'EA' },
      price: { value: '450.00', currency: 'USD', perQty: '1', uom: 'EA' },
      amountMinor: 135000,
    },
  ],
};
const bill = (change: Partial<Invoice> = {}, lines = [line(1, { allocated: '3' })], version?: string) =>
  written(
    '810',
    'IN',
    maps.outbound('x12', 'invoice.send')!.map({ order: order(lines), invoice: { ...invoice, ...change } }, context()),
    version,
  );

describe('invoice → 810', () => {
  it('charges in the buyer’s line, unit and price basis, with totals that add up', () => {
    expect(bill()).toEqual([
      'ST*810*0001',
      'BIG*20260602*INV-1*20260601*PO-4711',
      'REF*DP*038',
      'REF*IA*778120',
      'REF*SI*SH-1',
      'N1*ST*DC 12*UL*0614141900121',
      'N1*BY**92*0012',
      'N1*SE*RIDGELINE',
      'ITD*05*3****20260702*30',
      'IT1*001*3*EA*450.00*PE*VN*PMP-220',
      'TDS*137249',
      'TXI*ST*12.50',
      'SAC*C*D240***999',
      'CTT*1',
      'SE*15*0001',
    ]);
    expect(bill({}, undefined, '005010')).toContain('TDS*137249');
  });

  it('never sends a total that does not add up, nor a price per something else', () => {
    expect(() => bill({ totalMinor: 137248 })).toThrow(expect.objectContaining({ code: 'TOTAL_MISMATCH' }));
    const perHundred = line(1, {}, { price: { value: '450.00', currency: 'USD', perQty: '100', uom: 'EA' } });
    expect(() => bill({}, [perHundred])).toThrow(expect.objectContaining({ code: 'PRICE_BASIS' }));
  });

  it('names a currency that is not the partner’s usual one, and has two decimals in it', () => {
    const yen = { ...invoice.lines[0]!, amountMinor: 500 };
    const segments = bill({ currency: 'JPY', lines: [yen], taxMinor: 0, freightMinor: 0, totalMinor: 500 });
    expect(segments).toContain('CUR*SE*JPY');
    expect(segments).toContain('TDS*50000');
  });
});
