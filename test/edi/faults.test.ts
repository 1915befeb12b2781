/** The fault table: exact acknowledgments, written down by hand from the meaning of the codes. */
import { describe, expect, test } from 'vitest';
import {
  acknowledge,
  type AcknowledgeOptions,
  applyOverlay,
  type CheckedInterchange,
  type Definition,
  lookup,
  type OverlayRow,
  type ReadOptions,
  readSync,
  ResultCollector,
} from '../../src/edi/index.ts';
import { EDIFACT_FAULTS, edifactOf } from './faults-edifact.ts';
import { X12_ENVELOPE_FAULTS } from './faults-envelope.ts';
import { type Change, type FaultRow, GOOD_850, X12_DOCUMENT_FAULTS } from './faults-x12.ts';
import { x12 } from './samples.ts';

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

function acknowledged(input: string, options: Partial<AcknowledgeOptions> = {}): string {
  const made = acknowledge(checked(input), { ...OPTIONS, ...options });
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

test('what the partner’s guide leaves out is unexpected: AK304 2', () => {
  const base = lookup('x12', '004010', '850') as Definition;
  const rows: OverlayRow[] = [{ path: 'REF', use: 'unused' }];
  const narrow = applyOverlay(base, { id: 'p', standard: 'x12', version: '004010', type: '850', rows });
  const input = checked(x12({ segments: GOOD_850 }), { lookup: () => narrow });
  const made = acknowledge(input, OPTIONS);
  expect(new TextDecoder().decode(made?.bytes)).toContain('~AK3*REF*4**2~');
});

describe('EDIFACT', () => {
  test.each(EDIFACT_FAULTS)('%s', (_name, parts, expected) => {
    const text = acknowledged(edifactOf(parts), { ta1: 'always' });
    const body = text.slice(text.indexOf('UCI+'), text.lastIndexOf('UNT+'));
    expect(body).toBe(expected);
  });
});

test('the table holds at least 150 faults and every acknowledgment code that a syntax check can give', () => {
  const rows = X12_DOCUMENT_FAULTS.length + X12_ENVELOPE_FAULTS.length + EDIFACT_FAULTS.length;
  expect(rows).toBeGreaterThanOrEqual(150);
  const expected = [
    ...X12_DOCUMENT_FAULTS.map((row) => row[2]),
    ...X12_ENVELOPE_FAULTS.map((row) => row[3]),
    ...EDIFACT_FAULTS.map((row) => row[2]),
  ].join('~');
  for (const code of ['1', '3', '4', '5', '6', '7', '8'])
    expect(expected).toMatch(new RegExp(`AK3\\*[^~]*\\*\\*${code}(~|$)`));
  for (const code of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
    expect(expected).toMatch(new RegExp(`AK4\\*[^~*]+\\*[^~*]*\\*${code}(\\*|~|$)`));
  for (const code of ['1', '2', '3', '4', '5', '6', '7'])
    expect(expected).toMatch(new RegExp(`AK5\\*[^~]*\\*${code}(\\*|~|$)`));
  for (const code of ['1', '2', '3', '4', '5', '6'])
    expect(expected).toMatch(new RegExp(`AK9\\*R\\*\\d*\\*\\d+\\*\\d+[^~]*\\*${code}(\\*|~|$)`));
  const notes = '000 001 004 005 006 007 008 010 012 014 015 017 018 019 020 021 022 023 024 025 027';
  for (const code of notes.split(' ')) expect(expected).toContain(`*${code}~`);
  for (const code of ['12', '13']) expect(expected).toMatch(new RegExp(`AK4\\*[^~*]+\\*[^~*]*\\*${code}(\\*|~|$)`));
  const errors = '2 12 13 15 16 19 20 21 28 29 33 35 36 37 38 39 46';
  for (const code of errors.split(' '))
    expect(expected).toMatch(new RegExp(`(UC[SD]\\+|UC[IM]\\+[^']*\\+4\\+|UCS\\+\\d+\\+)${code}['+]`));
});
