/** Faults of X12 groups and interchanges: what the acknowledgment must contain. */
import type { AcknowledgeOptions } from '../../src/edi/index.ts';
import { LEAST_850, x12 } from './samples.ts';

export type EnvelopeRow = readonly [
  name: string,
  input: string,
  /** `strict` is how the input is read. */
  options: Partial<AcknowledgeOptions> & { strict?: true },
  expected: string,
];

const least = LEAST_850;
const always = { ta1: 'always' } as const;
const good = x12({ segments: least });
const NOTHING = x12({ segments: [], type: '899', groupId: 'ZZ' });
const ta1 = (status: string, note: string) => `~TA1*000000001*260601*0900*${status}*${note}~`;

/** Documents and groups: AK5 with AK502, AK9 with AK905. */
const GROUPS: EnvelopeRow[] = [
  ['everything right', good, {}, 'AK5*A~AK9*A*1*1*1~'],
  ['AK2 only for faults', good, { sendAk2ForAccepted: false }, '~AK1*PO*1~AK9*A*1*1*1~'],
  ['SE missing before GE', x12({ segments: least, se: '' }), {}, 'AK5*R*2~AK9*R*1*1*0~'],
  [
    'SE missing before ST',
    x12({ segments: [...least, 'ST*850*0002', ...least], se: 'SE*5*0002', ge: 'GE*2*1' }),
    {},
    '~AK2*850*0001~AK5*R*2~AK2*850*0002~AK5*A~AK9*P*2*2*1~',
  ],
  ['SE02 differs', x12({ segments: least, se: 'SE*5*0002' }), {}, 'AK5*R*3~AK9*R*1*1*0~'],
  ['SE02 missing', x12({ segments: least, se: 'SE*5' }), {}, 'AK5*R*3~AK9*R*1*1*0~'],
  ['SE01 differs', x12({ segments: least, se: 'SE*6*0001' }), {}, 'AK5*R*4~AK9*R*1*1*0~'],
  ['SE01 is no number', x12({ segments: least, se: 'SE*X*0001' }), {}, 'AK5*R*4~AK9*R*1*1*0~'],
  ['SE01 and SE02 differ', x12({ segments: least, se: 'SE*6*0002' }), {}, 'AK5*R*4*3~AK9*R*1*1*0~'],
  ['ST01 belongs in another group', x12({ segments: least, groupId: 'IN' }), {}, 'AK5*R*6~AK9*R*1*1*0~'],
  ['ST01 is no set id', x12({ segments: least, type: '85' }), {}, '~AK2*085*0001~AK5*R*6~'],
  [
    'ST02 too short',
    x12({ segments: least, se: 'SE*5*1' }).replace('ST*850*0001', 'ST*850*1'),
    {},
    '~AK2*850*1~AK5*R*7~',
  ],
  ['ST02 missing', x12({ segments: least, se: 'SE*5' }).replace('ST*850*0001', 'ST*850'), {}, '~AK2*850*0000~AK5*R*7~'],
  [
    'a type that is not supported',
    x12({ segments: ['BXX*1'], type: '899', groupId: 'ZZ' }),
    { unchecked: 'reject' },
    '~AK2*899*0001~AK5*R*1~AK9*R*1*1*0~',
  ],
  [
    'a type that is not known, taken as it is',
    x12({ segments: ['BXX*1'], type: '899', groupId: 'ZZ' }),
    {},
    'AK5*A~AK9*A*1*1*1~',
  ],
  [
    'errors and a wrong count',
    x12({ segments: ['BEG*99*SA*P**20260601', ...least.slice(1)], se: 'SE*9*0001' }),
    {},
    '~AK3*BEG*2**8~AK4*1*353*7*99~AK5*R*4*5~',
  ],
  ['GE01 differs', x12({ segments: least, ge: 'GE*2*1' }), {}, 'AK9*R*2*1*0*5~'],
  ['GE01 missing', x12({ segments: least, ge: 'GE**1' }), {}, 'AK9*R*1*1*0*5~'],
  ['GE02 differs', x12({ segments: least, ge: 'GE*1*2' }), {}, 'AK9*R*1*1*0*4~'],
  ['GE01 and GE02 differ', x12({ segments: least, ge: 'GE*3*2' }), {}, 'AK9*R*3*1*0*5*4~'],
  ['GE missing before IEA', x12({ segments: least, ge: '' }), {}, 'AK9*R*1*1*0*3~'],
  [
    'GE missing before GS',
    x12({
      segments: [...least, 'SE*5*0001', 'GS*PO*APPS*APPR*20260601*0900*2*X*004010', 'ST*850*0001', ...least],
      ge: 'GE*1*2',
      iea: 'IEA*2*000000001',
    }),
    {},
    '~AK1*PO*1~AK2*850*0001~AK5*A~AK9*R*1*1*0*3~',
  ],
  [
    'GS06 is no number',
    x12({ segments: least, gs: 'GS*PO*APPS*APPR*20260601*0900*X1*X*004010', ge: 'GE*1*X1' }),
    {},
    'AK9*R*1*1*0*6~',
  ],
  [
    'GS06 too long',
    x12({ segments: least, gs: 'GS*PO*APPS*APPR*20260601*0900*1234567890*X*004010', ge: 'GE*1*1234567890' }),
    {},
    'AK9*R*1*1*0*6~',
  ],
  [
    'GS01 is no functional id',
    x12({ segments: ['BXX*1'], type: '899', gs: 'GS*P*APPS*APPR*20260601*0900*1*X*004010' }),
    {},
    'AK9*R*1*1*0*1~',
  ],
  [
    'GS has nine elements',
    x12({ segments: least, gs: 'GS*PO*APPS*APPR*20260601*0900*1*X*004010*X' }),
    {},
    'AK2*850*0001~AK5*A~AK9*R*1*1*0*6~',
  ],
  [
    'GS06 holds nothing that can be written',
    x12({ segments: least, gs: 'GS*PO*APPS*APPR*20260601*0900*\u008f*X*004010', ge: 'GE*1*\u008f' }),
    {},
    '~AK1*PO*0~',
  ],
  ['GS08 is no version', x12({ segments: least, gs: 'GS*PO*APPS*APPR*20260601*0900*1*X*OLD' }), {}, 'AK9*R*1*1*0*2~'],
  [
    'one of two rejected',
    x12({
      segments: ['BEG*00*SA', ...least.slice(1), 'SE*5*0001', 'ST*850*0002', ...least],
      se: 'SE*5*0002',
      ge: 'GE*2*1',
    }),
    {},
    'AK9*P*2*2*1~',
  ],
  [
    'one of two with errors',
    x12({
      segments: ['BEG*99*SA*P**20260601', ...least.slice(1), 'SE*5*0001', 'ST*850*0002', ...least],
      se: 'SE*5*0002',
      ge: 'GE*2*1',
    }),
    {},
    'AK9*E*2*2*2~',
  ],
  [
    '005010 names the version of the group',
    x12({ segments: least, version: '005010', isa: { 11: '^', 12: '00501' } }),
    {},
    '~AK1*PO*1*005010~',
  ],
  [
    '005010 tells the repetition',
    x12({
      segments: least.map((one) => one.replace('PO1*1*', 'PO1*1^2*')),
      version: '005010',
      isa: { 11: '^', 12: '00501' },
    }),
    {},
    '~AK4*1*350*12*1~',
  ],
  [
    '005010 tells the component',
    x12({
      segments: least.map((one) => one.replace('PO1*1*10*', 'PO1*1*10>2*')),
      version: '005010',
      isa: { 11: '^', 12: '00501' },
    }),
    {},
    '~AK4*2>2**13*2~',
  ],
];

/** Interchanges: TA1. */
const INTERCHANGES: EnvelopeRow[] = [
  [
    'accepted, on request only',
    x12({ segments: least, isa: { 14: '1' } }),
    { ta1: 'requested' },
    `${ta1('A', '000')}GS*FA`,
  ],
  ['accepted', good, always, `${ta1('A', '000')}GS*FA`],
  ['IEA02 differs', x12({ segments: least, iea: 'IEA*1*000000002' }), always, `${ta1('R', '001')}IEA*0`],
  ['IEA01 differs', x12({ segments: least, iea: 'IEA*2*000000001' }), always, `${ta1('R', '021')}IEA*0`],
  ['IEA missing', x12({ segments: least, iea: '' }), always, `${ta1('R', '023')}IEA*0`],
  [
    'no group around the documents',
    x12({ segments: least, gs: '', ge: '', iea: 'IEA*0*000000001' }),
    always,
    `${ta1('R', '022')}IEA*0`,
  ],
  ['a segment between groups', x12({ segments: least, ge: 'GE*1*1~XYZ*1' }), always, `${ta1('R', '022')}IEA*0`],
  ['GE without GS', x12({ segments: least, ge: 'GE*1*1~GE*1*1' }), always, `${ta1('R', '022')}IEA*0`],
  ['duplicate', good, { ...always, refuse: { ta105: '025' } }, `${ta1('R', '025')}IEA*0`],
  ['ISA01 wrong', x12({ segments: least, isa: { 1: 'X0' } }), always, `${ta1('E', '010')}GS*FA`],
  ['ISA03 wrong', x12({ segments: least, isa: { 3: '77' } }), always, `${ta1('E', '012')}GS*FA`],
  ['ISA05 wrong', x12({ segments: least, isa: { 5: 'XX' } }), always, `${ta1('R', '005')}IEA*0`],
  ['ISA06 empty', x12({ segments: least, isa: { 6: ' '.repeat(15) } }), always, `${ta1('R', '006')}IEA*0`],
  ['ISA07 wrong', x12({ segments: least, isa: { 7: 'XX' } }), always, `${ta1('R', '007')}IEA*0`],
  ['ISA08 empty', x12({ segments: least, isa: { 8: ' '.repeat(15) } }), always, `${ta1('R', '008')}IEA*0`],
  [
    'the fault that rejects, not the one before it',
    x12({ segments: least, isa: { 1: 'X0', 5: 'XX' } }),
    always,
    `${ta1('R', '005')}IEA*0`,
  ],
  ['ISA09 no date', x12({ segments: least, isa: { 9: '261301' } }), always, '~TA1*000000001*261301*0900*E*014~'],
  ['ISA10 no time', x12({ segments: least, isa: { 10: '2500' } }), always, '~TA1*000000001*260601*2500*E*015~'],
  ['ISA12 no version', x12({ segments: least, isa: { 12: 'ABCDE' } }), always, `${ta1('R', '017')}IEA*0`],
  [
    'ISA13 no number',
    x12({ segments: least, isa: { 13: '00000000A' }, iea: 'IEA*1*00000000A' }),
    always,
    '~TA1*00000000A*260601*0900*R*018~',
  ],
  ['ISA14 wrong', x12({ segments: least, isa: { 14: '2' } }), always, `${ta1('E', '019')}GS*FA`],
  ['ISA15 wrong', x12({ segments: least, isa: { 15: 'X' } }), always, `${ta1('R', '020')}IEA*0`],
  ['ISA16 is the element separator', x12({ segments: least, isa: { 16: '*' } }), always, `${ta1('R', '027')}IEA*0`],
  ['ISA16 is the terminator', x12({ segments: least, isa: { 16: '~' } }), always, `${ta1('R', '004')}IEA*0`],
  [
    'ISA11 names another standard, to a strict receiver',
    x12({ segments: least, isa: { 11: 'T' } }),
    { ...always, strict: true },
    `${ta1('E', '002')}GS*FA`,
  ],
  [
    'ISA11 names another standard, to a tolerant one',
    x12({ segments: least, isa: { 11: 'T' } }),
    always,
    ta1('A', '000'),
  ],
  [
    'ISA11 names no standard, to a strict receiver',
    x12({ segments: least, isa: { 11: '^' } }),
    { ...always, strict: true },
    `${ta1('E', '016')}GS*FA`,
  ],
  ['ISA11 names no standard, to a tolerant one', x12({ segments: least, isa: { 11: '^' } }), always, ta1('A', '000')],
  [
    'ISA11 repeats from 00402 on',
    x12({ segments: least, isa: { 11: '^', 12: '00402' } }),
    { ...always, strict: true },
    ta1('A', '000'),
  ],
  [
    'ISA12 is no version that there is',
    x12({ segments: least, isa: { 12: '00999' } }),
    always,
    `${ta1('E', '003')}GS*FA`,
  ],
  ['a version that there is not is not inherited', x12({ segments: least, isa: { 12: '00999' } }), always, '*U*00401*'],
  ['ISA12 with the digits of GS08', x12({ segments: least, isa: { 12: '04010' } }), always, `${ta1('E', '003')}GS*FA`],
  ['ISA12 of version 3', x12({ segments: least, isa: { 12: '00307' } }), always, ta1('A', '000')],
  [
    'ISA02 empty though ISA01 announces it',
    x12({ segments: least, isa: { 1: '03' } }),
    always,
    `${ta1('E', '011')}GS*FA`,
  ],
  ['ISA02 as ISA01 announces it', x12({ segments: least, isa: { 1: '03', 2: 'ABC       ' } }), always, ta1('A', '000')],
  [
    'ISA04 empty though ISA03 announces it',
    x12({ segments: least, isa: { 3: '01' } }),
    always,
    `${ta1('E', '013')}GS*FA`,
  ],
  ['the element separator is a letter', good.replaceAll('*', 'x'), always, `${ta1('R', '026')}IEA*0`],
  ['the element separator is a space', good.replaceAll('*', ' '), always, `${ta1('R', '026')}IEA*0`],
  ['a set of nothing, to a tolerant receiver', NOTHING, {}, 'AK5*A~AK9*A*1*1*1~'],
  ['a set of nothing, to a strict one', NOTHING, { strict: true }, '~AK2*899*0001~AK5*R*5~AK9*R*1*1*0~'],
  ['refused for its content', good, { ...always, refuse: { ta105: '024' } }, `${ta1('R', '024')}IEA*0`],
];

export const X12_ENVELOPE_FAULTS: readonly EnvelopeRow[] = [...GROUPS, ...INTERCHANGES];
