import { describe, expect, it } from 'vitest';
import { line, order, terms as x12Terms } from '../../test/harness/edi-cases.ts';
import { edifactTerms, outbound, readAs, writtenEdifact, writtenX12 } from '../../test/harness/edifact-cases.ts';
import type { Invoice, Shipment } from '../model/index.ts';

const units = { units: { EA: 'PCE', BX: 'XBX' } };
const x12 = { ...x12Terms, partner: 'C400', currency: 'EUR', seller: edifactTerms.seller };

const purchaseOrder850 = [
  'BEG*00*SA*NW-4711*7*20260531',
  'CUR*BY*EUR',
  'REF*DP*038',
  'REF*CT*RV-9',
  'FOB*CC',
  'ITD*08*3*2**10**30',
  'DTM*010*20260605',
  'DTM*002*20260608',
  'DTM*001*20260620',
  'TD5*O*2*SCHE**SCHENKER',
  'N9*L1*TEXT',
  'MSG*RAMPE 4, VOR 12 UHR',
  'N1*BY*NORDWIND HANDELS GMBH*UL*4012345000009',
  'N1*ST*ZENTRALLAGER*92*HAM',
  'N3*HAFENSTRASSE 12*TOR 3',
  'N4*HAMBURG**20457*DE',
  'N1*BT*NORDWIND RECHNUNG',
  'PO1*1*10*EA*18.5**EN*0614141000883*IN*NW-1008*VN*LED',
  'PID*F****LED LAMP',
  'SDQ*EA*92*0012*4*0013*6',
  'PO1*2*2000*EA*11*HP*VN*BLT',
  'DTM*002*20260609',
  'CTT*2',
];
const purchaseOrderOrders = [
  'BGM+220+NW-4711+9',
  'DTM+137:20260531:102',
  'DTM+10:20260605:102',
  'DTM+2:202606081000:203',
  'DTM+61:20260620:102',
  'FTX+AAI+++RAMPE 4, VOR 12 UHR',
  'RFF+RE:7',
  'RFF+DP:038',
  'RFF+CT:RV-9',
  'NAD+BY+4012345000009::9++NORDWIND HANDELS GMBH',
  'NAD+DP+HAM::92++ZENTRALLAGER+HAFENSTRASSE 12:TOR 3+HAMBURG++20457+DE',
  'NAD+IV+++NORDWIND RECHNUNG',
  'CUX+2:EUR:9',
  'PAT+22++5:3:D:10',
  'PCD+12:2',
  'PAT+1++5:3:D:30',
  'TDT+20++++SCHE::182:SCHENKER',
  'TOD+6+CC',
  'LIN+1++0614141000883:EN',
  'PIA+1+NW-1008:IN+LED:SA',
  'IMD+F++:::LED LAMP',
  'QTY+21:10:PCE',
  'PRI+AAA:18.5',
  'LOC+7+0012',
  'QTY+11:4:PCE',
  'LOC+7+0013',
  'QTY+11:6:PCE',
  'LIN+2',
  'PIA+5+BLT:SA',
  'QTY+21:2000:PCE',
  'DTM+2:20260609:102',
  'PRI+AAA:11:::100:PCE',
  'UNS+S',
  'CNT+2:2',
];

describe('a purchase order', () => {
  it('is the same order as 850 and as ORDERS, whichever directory', () => {
    const [from850] = readAs('x12', '850', purchaseOrder850, x12);
    const [fromOrders] = readAs('edifact', 'ORDERS', purchaseOrderOrders, units);
    expect(fromOrders).toEqual(from850);
    expect(fromOrders!.value).toMatchObject({
      customer: 'C400',
      customerPo: 'NW-4711',
      shipTo: { code: { qualifier: '92', code: 'HAM' }, address: { country: 'DE' } },
      lines: [{ quantity: { value: '10', uom: 'EA' } }, { price: { value: '11', perQty: '100', uom: 'EA' } }],
    });
    expect(readAs('edifact', 'ORDERS', purchaseOrderOrders, units, 'D.01B')).toEqual([fromOrders]);
  });

  it('has no quantity without a unit, unless the agreement says which is meant', () => {
    const bare = purchaseOrderOrders.map((segment) => segment.replace('QTY+21:10:PCE', 'QTY+21:10'));
    expect(() => readAs('edifact', 'ORDERS', bare, units)).toThrow(
      expect.objectContaining({ code: 'QUANTITY_MISSING' }),
    );
    const [found] = readAs('edifact', 'ORDERS', bare, { ...units, defaultUnit: 'EA' });
    expect(found!.value.lines[0].quantity).toEqual({ value: '10', uom: 'EA' });
  });
});

const lines = () => [
  line(
    1,
    { allocated: '3', backordered: '2' },
    {
      customerLineNo: '1',
      promisedDate: '2026-06-15',
      gtin: '00614141100033',
      buyerItem: 'NW-1',
      description: 'Transfer pump',
    },
  ),
  line(2, { cancelled: '5' }, { customerLineNo: '2', sku: 'FLT', vendorItem: 'FLT' }),
  line(3, { ordered: '10', cancelled: '10' }, { customerLineNo: '3', sku: 'FLT', vendorItem: 'FLT' }),
  line(
    4,
    { ordered: '6', allocated: '6' },
    { customerLineNo: undefined, sku: 'FLT13', vendorItem: undefined, substitutedFor: 3 },
  ),
  line(
    5,
    { allocated: '5' },
    { customerLineNo: '5', priceBasis: 'HP', price: { value: '11.00', currency: 'EUR', perQty: '100', uom: 'EA' } },
  ),
  line(6, {}, { customerLineNo: '6', holds: [{ code: 'PRICE_MISMATCH', since: '2026-06-01T13:00:00Z', by: 'hub' }] }),
];
const nordwindOrder = (extra = {}) =>
  order(lines(), { customer: 'C400', currency: 'EUR', release: '7', partnerRefs: { DP: '038' }, ...extra });

describe('an acknowledgment', () => {
  const answer = { order: nordwindOrder(), date: '2026-06-01' };
  const from855 = () =>
    readAs('x12', '855', writtenX12('855', outbound('x12', 'order.acknowledge', answer, x12)), x12)[0]!.value;
  const fromOrdrsp = (version: string) =>
    readAs(
      'edifact',
      'ORDRSP',
      writtenEdifact('ORDRSP', outbound('edifact', 'order.acknowledge', answer, { ...units, version }), version),
      units,
      version,
    )[0]!.value;

  it.each(['D.96A', 'D.01B'])('says the same as 855 and as ORDRSP %s', (version) => {
    const { parties: x12Parties, references: _r, ...x12Facts } = from855();
    const { parties, references: _e, ...facts } = fromOrdrsp(version);
    expect(facts).toEqual(x12Facts);
    const named = (each: any[]) => each.filter(({ role }) => role !== 'SE' && role !== 'SU');
    expect(named(parties)).toEqual(named(x12Parties));
    expect(facts.lines.map((one: any) => one.outcomes)).toEqual([
      [
        { status: 'accepted', quantity: { value: '3', uom: 'EA' } },
        { status: 'backordered', quantity: { value: '2', uom: 'EA' }, date: '2026-06-15' },
      ],
      [{ status: 'rejected', quantity: { value: '5', uom: 'EA' } }],
      [
        { status: 'substituted', quantity: { value: '6', uom: 'EA' }, substitute: 'FLT13' },
        { status: 'rejected', quantity: { value: '4', uom: 'EA' } },
      ],
      [{ status: 'accepted', quantity: { value: '5', uom: 'EA' } }],
      [{ status: 'held', quantity: { value: '5', uom: 'EA' } }],
    ]);
  });

  it('is written as EANCOM readers expect it', () => {
    const segments = writtenEdifact('ORDRSP', outbound('edifact', 'order.acknowledge', answer, units));
    expect(segments.slice(0, 2)).toEqual(['BGM+231+SO-1+30', 'DTM+137:20260601:102']);
    expect(segments).toContain('NAD+DP+0614141900121::9++DC 12');
    const at = segments.indexOf('LIN+1+6+0614141100033:EN');
    expect(segments.slice(at, at + 8)).toEqual([
      'LIN+1+6+0614141100033:EN',
      'PIA+1+NW-1:IN',
      'PIA+1+PMP-220:SA',
      'IMD+F++:::Transfer pump',
      'QTY+21:5:PCE',
      'QTY+113:3:PCE',
      'QTY+83:2:PCE',
      'DTM+79:20260615:102',
    ]);
    expect(segments).toContain('LIN+3+38++1:3');
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
      contents: [
        { lineNo: 1, sku: 'PMP-220', quantity: '1', uom: 'EA', lot: 'L2', expiry: '2027-07-06' },
        { lineNo: 4, sku: 'FLT13', quantity: '6', uom: 'EA' },
      ],
    },
  ],
};

describe('a ship notice', () => {
  const notice = { order: nordwindOrder(), shipment, date: '2026-06-01', time: '16:00', shippedOn: '2026-06-01' };
  const read = (standard: 'x12' | 'edifact', settings = {}) => {
    const type = standard === 'x12' ? '856' : 'DESADV';
    const body = outbound(standard, 'shipment.notify', notice, settings);
    const segments = standard === 'x12' ? writtenX12(type, body) : writtenEdifact(type, body);
    return readAs(standard, type, segments, settings)[0]!.value;
  };
  /** An 856's items carry no description. */
  const plain = (notice: any) =>
    notice.packages.map(({ contents, ...pack }: any) => ({
      ...pack,
      contents: contents.map((content: any) => ({ ...content, description: undefined })),
    }));

  it('says the same as 856 and as DESADV, package by package', () => {
    const { parties: x12Parties, packages: _p, ...from856 } = read('x12', x12);
    const { parties, packages: _q, ...fromDesadv } = read('edifact', units);
    expect(fromDesadv).toEqual(from856);
    expect(plain(read('edifact', units))).toEqual(plain(read('x12', x12)));
    const sorted = (each: any[]) => each.filter(({ role }) => role !== 'SU').sort((a, b) => (a.role < b.role ? -1 : 1));
    expect(sorted(parties)).toEqual(sorted(x12Parties));
  });

  it('carries the SSCCs, tracking numbers, lots and serials of the shipment, a substitute under the buyer’s line', () => {
    expect(plain(read('edifact', units))).toEqual([
      {
        sscc: '106141410000000019',
        tracking: '1Z1',
        contents: [
          {
            poNumber: 'PO-4711',
            lineNo: '1',
            gtin: '00614141100033',
            buyerItem: 'NW-1',
            vendorItem: 'PMP-220',
            quantity: { value: '2', uom: 'EA' },
            serials: ['S1', 'S2'],
          },
        ],
      },
      {
        sscc: '106141410000000026',
        tracking: '1Z2',
        contents: [
          {
            poNumber: 'PO-4711',
            lineNo: '1',
            gtin: '00614141100033',
            buyerItem: 'NW-1',
            vendorItem: 'PMP-220',
            quantity: { value: '1', uom: 'EA' },
            lot: 'L2',
            expiry: '2027-07-06',
          },
          { poNumber: 'PO-4711', lineNo: '3', vendorItem: 'FLT13', quantity: { value: '6', uom: 'EA' } },
        ],
      },
    ]);
  });

  it('reads an 856 with pallets, and with items over cartons', () => {
    const head = ['BSN*00*S-9*20260601*0900*0001', 'HL*1**S', 'HL*2*1*O', 'PRF*PO-1'];
    const pallets = [
      ...head,
      'HL*3*2*T',
      'MAN*GM*00106141410000000019',
      'HL*4*3*P',
      'MAN*GM*00106141410000000026',
      'HL*5*4*I',
      'LIN*1*VN*A',
      'SN1**2*EA',
      'CTT*5',
    ];
    expect(readAs('x12', '856', pallets)[0]!.value.packages).toMatchObject([
      { sscc: '106141410000000026', parentSscc: '106141410000000019', contents: [{ vendorItem: 'A' }] },
    ]);
    const cartons = [
      ...head,
      'HL*3*2*I',
      'LIN*1*VN*A',
      'SN1**4*EA',
      'HL*4*3*P',
      'SN1**3*EA',
      'MAN*GM*00106141410000000019',
      'HL*5*3*P',
      'SN1**1*EA',
      'MAN*GM*00106141410000000026',
      'CTT*5',
    ];
    expect(readAs('x12', '856', cartons)[0]!.value.packages).toMatchObject([
      { sscc: '106141410000000019', contents: [{ vendorItem: 'A', quantity: { value: '3' } }] },
      { sscc: '106141410000000026', contents: [{ vendorItem: 'A', quantity: { value: '1' } }] },
    ]);
  });
});

describe('an invoice', () => {
  const invoice: Invoice = {
    id: 'i1',
    kind: 'invoice',
    invoiceNo: 'INV-1',
    orderId: 'o1',
    orderNo: 'SO-1',
    customer: 'C400',
    customerPo: 'PO-4711',
    shipmentNo: 'SH-1',
    currency: 'EUR',
    invoiceDate: '2026-06-02',
    dueDate: '2026-07-02',
    taxMinor: 1250,
    freightMinor: 999,
    totalMinor: 135000 + 55 + 1250 + 999,
    paidMinor: 0,
    status: 'open',
    postedAt: '2026-06-02T13:00:00Z',
    version: 1,
    lines: [
      {
        lineNo: 1,
        sku: 'PMP-220',
        quantity: { value: '3', uom: 'EA' },
        price: { value: '450.00', currency: 'EUR', perQty: '1', uom: 'EA' },
        amountMinor: 135000,
      },
      {
        lineNo: 5,
        sku: 'PMP-220',
        quantity: { value: '5', uom: 'EA' },
        price: { value: '11.00', currency: 'EUR', perQty: '100', uom: 'EA' },
        amountMinor: 55,
      },
    ],
  };
  const priced = lines().map((one) => ({ ...one, price: { ...one.price, currency: 'EUR' } }));
  const bill = { order: { ...nordwindOrder(), lines: priced }, invoice };

  it('charges the same as 810 and as INVOIC', () => {
    const { parties: _p, ...from810 } = readAs(
      'x12',
      '810',
      writtenX12('810', outbound('x12', 'invoice.send', bill, x12)),
      x12,
    )[0]!.value;
    const segments = writtenEdifact('INVOIC', outbound('edifact', 'invoice.send', bill, units));
    const { parties, ...fromInvoic } = readAs('edifact', 'INVOIC', segments, units)[0]!.value;
    expect(fromInvoic).toEqual(from810);
    expect(fromInvoic).toMatchObject({
      invoiceNo: 'INV-1',
      poNumber: 'PO-4711',
      shipmentNo: 'SH-1',
      dueDate: '2026-07-02',
      totalMinor: 137304,
      taxMinor: 1250,
      charges: [{ kind: 'charge', code: 'D240', amountMinor: 999 }],
      lines: [{ amountMinor: 135000 }, { amountMinor: 55 }],
    });
    expect(parties.map((party: any) => party.role)).toEqual(['ST', 'BY', 'SU']);
    expect(segments.slice(-8)).toEqual([
      'UNS+S',
      'CNT+2:2',
      'MOA+77:1373.04',
      'MOA+79:1350.55',
      'MOA+131:9.99',
      'MOA+124:12.50',
      'TAX+7+VAT',
      'MOA+124:12.50',
    ]);
  });

  it('never leaves with a total that does not add up', () => {
    const wrong = { ...bill, invoice: { ...invoice, totalMinor: 1 } };
    expect(() => outbound('edifact', 'invoice.send', wrong)).toThrow(
      expect.objectContaining({ code: 'TOTAL_MISMATCH' }),
    );
  });
});
