import { describe, expect, it } from 'vitest';
import { outbound, readAs, writtenX12 } from '../../test/harness/edifact-cases.ts';
import type { FulfillmentOrder } from '../model/index.ts';

const release: FulfillmentOrder = {
  id: 'f1',
  fulfillmentNo: 'F-1',
  orderId: 'o1',
  orderNo: 'SO-1',
  location: 'DC2',
  carrier: 'UPSN',
  service: 'GROUND',
  shipBy: '2026-06-02',
  shipTo: {
    name: 'DC 12',
    gln: '0614141900121',
    address: { lines: ['1 Main St'], city: 'Louisville', region: 'KY', postal: '40213', country: 'US' },
  },
  customerPo: 'PO-1',
  status: 'created',
  lines: [
    { lineNo: 1, sku: 'GLV', quantity: '300', uom: 'EA', lots: [{ lot: 'L3', quantity: '300' }] },
    { lineNo: 2, sku: 'LED', quantity: '10', uom: 'EA' },
  ],
};

describe('a warehouse by EDI', () => {
  it('is told what to ship by 940', () => {
    const segments = writtenX12('940', outbound('x12', 'release.create', release, { units: {} }));
    expect(segments).toEqual([
      'W05*N*F-1*PO-1',
      'N1*ST*DC 12*UL*0614141900121',
      'N3*1 Main St',
      'N4*Louisville*KY*40213',
      'N1*WH**92*DC2',
      'N9*CO*SO-1',
      'G62*10*20260602',
      'W66*PP*M***GROUND*****UPSN',
      'LX*1',
      'W01*300*EA**VN*GLV********L3',
      'N9*LI*1',
      'N9*LT*L3',
      'LX*2',
      'W01*10*EA**VN*LED',
      'N9*LI*2',
      'W76*310',
    ]);
  });

  it('says by 945 what has shipped, package by package', () => {
    const [result] = readAs('x12', '945', [
      'W06*F*F-1*20260602*WSH-9',
      'N1*WH**92*DC2',
      'N9*BM*BOL7',
      'W27*M*UPSN*GROUND',
      'LX*1',
      'MAN*GM*00106141410000000019',
      'MAN*CP*1Z1',
      'W12*CC*300*300**EA**VN*GLV*L3',
      'N9*LI*1',
      'LX*2',
      'MAN*GM*00106141410000000026',
      'W12*BP*10*4*6*EA**VN*LED',
      'N9*LI*2',
      'W12*CU*5*0*5*EA**VN*FLT',
      'N9*LI*3',
      'W03*304',
    ]);
    expect(result).toEqual({
      kind: 'shipment',
      value: {
        source: 'partner',
        document: 'WSH-9',
        sequence: 0,
        fulfillmentNo: 'F-1',
        shippedAt: '2026-06-02T00:00:00.000Z',
        carrier: 'UPSN',
        service: 'GROUND',
        bol: 'BOL7',
        packages: [
          {
            packageNo: 1,
            sscc: '106141410000000019',
            tracking: '1Z1',
            contents: [{ lineNo: 1, sku: 'GLV', quantity: '300', uom: 'EA', lot: 'L3' }],
          },
          { packageNo: 2, sscc: '106141410000000026', contents: [{ lineNo: 2, sku: 'LED', quantity: '4', uom: 'EA' }] },
        ],
      },
    });
  });

  it('cannot ship a line that it does not name, nor under a status that we do not know', () => {
    const advice = (w12: string, n9: string) => ['W06*F*F-1*20260602*WSH-9', 'N1*WH**92*DC2', 'LX*1', w12, n9, 'W03*1'];
    expect(() => readAs('x12', '945', advice('W12*CC*1*1**EA**VN*GLV', 'N9*ZZ*1'))).toThrow(
      expect.objectContaining({ code: 'LINE_UNKNOWN' }),
    );
    expect(() => readAs('x12', '945', advice('W12*QQ*1*1**EA**VN*GLV', 'N9*LI*1'))).toThrow(
      expect.objectContaining({ code: 'CODE_UNKNOWN' }),
    );
  });
});

describe('a carrier by EDI', () => {
  const iftsta = (code: string) => [
    'BGM+77+ST-1+9',
    'DTM+137:202606040900:203',
    'CNI+1+1Z1',
    `STS+1+${code}`,
    'DTM+334:202606041430:203',
  ];
  const at214 = (code: string) => ['B10*1Z1*SH-1*UPSN', 'LX*1', `AT7*${code}***20260604*1030*ED`];

  it('tells the same by 214 and by IFTSTA', () => {
    const [by214] = readAs('x12', '214', at214('D1*NS'));
    const [byIftsta] = readAs('edifact', 'IFTSTA', iftsta('21'));
    const delivered = {
      source: 'partner',
      tracking: '1Z1',
      status: 'delivered',
      occurredAt: '2026-06-04T14:30:00.000Z',
    };
    expect(by214).toMatchObject({ kind: 'tracking', value: { ...delivered, nativeCode: 'D1' } });
    expect(byIftsta).toMatchObject({ kind: 'tracking', value: { ...delivered, nativeCode: '21' } });
    expect(by214!.value.sequence).toBe(byIftsta!.value.sequence);
  });

  it('tells the time of its place, summer and winter', () => {
    const at = (date: string, zone: string) =>
      readAs('x12', '214', ['B10*1Z1*SH-1*UPSN', 'LX*1', `AT7*D1*NS***${date}*1030*${zone}`])[0]!.value.occurredAt;
    expect(at('20260604', 'ET')).toBe('2026-06-04T14:30:00.000Z');
    expect(at('20260104', 'ET')).toBe('2026-01-04T15:30:00.000Z');
    expect(at('20260104', 'PS')).toBe('2026-01-04T18:30:00.000Z');
    expect(at('20260104', 'UT')).toBe('2026-01-04T10:30:00.000Z');
  });

  it('is believed what happened, not what is to happen, and never guessed', () => {
    expect(readAs('x12', '214', at214('X2*NS'))).toEqual([]);
    expect(readAs('x12', '214', at214('ZZ*NS'))).toEqual([
      { kind: 'unmapped', value: { source: 'partner', field: 'AT7', nativeCode: 'ZZ' } },
    ]);
    expect(readAs('edifact', 'IFTSTA', iftsta('999'))[0]).toMatchObject({ kind: 'unmapped' });
  });
});
