import { describe, expect, it } from 'vitest';
import { readAs } from '../../test/harness/edifact-cases.ts';

const read = (type: string, segments: readonly string[]) =>
  readAs('x12', type, segments, { units: { CS: 'CA' } })[0]!.value;
const edifact = (type: string, segments: readonly string[], version = 'D.01B') =>
  readAs('edifact', type, segments, { units: { EA: 'PCE' } }, version)[0]!.value;
const ea = (value: string) => ({ value, uom: 'EA' });

describe('944 as warehouses write it', () => {
  it('tells damaged, short, surplus and refused apart, and takes the lot where it stands', () => {
    const { warehouse, lines } = read('944', [
      'W17*F*20260601*WR-1*D-1*SH-1',
      'N1*WH*RENO*92*W-06',
      'W07*100*CA*123456789012',
      'N9*LT*L7',
      'W13*1*CA*01',
      'W13*2*CA*07',
      'W07*50*EA**SW*GLV*LT*L8',
      'N9*PO*PO-2',
      'W13*5*EA*04',
      'W13*6*EA*05',
      'W13*7*EA*02',
      'W13*8*EA*03',
      'W07*9*EA**VN*BLT***L9',
      'W14*159',
    ]);
    expect(warehouse).toEqual({ name: 'RENO', code: 'W-06', qualifier: '92' });
    const cs = (value: string) => ({ value, uom: 'CS' });
    expect(lines).toEqual([
      { received: cs('100'), item: { gtin: '00123456789012' }, lot: 'L7', damaged: cs('3') },
      {
        received: ea('50'),
        item: { vendorItem: 'GLV' },
        lot: 'L8',
        poNumber: 'PO-2',
        rejected: ea('11'),
        short: ea('7'),
        over: ea('8'),
      },
      { received: ea('9'), item: { vendorItem: 'BLT' }, lot: 'L9' },
    ]);
  });

  it('refuses a line whose exceptions are counted in several units', () => {
    const segments = ['W17*F*20260601*WR-1', 'W07*9*EA**VN*BLT', 'W13*1*EA*01', 'W13*1*CA*01', 'W14*9'];
    expect(() => read('944', segments)).toThrow('several units');
  });
});

describe('947', () => {
  it.each([
    ['the warehouse’s', 'W15*20260601*A-1*D-1', 'A-1'],
    ['the depositor’s', 'W15*20260601**D-1', 'D-1'],
  ])('goes by %s number', (_, start, number) => {
    expect(read('947', [start, 'N1*WH*RENO*92*W1', 'W19*AA*5*EA**VN*GLV']).adjustmentNo).toBe(number);
  });
});

describe('a line of a 947', () => {
  it.each([
    ['W1909', 'W19*AA*-5*EA**VN*GLV***L9'],
    ['a number LT', 'W19*AA*-5*EA**VN*GLV*LT*L9*W-77'],
    ['a number LT beside others', 'W19*AA*-5*EA**UK*00614141100019*VN*GLV*W-77********LT*L9'],
  ])('has its lot in %s', (_, line) => {
    const [found] = read('947', ['W15*20260601*A-1', 'N1*WH*RENO*92*W1', line]).lines;
    expect(found).toMatchObject({ quantity: ea('-5'), item: { vendorItem: 'GLV' }, lot: 'L9' });
  });
});

describe('846 as warehouses write it', () => {
  const report = (...lines: string[]) =>
    read('846', ['BIA*00*MM*I-1*20260601*073015', 'N1*WH*RENO*9*1234567890', ...lines]);

  it('states the time, lots with their expiry, and what is on hold or damaged', () => {
    const { date, time, lines } = report(
      'LIN**SW*GLV*LT*L9',
      'DTM*036*20270601',
      'QTY*17*100*EA',
      'QTY*QH*5*EA',
      'QTY*74*2*EA',
    );
    expect([date, time]).toEqual(['2026-06-01', '07:30:15']);
    expect(lines).toEqual([
      {
        item: { vendorItem: 'GLV' },
        lot: 'L9',
        expiry: '2027-06-01',
        quantities: [
          { kind: 'onHand', quantity: ea('100') },
          { kind: 'onHold', quantity: ea('5') },
          { kind: 'damaged', quantity: ea('2') },
        ],
      },
    ]);
  });

  it('refuses quantities that are no stock', () => {
    for (const code of ['QC', '83', '75']) {
      expect(() => report('LIN**VN*GLV', `QTY*${code}*100*EA`)).toThrow(`QTY01 ${code} has no meaning here`);
    }
  });
});

describe('INVRPT', () => {
  it.each(['D.96A', 'D.01B'])('of %s tells the lots of an item apart', (version) => {
    const { time, lines } = edifact(
      'INVRPT',
      [
        'BGM+35+I1+9',
        'DTM+137:202606010730:203',
        'NAD+WH+4012345000009::9',
        'LIN+1++0614141000883:EN',
        'INV+2++1',
        'QTY+145:100:PCE',
        'GIN+BX+L1',
        'DTM+36:20270601:102',
        'INV+2++2',
        'QTY+124:2:PCE',
        'GIN+BX+L1',
        'INV+2++1',
        'QTY+145:7:PCE',
        'RFF+BT:L2',
      ],
      version,
    );
    expect(time).toBe('07:30');
    const item = { gtin: '00614141000883' };
    expect(lines).toEqual([
      {
        item,
        lot: 'L1',
        expiry: '2027-06-01',
        quantities: [
          { kind: 'available', quantity: ea('100') },
          { kind: 'damaged', quantity: ea('2') },
        ],
      },
      { item, lot: 'L2', quantities: [{ kind: 'available', quantity: ea('7') }] },
    ]);
  });
});

describe('RECADV', () => {
  it('gives the lines of every package, what was accepted and all that was not', () => {
    const { warehouse, lines } = edifact('RECADV', [
      'BGM+632+R1+9',
      'DTM+137:20260601:102',
      'DTM+50:20260601:102',
      'NAD+DP+0614141001026::9',
      'CPS+1',
      'LIN+1++0614141000883:SRV',
      'QTY+48:100:PCE',
      'QTY+194:94:PCE',
      'QTY+195:4:PCE',
      'QTY+196:2:PCE',
      'DTM+36:20270601:102',
      'RFF+BT:L1',
      'RFF+ON:PO-2',
      'CPS+2',
      'LIN+2++0614141000883:SRV',
      'QTY+48:5:PCE',
      'CNT+2:2',
    ]);
    expect(warehouse).toEqual({ code: '0614141001026', qualifier: 'UL' });
    const item = { gtin: '00614141000883' };
    expect(lines).toEqual([
      {
        lineNo: '1',
        item,
        received: ea('100'),
        accepted: ea('94'),
        rejected: ea('6'),
        lot: 'L1',
        expiry: '2027-06-01',
        poNumber: 'PO-2',
      },
      { lineNo: '2', item, received: ea('5') },
    ]);
  });
});
