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
    const [result, rest] = readAs('x12', '945', [
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
        document: 'WSH-9 F-1',
        sequence: 0,
        fulfillmentNo: 'F-1',
        shippedAt: '2026-06-02T12:00:00.000Z',
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
    // The rest of line 2 is still to come.
    expect(rest).toMatchObject({ kind: 'facts', value: [{ lineNo: 3, kind: 'cancelled', quantity: '5', uom: 'EA' }] });
    expect(rest!.value).toHaveLength(1);
  });

  const advice = (...loads: string[]) =>
    readAs('x12', '945', ['W06*F*F-1*20260602*WSH-9', 'N1*WH**92*DC2', ...loads, 'W03*1']);
  const told = (...loads: string[]) =>
    advice(...loads).map(({ kind, value }) =>
      kind === 'facts'
        ? value.map((fact: { kind: string; lineNo: number; quantity: string }) => [
            fact.kind,
            fact.lineNo,
            fact.quantity,
          ])
        : value.packages.map((parcel: { contents: { quantity: string }[] }) => parcel.contents.map((c) => c.quantity)),
    );

  it.each([
    ['CC', [[['10']]]],
    ['CL', [[['10']]]],
    ['BP', [[['4']]]],
    ['CP', [[['4']], [['short', 1, '6']]]],
    ['DI', [[['4']], [['short', 1, '6']]]],
    ['CU', [[['4']], [['cancelled', 1, '6']]]],
  ])('says under %s what has left and what will not come', (code, expected) => {
    const shipped = code.startsWith('CC') || code === 'CL' ? 10 : 4;
    expect(told('LX*1', `W12*${code}*10*${shipped}*${10 - shipped}*EA**VN*LED`, 'N9*LI*1')).toEqual(expected);
  });

  it('may ship nothing at all', () => {
    expect(told('LX*1', 'W12*CU*10*0*10*EA**VN*LED', 'N9*LI*1', 'W12*DI*5*0**EA**VN*FLT', 'N9*LI*2')).toEqual([
      [
        ['cancelled', 1, '10'],
        ['short', 2, '5'],
      ],
    ]);
    // Still to come: nothing has happened yet.
    expect(told('LX*1', 'W12*BO*10*0*10*EA**VN*LED', 'N9*LI*1')).toEqual([]);
  });

  it('counts the rest of a line once, whether its cartons repeat the line or tell their own part', () => {
    const carton = (n: number, w12: string) => [`LX*${n}`, w12, 'N9*LI*1'];
    const repeated = [...carton(1, 'W12*CP*10*4*6*EA**VN*LED'), ...carton(2, 'W12*CP*10*3*7*EA**VN*LED')];
    expect(told(...repeated)).toEqual([[['4'], ['3']], [['short', 1, '3']]]);
    const parts = [...carton(1, 'W12*CC*4*4**EA**VN*LED'), ...carton(2, 'W12*CP*6*3*3*EA**VN*LED')];
    expect(told(...parts)).toEqual([[['4'], ['3']], [['short', 1, '3']]]);
  });

  it('names every lot and serial, and our item where it has one of its own', () => {
    const [shipment] = advice(
      'LX*1',
      'W12*CC*2*1**EA**VN*PMP*L1',
      'N9*LI*1',
      'N9*SE*S-1',
      'W12*CC*2*1**EA**SK*99-1*L2********VN*PMP',
      'N9*LI*1',
      'N9*SE*S-2',
      'N9*SE*S-3',
    );
    expect(shipment!.value.packages[0].contents).toMatchObject([
      { sku: 'PMP', lot: 'L1', serials: ['S-1'] },
      { sku: 'PMP', lot: 'L2', serials: ['S-2', 'S-3'] },
    ]);
  });

  it('left at the time that it tells, in its own zone, and never before it was told of', () => {
    const at = (g62: string[], receivedAt?: string) =>
      readAs(
        'x12',
        '945',
        ['W06*F*F-1*20260601*WSH-9', 'N1*WH**92*DC2', ...g62, 'LX*1', 'W12*CC*1*1**EA**VN*LED', 'N9*LI*1', 'W03*1'],
        { timeZone: 'America/Los_Angeles' },
        '004010',
        receivedAt,
      )[0]!.value.shippedAt;
    expect(at(['G62*11*20260601*8*1630'])).toBe('2026-06-01T23:30:00.000Z');
    expect(at(['G62*11*20260601*8*1630*ET'])).toBe('2026-06-01T20:30:00.000Z');
    expect(at([], '2026-06-02T03:00:00Z')).toBe('2026-06-02T01:00:00.000Z');
    expect(at([], '2026-06-01T16:00:00Z')).toBe('2026-06-01T16:00:00.000Z');
  });

  it('is not believed to have shipped another item, nor how much is missing without saying so', () => {
    const refused = (code: string) => expect.objectContaining({ code });
    expect(() => advice('LX*1', 'W12*CS*10*10**EA**VN*LED', 'N9*LI*1')).toThrow(refused('SUBSTITUTED'));
    expect(() => advice('LX*1', 'W12*CP**4**EA**VN*LED', 'N9*LI*1')).toThrow(refused('QUANTITY_MISSING'));
    expect(() => advice('LX*1', 'W12*CC*1*-1**EA**VN*LED', 'N9*LI*1')).toThrow(refused('QUANTITY_INVALID'));
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
