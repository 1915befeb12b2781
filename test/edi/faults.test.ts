/** The fault table: exact acknowledgments, written down by hand from the meaning of the codes. */
import { describe, expect, test } from 'vitest';
import {
  acknowledge,
  type AckCodes,
  type AcknowledgeOptions,
  narrowDefinition,
  type CheckedInterchange,
  type Definition,
  ISSUE_CODES,
  lookup,
  type NarrowingRow,
  type ReadOptions,
  readSync,
  ResultCollector,
} from '../../src/edi/index.ts';
import { ACKNOWLEDGMENT_CODES } from '../../scripts/edi-acknowledgment-codes.ts';
import { EDIFACT_FAULTS, EDIFACT_GROUP_FAULTS, edifactOf } from './faults-edifact.ts';
import { X12_ENVELOPE_FAULTS } from './faults-envelope.ts';
import { type Change, type FaultRow, GOOD_850, X12_DOCUMENT_FAULTS } from './faults-x12.ts';
import { x12 } from './samples.ts';

const ACK_ELEMENTS = [
  ['ta105', 'TA105'],
  ['ak304', 'AK304'],
  ['ak403', 'AK403'],
  ['ak502', 'AK502'],
  ['ak905', 'AK905'],
  ['syntax', '0085'],
] as const;

const OPTIONS: AcknowledgeOptions = {
  controls: { interchange: '9', group: '9', document: '1' },
  date: '2026-06-02',
  time: '10:00',
  ta1: 'never',
};

export function checked(input: string, options: ReadOptions = {}): CheckedInterchange {
  const collector = new ResultCollector();
  for (const event of readSync(input, options)) {
    const ended = collector.take(event);
    if (ended !== undefined) return ended;
  }
  throw new Error('no interchange');
}

function acknowledged(
  input: string,
  { strict, ...options }: Partial<AcknowledgeOptions> & { strict?: true } = {},
): string {
  const made = acknowledge(checked(input, strict === undefined ? {} : { strict }), { ...OPTIONS, ...options });
  return made === undefined ? '' : new TextDecoder().decode(made.bytes);
}

function changed(segments: readonly string[], changes: readonly Change[]): string[] {
  const byOrdinal = new Map(changes.map(([at, to]) => [at, to]));
  return segments.flatMap((segment, index) => {
    const to = byOrdinal.get(index + 2);
    if (to === undefined) return [segment];
    if (to === '') return [];
    return typeof to === 'string' ? [to] : [...to];
  });
}

/** What stands between two segments. */
function between(text: string, from: string, to: string): string {
  const start = text.indexOf('~', text.indexOf(from)) + 1;
  return text.slice(start, text.indexOf(`~${to}`, start));
}

describe('X12 documents', () => {
  test('the good document has no fault', () => {
    expect(between(acknowledged(x12({ segments: GOOD_850 })), 'AK2*', 'AK9')).toBe('AK5*A');
  });

  test.each(X12_DOCUMENT_FAULTS)('%s', (_name, changes, expected) => {
    const text = acknowledged(x12({ segments: changed(GOOD_850, changes) }));
    expect(between(text, 'AK2*', 'AK9')).toBe(expected);
  });

  const AS_999: FaultRow[] = [
    ['element', [[2, 'BEG*99*SA*PO1**20260601']], 'IK3*BEG*2**8~IK4*1*353*7*99~IK5*E*5'],
    ['element in a loop', [[10, 'N1*ST*STORE*92*1']], 'IK3*N1*10*N1*8~IK4*4*67*4*1~IK5*E*5'],
    [
      'condition',
      [[10, 'N1*ST*STORE*92']],
      'IK3*N1*10*N1*8~IK4*4*67*2~CTX*SITUATIONAL TRIGGER*N1*10*N1*2'.replace('*N1*2', '*N1*3') + '~IK5*R*5',
    ],
    ['missing segment', [[2, '']], 'IK3*BEG*2**3~IK5*R*5'],
    ['unknown segment', [[4, 'XYZ*1']], 'IK3*XYZ*4**1~IK5*R*5'],
  ];
  test.each(AS_999)('as 999: %s', (_name, changes, expected) => {
    const text = acknowledged(x12({ segments: changed(GOOD_850, changes) }), { functional: '999' });
    expect(text).toContain('~ST*999*0001*005010X231A1~');
    expect(between(text, 'AK2*', 'AK9')).toBe(expected);
  });
});

describe('X12 envelopes', () => {
  test.each(X12_ENVELOPE_FAULTS)('%s', (_name, input, options, expected) => {
    expect(acknowledged(input, options)).toContain(expected);
  });
});

/** Faults against definitions that are not built in: a partner's guide, a definition of the user's own. */
const OWN_DEFINITIONS: [name: string, input: string, definition: Definition, expected: string][] = [
  [
    'what the partner’s guide leaves out is unexpected: AK304 2',
    x12({ segments: GOOD_850 }),
    narrowed('x12', '004010', '850', [{ path: 'REF', use: 'unused' }]),
    '~AK3*REF*4**2~',
  ],
  [
    'too short for the partner’s guide: 0085 40',
    edifactOf({}),
    narrowed('edifact', 'D.96A', 'ORDERS', [{ path: 'BGM.02', minLength: 5 }]),
    "UCS+2'UCD+40+3'",
  ],
  ['a condition of a definition of one’s own: 0085 48', edifactOf({}), conditional(), "UCS+2'UCD+48+5'"],
];

function narrowed(standard: 'x12' | 'edifact', version: string, type: string, rows: NarrowingRow[]): Definition {
  return narrowDefinition(lookup(standard, version, type) as Definition, { id: 'p', standard, version, type, rows });
}

/** ORDERS whose BGM must have its response type (4343) where it has a number (1004). */
function conditional(): Definition {
  const base = lookup('edifact', 'D.96A', 'ORDERS') as Definition;
  const places = base.places.map((place) => {
    if (place.id !== 'BGM' || place.segment === undefined) return place;
    const rule = {
      kind: 'C' as const,
      positions: [2, 4],
      first: 2,
      rest: 8,
      all: 10,
      freeOfNone: true,
      freeOfAll: true,
    };
    return { ...place, segment: { ...place.segment, conditions: [rule] } };
  });
  return { ...base, places, transitions: places.map(() => new Map()) };
}

test.each(OWN_DEFINITIONS)('%s', (_name, input, definition, expected) => {
  const made = acknowledge(checked(input, { lookup: () => definition }), { ...OPTIONS, ta1: 'always' });
  expect(new TextDecoder().decode(made?.bytes)).toContain(expected);
});

describe('EDIFACT', () => {
  const rows = EDIFACT_FAULTS.map(
    ([name, parts, expected, options]) => [name, parts, expected, options ?? {}] as const,
  );
  test.each(rows)('%s', (_name, parts, expected, options) => {
    const text = acknowledged(edifactOf(parts), { ta1: 'always', ...options });
    const body = text.slice(text.indexOf('UCI+'), text.lastIndexOf('UNT+'));
    expect(body).toBe(expected);
  });
});

const TABLE = [
  ...X12_DOCUMENT_FAULTS.map((row) => row[2]),
  ...X12_ENVELOPE_FAULTS.map((row) => row[3]),
  ...EDIFACT_FAULTS.map((row) => row[2]),
  ...EDIFACT_GROUP_FAULTS.map((row) => row[2]),
  ...OWN_DEFINITIONS.map((row) => row[3]),
];

test('the table holds at least 150 faults', () => {
  expect(TABLE.length).toBeGreaterThanOrEqual(150);
});

/** The codes that stand in the expected acknowledgments, by element. */
const SENT: Record<string, RegExp> = {
  TA105: /TA1\*(?:[^*~]*\*){4}(\d{3})/g,
  AK304: /AK3\*[^*~]*\*\d+\*[^*~]*\*(\d+)/g,
  AK403: /AK4\*[^*~]*\*[^*~]*\*(\d+)/g,
  AK502: /AK5\*[A-Z]((?:\*\d+)+)/g,
  AK905: /AK9\*[A-Z]\*\d*\*\d+\*\d+((?:\*\d+)+)/g,
  '0085': /(?:UC[IFM]\+[^']*\+4\+|UCS\+\d+\+|UCD\+)(\d+)/g,
};

function expectedCodes(element: string): Set<string> {
  const found = TABLE.flatMap((text) => [...text.matchAll(SENT[element] as RegExp)].map((match) => match[1] ?? ''));
  return new Set(found.flatMap((codes) => codes.split('*').filter((code) => code !== '')));
}

describe('every code is brought about by a fault of the table, or not sent for the reason given', () => {
  test.each(ACKNOWLEDGMENT_CODES)('$element', ({ element, never, sent }) => {
    expect([...expectedCodes(element)].sort()).toEqual(Object.keys(sent).sort());
    for (const [code, reason] of Object.entries(never)) {
      expect(Object.keys(sent)).not.toContain(code);
      expect(reason.length).toBeGreaterThan(20);
    }
  });

  test('what issues give as codes is among those sent', () => {
    const list = (element: string) =>
      Object.keys(ACKNOWLEDGMENT_CODES.find((one) => one.element === element)?.sent ?? {});
    for (const [name, { ack }] of Object.entries(ISSUE_CODES as Record<string, { ack?: AckCodes }>))
      for (const [key, element] of ACK_ELEMENTS) {
        const code = ack?.[key];
        if (code !== undefined) expect(list(element), `${name} ${element}`).toContain(code);
      }
  });
});
