/** Faults of EDIFACT interchanges and what CONTRL says from UCI on. */

import type { AcknowledgeOptions } from '../../src/edi/index.ts';

export interface EdifactParts {
  unb?: string;
  unh?: string;
  /** Segments between UNH and UNT; default `GOOD_ORDERS`. */
  segments?: readonly string[];
  unt?: string;
  unz?: string;
}

export const GOOD_ORDERS = [
  'BGM+220+PO1+9', // 2
  'DTM+137:20260601:102', // 3
  'NAD+BY+4000001000005::9', // 4
  'LIN+1++00614141100088:EN', // 5
  'QTY+21:10:PCE', // 6
  'PRI+AAA:18.00', // 7
  'UNS+S', // 8
  'CNT+2:1', // 9
];

export const UNB = 'UNB+UNOC:3+SENDER:14+RECEIVER:14+260601:0900+IC1';

export function edifactOf(parts: EdifactParts): string {
  const segments = parts.segments ?? GOOD_ORDERS;
  const lines = [
    parts.unb ?? UNB,
    parts.unh ?? 'UNH+1+ORDERS:D:96A:UN:EAN008',
    ...segments,
    parts.unt ?? `UNT+${segments.length + 2}+1`,
    parts.unz ?? 'UNZ+1+IC1',
  ];
  return lines
    .filter((line) => line !== '')
    .map((line) => `${line}'`)
    .join('');
}

/** The good message with one segment replaced ('' deletes, an array inserts), UNH being 1. */
function swap(at: number, to: string | string[]): EdifactParts {
  return { segments: GOOD_ORDERS.flatMap((one, index) => (index + 2 === at ? (to === '' ? [] : to) : [one])) };
}

const UCI_OK = "UCI+IC1+SENDER:14+RECEIVER:14+7'";
const UCI_BAD = 'UCI+IC1+SENDER:14+RECEIVER:14+4+';
const OK = "UCM+1+ORDERS:D:96A:UN:EAN008+7'";
const BAD = "UCM+1+ORDERS:D:96A:UN:EAN008+4'";
const BAD_WITH = 'UCM+1+ORDERS:D:96A:UN:EAN008+4+';

export type EdifactRow = readonly [
  name: string,
  parts: EdifactParts,
  expected: string,
  /** `strict` is how the input is read. */
  options?: Partial<AcknowledgeOptions> & { strict?: true },
];

export const EDIFACT_FAULTS: readonly EdifactRow[] = [
  ['nothing wrong', {}, `${UCI_OK}${OK}`],
  ['BGM missing', swap(2, ''), `${UCI_OK}${BAD}UCS+2+13'`],
  ['DTM missing', swap(3, ''), `${UCI_OK}${BAD}UCS+3+13'`],
  ['UNS missing', swap(8, ''), `${UCI_OK}${BAD}UCS+8+13'`],
  ['unknown segment', swap(4, ['NAD+BY+4000001000005::9', 'XYZ+1']), `${UCI_OK}${BAD}UCS+5+15'`],
  ['segment of another message', swap(4, ['NAD+BY+4000001000005::9', 'CPS+1']), `${UCI_OK}${BAD}UCS+5+15'`],
  ['segment out of order', swap(9, ['CNT+2:1', 'DTM+137:20260601:102']), `${UCI_OK}${BAD}UCS+10+15'`],
  ['UNS twice', swap(8, ['UNS+S', 'UNS+S']), `${UCI_OK}${OK}UCS+9+35'`],
  [
    'group too often',
    swap(
      4,
      Array.from({ length: 100 }, () => 'NAD+BY+4000001000005::9'),
    ),
    `${UCI_OK}${OK}UCS+103+36'`,
  ],
  [
    'segment too often',
    swap(
      3,
      Array.from({ length: 36 }, () => 'DTM+137:20260601:102'),
    ),
    `${UCI_OK}${OK}UCS+38+35'`,
  ],
  ['mandatory component missing', swap(3, 'DTM+:20260601:102'), `${UCI_OK}${BAD}UCS+3'UCD+13+2:1'`],
  ['mandatory element missing', swap(4, 'NAD++4000001000005::9'), `${UCI_OK}${BAD}UCS+4'UCD+13+2'`],
  ['mandatory component of an optional composite missing', swap(4, 'NAD+BY+::9'), `${UCI_OK}${BAD}UCS+4'UCD+13+3:1'`],
  ['element too long', swap(2, `BGM+220+${'9'.repeat(36)}+9`), `${UCI_OK}${OK}UCS+2'UCD+39+3'`],
  ['component too long', swap(5, `LIN+1++${'9'.repeat(36)}:IN`), `${UCI_OK}${OK}UCS+5'UCD+39+4:1'`],
  ['code not in its list', swap(2, 'BGM+220+PO1+99'), `${UCI_OK}${OK}UCS+2'UCD+12+4'`],
  ['number with letters', swap(6, 'QTY+21:TEN:PCE'), `${UCI_OK}${BAD}UCS+6'UCD+37+2:2'`],
  ['digits where letters belong', swap(8, 'UNS+1'), `${UCI_OK}${BAD}UCS+8'UCD+37+2'`],
  ['date not of its format', swap(3, 'DTM+137:20261301:102'), `${UCI_OK}${OK}UCS+3'UCD+12+2:2'`],
  ['number ends with its decimal mark', swap(7, 'PRI+AAA:18.'), `${UCI_OK}${BAD}UCS+7'UCD+19+2:2'`],
  ['no digit before the decimal mark', swap(7, 'PRI+AAA:.5'), `${UCI_OK}${BAD}UCS+7'UCD+38+2:2'`],
  ['too many elements', swap(8, 'UNS+S+X'), `${UCI_OK}${OK}UCS+8'UCD+16+3'`],
  ['too many components', swap(9, 'CNT+2:1:PCE:X'), `${UCI_OK}${OK}UCS+9'UCD+16+2:4'`],
  ['control character', swap(2, 'BGM+220+PO\u00071+9'), `${UCI_OK}${OK}UCS+2'UCD+21+3'`],
  ['control total wrong', swap(9, 'CNT+2:5'), `${UCI_OK}${OK}UCS+9'UCD+29+2:2'`],
  ['two faulty elements', swap(6, 'QTY+:TEN:PCE'), `${UCI_OK}${BAD}UCS+6'UCD+37+2:2'UCD+13+2:1'`],
  ['UNT counts wrong', { unt: 'UNT+9+1' }, `${UCI_OK}${BAD_WITH}29+UNT+2'`],
  ['UNT refers wrong', { unt: 'UNT+10+2' }, `${UCI_OK}${BAD_WITH}28+UNT+3'`],
  ['UNT missing', { unt: '' }, `${UCI_OK}${BAD_WITH}13+UNT'`],
  ['UNH without type', { unh: 'UNH+1+' }, `${UCI_OK}UCM+1+:::UN+4+13+UNH+3'`],
  [
    'UNH without reference',
    { unh: 'UNH++ORDERS:D:96A:UN', unt: 'UNT+10' },
    `${UCI_OK}UCM++ORDERS:D:96A:UN+4+13+UNH+2'`,
  ],
  ['UNZ counts wrong', { unz: 'UNZ+2+IC1' }, `${UCI_BAD}29+UNZ+2'`],
  ['UNZ refers wrong', { unz: 'UNZ+1+IC2' }, `${UCI_BAD}28+UNZ+3'`],
  ['UNZ missing', { unz: '' }, `${UCI_BAD}13+UNZ'`],
  ['service characters not distinct', { unb: `UNA:::.? '${UNB}` }, "UCI++++4+20+UNA'"],
  ['syntax version not supported', { unb: UNB.replace(':3', ':9') }, `${UCI_BAD}2+UNB+2:2'`],
  ['syntax identifier unknown', { unb: UNB.replace('UNOC', 'UNOQ') }, `${UCI_BAD}46+UNB+2:1'`],
  ['sender missing', { unb: UNB.replace('SENDER:14', '') }, "UCI+IC1++RECEIVER:14+4+13+UNB+3'"],
  ['recipient missing', { unb: UNB.replace('RECEIVER:14', '') }, "UCI+IC1+SENDER:14++4+13+UNB+4'"],
  ['no date', { unb: UNB.replace('260601', '261301') }, `${UCI_BAD}12+UNB+5:1'`],
  ['no time', { unb: UNB.replace('0900', '2500') }, `${UCI_BAD}12+UNB+5:2'`],
  [
    'control reference missing',
    { unb: UNB.replace('+IC1', ''), unz: 'UNZ+1' },
    "UCI++SENDER:14+RECEIVER:14+4+13+UNB+6'",
  ],
  ['segment outside of any message', { unt: "UNT+10+1'XYZ+1" }, `${UCI_BAD}33'`],
  [
    'a message of a type not defined is refused',
    { unh: 'UNH+1+QUOTES:D:96A:UN' },
    `${UCI_OK}UCM+1+QUOTES:D:96A:UN+4+14+UNH+3:1'`,
    { unchecked: 'reject' },
  ],
  [
    'a message in a release not defined is refused',
    { unh: 'UNH+1+ORDERS:D:93A:UN' },
    `${UCI_OK}UCM+1+ORDERS:D:93A:UN+4+14+UNH+3:3'`,
    { unchecked: 'reject' },
  ],
  [
    'a message of nothing, to a strict receiver',
    { unh: 'UNH+1+QUOTES:D:96A:UN', segments: [] },
    `${UCI_OK}UCM+1+QUOTES:D:96A:UN+4+32+UNT'`,
    { strict: true },
  ],
  [
    'a message of nothing, to a tolerant one',
    { unh: 'UNH+1+QUOTES:D:96A:UN', segments: [] },
    `${UCI_OK}UCM+1+QUOTES:D:96A:UN+7'`,
  ],
  [
    'element too short',
    {
      unh: 'UNH+1+ORDERS:D:01B:UN',
      segments: [...GOOD_ORDERS.slice(0, 3), 'DGS+ADR+3+125', ...GOOD_ORDERS.slice(3)],
    },
    `${UCI_OK}UCM+1+ORDERS:D:01B:UN+7'UCS+5'UCD+40+4:1'`,
  ],
  [
    'a separator with nothing after it, to a strict receiver',
    swap(2, 'BGM+220+PO1+9+'),
    `${UCI_OK}${BAD}UCS+2+45'`,
    { strict: true },
  ],
  [
    'a component separator with nothing after it, to a strict receiver',
    swap(6, 'QTY+21:10:+'),
    `${UCI_OK}${BAD}UCS+6+45'`,
    { strict: true },
  ],
  ['a separator with nothing after it, to a tolerant one', swap(2, 'BGM+220+PO1+9+'), `${UCI_OK}${OK}`],
  ['refused as a test', {}, `${UCI_BAD}25'`, { refuse: { syntax: '25' } }],
  ['refused as having come before', {}, `${UCI_BAD}26'`, { refuse: { syntax: '26' } }],
  ['refused for a reason of its own', {}, `${UCI_BAD}18'`, { refuse: { syntax: '18' } }],
  ['a message of a type not defined is taken', { unh: 'UNH+1+QUOTES:D:96A:UN' }, `${UCI_OK}UCM+1+QUOTES:D:96A:UN+7'`],
];

export const UNG = 'UNG+ORDERS+APPS+APPR+260601:0900+G1+UN+D:96A';
export const ORDER = ['UNH+1+ORDERS:D:96A:UN', 'BGM+220+PO1+9', 'DTM+137:20260601:102', 'LIN+1', 'UNS+S', 'UNT+6+1'];
const UCM = "UCM+1+ORDERS:D:96A:UN+7'";

/** Faults of groups and of interchanges that have some. */
export const EDIFACT_GROUP_FAULTS: [name: string, segments: string[], expected: string, reading?: { strict: true }][] =
  [
    ['a group that is right', [UNB, UNG, ...ORDER, 'UNE+1+G1', 'UNZ+1+IC1'], `${UCI_OK}UCF+G1+APPS+APPR+7'${UCM}`],
    ['UNE counts wrong', [UNB, UNG, ...ORDER, 'UNE+2+G1', 'UNZ+1+IC1'], `${UCI_OK}UCF+G1+APPS+APPR+4+29+UNE+2'`],
    ['UNE refers wrong', [UNB, UNG, ...ORDER, 'UNE+1+G2', 'UNZ+1+IC1'], `${UCI_OK}UCF+G1+APPS+APPR+4+28+UNE+3'`],
    ['UNE missing', [UNB, UNG, ...ORDER, 'UNZ+1+IC1'], `${UCI_OK}UCF+G1+APPS+APPR+4+13+UNE'`],
    [
      'a message of another type in the group',
      [UNB, UNG.replace('ORDERS', 'INVOIC'), ...ORDER, 'UNE+1+G1', 'UNZ+1+IC1'],
      `${UCI_OK}UCF+G1+APPS+APPR+7'UCM+1+ORDERS:D:96A:UN+4+31+UNH+3'`,
    ],
    [
      'messages inside and outside of groups',
      [UNB, ...ORDER, UNG, ...ORDER, 'UNE+1+G1', 'UNZ+1+IC1'],
      "UCI+IC1+SENDER:14+RECEIVER:14+4+30'",
    ],
    ['UNE without UNG', [UNB, ...ORDER, 'UNE+1+G1', 'UNZ+1+IC1'], "UCI+IC1+SENDER:14+RECEIVER:14+4+15+UNE'"],
    ['an interchange of nothing', [UNB, 'UNZ+0+IC1'], UCI_OK],
    [
      'an interchange of nothing, to a strict receiver',
      [UNB, 'UNZ+0+IC1'],
      "UCI+IC1+SENDER:14+RECEIVER:14+4+32+UNZ'",
      { strict: true },
    ],
    ['a group of nothing', [UNB, UNG, 'UNE+0+G1', 'UNZ+1+IC1'], `${UCI_OK}UCF+G1+APPS+APPR+7'`],
    [
      'a group of nothing, to a strict receiver',
      [UNB, UNG, 'UNE+0+G1', 'UNZ+1+IC1'],
      `${UCI_OK}UCF+G1+APPS+APPR+4+32+UNE'`,
      { strict: true },
    ],
    [
      'too many elements in UNB',
      [`${UNB}+++++++X`, ...ORDER, 'UNZ+1+IC1'],
      "UCI+IC1+SENDER:14+RECEIVER:14+4+16+UNB+13'",
    ],
  ];
