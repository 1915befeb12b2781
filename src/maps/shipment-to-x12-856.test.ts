import { describe, expect, it } from 'vitest';
import { context, line, maps, order, written } from '../../test/harness/edi-cases.ts';
import type { Shipment } from '../model/index.ts';
import type { EdiTerms } from './index.ts';

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
const bare = ({ lineNo, sku, quantity, uom }: Shipment['packages'][number]['contents'][number]) => ({
  lineNo,
  sku,
  quantity,
  uom,
});
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

  it('writes cartons of one item under their item, with tares or without; mixed ones are refused', () => {
    const plain = {
      ...shipment,
      packages: shipment.packages.map((pack) => ({ ...pack, contents: pack.contents.map(bare) })),
    };
    const levels = (structure: 'SOTI' | 'SOIP' | 'SOITP') =>
      notify({ shipment: plain }, { shipNotice: { structure, ssccWithAi: false } })
        .filter((segment) => /^(HL|MAN|BSN|SN1)/.test(segment))
        .map((segment) => (segment.startsWith('HL') ? segment.split('*').slice(2).join('*') : segment));
    expect(levels('SOIP')).toEqual([
      'BSN*00*SH-1*20260601*1600*0002',
      '*S*1',
      '1*O*1',
      '2*I*1',
      'SN1*001*3*EA',
      '3*P*0',
      'SN1**2*EA',
      'MAN*GM*106141410000000019',
      'MAN*CP*1Z1',
      '3*P*0',
      'SN1**1*EA',
      'MAN*GM*106141410000000026',
      'MAN*CP*1Z2',
    ]);
    expect(levels('SOITP').slice(4)).toEqual([
      'SN1*001*3*EA',
      '3*T*1',
      'MAN*GM*106141410000000019',
      '4*P*0',
      'SN1**2*EA',
      'MAN*CP*1Z1',
      '3*T*1',
      'MAN*GM*106141410000000026',
      '6*P*0',
      'SN1**1*EA',
      'MAN*CP*1Z2',
    ]);
    expect(levels('SOTI').filter((segment) => !segment.startsWith('MAN'))).toEqual([
      'BSN*00*SH-1*20260601*1600*0001',
      '*S*1',
      '1*O*1',
      '2*T*1',
      '3*I*0',
      'SN1*001*2*EA',
      '2*T*1',
      '5*I*0',
      'SN1*001*1*EA',
    ]);
    const mixed = {
      ...shipment,
      packages: [{ ...shipment.packages[0]!, contents: shipment.packages.flatMap((pack) => pack.contents) }],
    };
    expect(() => notify({ shipment: mixed }, { shipNotice: { structure: 'SOIP', ssccWithAi: false } })).toThrow(
      expect.objectContaining({ code: 'PACKAGE_MIXED' }),
    );
  });

  it('goes neither before the goods have left nor with a label that does not scan', () => {
    expect(() => notify({ shipment: { ...shipment, shippedAt: undefined } })).toThrow(
      expect.objectContaining({ code: 'NOT_SHIPPED' }),
    );
    const wrong = { ...shipment, packages: [{ ...shipment.packages[0]!, sscc: '106141410000000018' }] };
    expect(() => notify({ shipment: wrong })).toThrow(expect.objectContaining({ code: 'SSCC_INVALID' }));
  });
});
