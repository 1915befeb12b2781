/** Structure as the public grammars of 004010, D.96A and D.01B have it: what stands where, and what does not. */
import { describe, expect, test } from 'vitest';
import { edifactOf, type EdifactParts } from './faults-edifact.ts';
import { firstDocument, x12 } from './samples.ts';

function x12Issues(type: string, groupId: string, segments: string[], version = '004010'): string[] {
  const isa = version < '00402' ? {} : { 11: '^', 12: '00501' };
  const { issues } = firstDocument(x12({ type, groupId, segments, version, isa }));
  return issues.filter(({ severity }) => severity === 'error').map(({ code, segmentId }) => `${segmentId} ${code}`);
}

const SHIPPED = ['BSN*00*S1*20260601*0900*0001', 'HL*1**S', 'TD1*CTN25*1', 'HL*2*1*O', 'PRF*PO1', 'HL*3*2*I'];
const X12_RIGHT: [name: string, type: string, groupId: string, segments: string[], version?: string][] = [
  [
    '856: marks after cartons (CLD)',
    '856',
    'SH',
    [...SHIPPED, 'LIN**SK*A', 'SN1**5*EA', 'CLD*1*5', 'MAN*GM*1', 'CTT*3'],
  ],
  [
    '824: text and related data within an error',
    '824',
    'AG',
    [
      'BGN*11*1*20260601',
      'N1*FR*BUYER',
      'OTI*TR*IV*INV1',
      'REF*PO*PO1',
      'DTM*003*20260601',
      'NM1*BY*2*BUYER',
      'TED*007*NO SUCH ITEM',
      'NTE**SEE LINE 2',
      'RED*A*SK',
    ],
  ],
  [
    '820: a remittance of two invoices',
    '820',
    'RA',
    ['BPR*I*100*C*ACH', 'TRN*1*9', 'N1*PR*BUYER', 'ENT*1', 'RMR*IV*INV1**60', 'DTM*003*20260601', 'RMR*IV*INV2**40'],
  ],
  [
    '832: prices after the item and its packing',
    '832',
    'SC',
    [
      'BCT*PC*1',
      'DTM*007*20260601',
      'N1*SU*SELLER',
      'LIN**SK*A',
      'PID*F****LAMP',
      'PO4*6*1*EA',
      'CTP**WHL*18.00*1*EA',
      'CTT*1',
    ],
  ],
  [
    '846: stock of one item at two places',
    '846',
    'IB',
    ['BIA*00*SI*1*20260601', 'N1*SU*SELLER', 'LIN**SK*A', 'PID*F****LAMP', 'QTY*33*5*EA', 'N1*WH*NORTH*92*01', 'CTT*1'],
  ],
  [
    '852: sales and stock of a week',
    '852',
    'PD',
    [
      'XQ*H*20260601*20260607',
      'XPO*PO1',
      'N9*DP*038',
      'N1*RE*RETAILER*92*01',
      'LIN**UP*012345678905',
      'CTP**RES*18.00',
      'ZA*QS*5*EA',
      'SDQ*EA*92*0012*2*0013*3',
      'CTT*1',
    ],
  ],
  [
    '999: several contexts of a fault',
    '999',
    'FA',
    [
      'AK1*HC*1*005010X222A1',
      'AK2*837*0001*005010X222A1',
      'IK3*NM1*8*2010AA*8',
      'CTX*SITUATIONAL TRIGGER*NM1*8*2010AA*9*67',
      'CTX*CLM01:1',
      'IK4*9*67*1',
      'CTX*SITUATIONAL TRIGGER*NM1*8*2010AA*3*1036',
      'IK5*R*5',
      'AK9*R*1*1*0',
    ],
    '005010X231A1',
  ],
];
const X12_WRONG: [name: string, type: string, groupId: string, segments: string[], expected: string[]][] = [
  [
    '856: cartons after marks',
    '856',
    'SH',
    [...SHIPPED, 'LIN**SK*A', 'SN1**5*EA', 'MAN*GM*1', 'CLD*1*5', 'CTT*3'],
    ['CLD SEGMENT_OUT_OF_ORDER'],
  ],
  [
    '820: an invoice without an entity',
    '820',
    'RA',
    ['BPR*I*100*C*ACH', 'TRN*1*9', 'RMR*IV*INV1**60'],
    ['RMR SEGMENT_OUT_OF_ORDER'],
  ],
  [
    '846: a line without its item',
    '846',
    'IB',
    ['BIA*00*SI*1*20260601', 'QTY*33*5*EA', 'CTT*1'],
    ['QTY SEGMENT_OUT_OF_ORDER', 'LIN SEGMENT_MISSING', 'CTT LINE_COUNT_MISMATCH'],
  ],
  [
    '850: LS without its end',
    '850',
    'PO',
    ['BEG*00*SA*P1**20260601', 'PO1*1*1*EA', 'LS*LDT', 'LDT*AD*1*DA', 'CTT*1'],
    ['LE SEGMENT_MISSING'],
  ],
];

describe('X12', () => {
  test.each(X12_RIGHT)('%s', (_name, type, groupId, segments, version) => {
    expect(x12Issues(type, groupId, segments, version)).toEqual([]);
  });

  test.each(X12_WRONG)('%s', (_name, type, groupId, segments, expected) => {
    expect(x12Issues(type, groupId, segments)).toEqual(expected);
  });
});

function edifactIssues(parts: EdifactParts): string[] {
  const { issues } = firstDocument(edifactOf(parts));
  return issues.filter(({ severity }) => severity === 'error').map(({ code, segmentId }) => `${segmentId} ${code}`);
}

const unh = (type: string, version = '96A') => `UNH+1+${type}:D:${version}:UN`;
const DATED = 'DTM+137:20260601:102';
const EDIFACT_RIGHT: [name: string, parts: EdifactParts][] = [
  [
    'IFTMIN: a range of temperature of the goods',
    {
      unh: unh('IFTMIN'),
      segments: [
        'BGM+610+1+9',
        'CTA+IC+:ANN',
        'DTM+137:20260601:102',
        'TDT+20++30',
        'LOC+9+DEHAM',
        'NAD+CN+4000001000005::9',
        'GID+1+4:CT',
        'TMP+2+5:CEL',
        'RNG+5+CEL:2:8',
        'MEA+WT+G+KGM:120',
        'PCI+33E',
        'RFF+ON:PO1',
      ],
    },
  ],
  [
    'IFTSTA: goods and their numbers',
    {
      unh: unh('IFTSTA'),
      segments: [
        'BGM+77+1+9',
        DATED,
        'CNI+1+T1',
        'STS+1+21',
        'DTM+334:202606011000:203',
        'GID+1+4:CT',
        'PCI+33E',
        'GIN+BJ+340000000000000015',
      ],
    },
  ],
  [
    'PRICAT: a price with the range it is for',
    {
      unh: unh('PRICAT'),
      segments: [
        'BGM+9+1+9',
        DATED,
        'NAD+SU+4000001000005::9',
        'PGI+11',
        'LIN+1++00614141100088:EN',
        'PRI+AAA:18.00',
        'RNG+4+PCE:1:10',
      ],
    },
  ],
  [
    'PRICAT of D.01B: taxes, currencies, files and characteristics',
    {
      unh: unh('PRICAT', '01B'),
      segments: [
        'BGM+9+1+9',
        DATED,
        'NAD+SU+4000001000005::9',
        'TAX+7+VAT+++:::19',
        'CUX+2:EUR:8',
        'TDT+20',
        'PGI+11',
        'LIN+1++00614141100088:SRV',
        'IMD+F++:::LAMP',
        'PTY+1',
        'CCI+1',
        'CAV+RED',
        'TAX+7+VAT+++:::19',
        'PRI+AAA:18.00',
        'ALC+A',
        'PCD+1:5',
        'PCD+1:2',
        'PAC+6++CT',
        'EFI+lamp.jpg',
        'NAD+MF+4000001000005::9',
        'HYN+1',
      ],
    },
  ],
  [
    'INVOIC of D.01B: an allowance of a line in another currency, and its reason',
    {
      unh: unh('INVOIC', '01B'),
      segments: [
        'BGM+380+1+9',
        DATED,
        'LIN+1++00614141100088:SRV',
        'MOA+203:90.00',
        'PAC+2++CT',
        'MEA+WT+G+KGM:12',
        'EQD+PA',
        'ALC+A',
        'FTX+ABN+++Damaged box',
        'MOA+204:10.00',
        'CUX+2:USD:4',
        'DTM+134:20260601:102',
        'UNS+S',
        'MOA+77:90.00',
      ],
    },
  ],
  [
    'ORDERS of D.01B: instalments with their accounts',
    {
      unh: unh('ORDERS', '01B'),
      segments: ['BGM+220+1+9', DATED, 'PAT+1', 'MOA+9:50.00', 'RJL+1', 'MOA+9:50.00', 'LIN+1', 'UNS+S'],
    },
  ],
  [
    'ORDRSP: the reason of a change between the terms and the price',
    {
      unh: unh('ORDRSP'),
      segments: ['BGM+231+1+4', DATED, 'LIN+1', 'QTY+21:5', 'PAT+1', 'AJT+15', 'FTX+AAI+++X', 'PRI+AAA:1', 'UNS+S'],
    },
  ],
  [
    'ORDERS of D.01B',
    {
      unh: unh('ORDERS', '01B'),
      segments: [
        'BGM+220+PO1+9',
        DATED,
        'NAD+BY+4000001000005::9',
        'LIN+1++00614141100088:SRV',
        'QTY+21:10',
        'PRI+AAA:18.00',
        'UNS+S',
        'CNT+2:1',
      ],
    },
  ],
];

const PARTIES = ['NAD+BY+4000001000005::9', 'NAD+SU+0614141001019::9'];
const PLACE = ['LOC+162+0012::92', 'LIN+1', 'QTY+153:4:PCE'];
/** What one directory has and the other has not, and what neither has. */
const EDIFACT_WRONG: [name: string, parts: EdifactParts, expected: string[]][] = [
  [
    'INVRPT of D.01B: a quantity without INV',
    { unh: unh('INVRPT', '01B'), segments: ['BGM+35+1+9', DATED, 'LIN+1', 'QTY+145:5:PCE'] },
    ['QTY SEGMENT_OUT_OF_ORDER'],
  ],
  [
    'INVRPT of D.01B: INV without a quantity',
    { unh: unh('INVRPT', '01B'), segments: ['BGM+35+1+9', DATED, 'LIN+1', 'INV++1'] },
    ['QTY SEGMENT_MISSING'],
  ],
  [
    'INVRPT of D.96A: text of the message',
    { unh: unh('INVRPT'), segments: ['BGM+35+1+9', 'FTX+AAI+++X', DATED, 'LIN+1', 'QTY+145:5:PCE'] },
    ['FTX SEGMENT_OUT_OF_ORDER'],
  ],
  [
    'RECADV: nobody named',
    { unh: unh('RECADV', '01B'), segments: ['BGM+632+1+9', DATED, 'CPS+1', 'LIN+1', 'QTY+48:5:PCE', 'CNT+2:1'] },
    ['NAD SEGMENT_MISSING'],
  ],
  [
    'RECADV of D.96A: text of a line',
    {
      unh: unh('RECADV'),
      segments: ['BGM+632+1+9', DATED, ...PARTIES, 'CPS+1', 'LIN+1', 'QTY+48:5:PCE', 'FTX+AAI+++X', 'CNT+2:1'],
    },
    ['FTX SEGMENT_NOT_IN_SET'],
  ],
  [
    'REMADV: amounts before the documents',
    {
      unh: unh('REMADV', '01B'),
      segments: ['BGM+481+1+9', DATED, ...PARTIES, 'MOA+12:1', 'DOC+380+1', 'MOA+12:1', 'UNS+S', 'MOA+12:1'],
    },
    ['UNS SEGMENT_MISSING', 'DOC SEGMENT_OUT_OF_ORDER', 'UNS SEGMENT_OUT_OF_ORDER'],
  ],
  [
    'REMADV of D.96A: charges in the summary',
    {
      unh: unh('REMADV'),
      segments: ['BGM+481+1+9', DATED, ...PARTIES, 'DOC+380+1', 'MOA+12:1', 'UNS+S', 'MOA+12:1', 'ALC+A'],
    },
    ['ALC SEGMENT_NOT_IN_SET'],
  ],
  ['IFTMIN: nobody named', { unh: unh('IFTMIN'), segments: ['BGM+610+1+9', 'GID+1+4:CT'] }, ['NAD SEGMENT_MISSING']],
  [
    'PRICAT: currencies before taxes',
    { unh: unh('PRICAT', '01B'), segments: ['BGM+9+1+9', DATED, 'CUX+2:EUR:8', 'TAX+7+VAT', 'PGI+11', 'LIN+1'] },
    ['TAX SEGMENT_OUT_OF_ORDER'],
  ],
  [
    'SLSRPT: nobody named',
    { unh: unh('SLSRPT', '01B'), segments: ['BGM+73E+1+9', DATED, ...PLACE, 'UNS+S'] },
    ['NAD SEGMENT_MISSING'],
  ],
  [
    'SLSRPT of D.01B: no summary',
    { unh: unh('SLSRPT', '01B'), segments: ['BGM+73E+1+9', DATED, ...PARTIES, ...PLACE] },
    ['UNS SEGMENT_MISSING'],
  ],
  [
    'SLSRPT of D.96A: a summary',
    { unh: unh('SLSRPT'), segments: ['BGM+73E+1+9', DATED, ...PARTIES, ...PLACE, 'UNS+S'] },
    ['UNS SEGMENT_NOT_IN_SET'],
  ],
];

describe('EDIFACT', () => {
  test.each(EDIFACT_WRONG)('%s', (_name, parts, expected) => {
    expect(edifactIssues(parts)).toEqual(expected);
  });

  test.each(EDIFACT_RIGHT)('%s', (_name, parts) => {
    expect(edifactIssues(parts)).toEqual([]);
  });
});
