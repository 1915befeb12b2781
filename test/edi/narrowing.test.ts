import { expect, test } from 'vitest';
import { narrowDefinition, type Definition, lookup, type NarrowingRow } from '../../src/edi/index.ts';
import { firstDocument, LEAST_850, x12 } from './samples.ts';

const base = lookup('x12', '004010', '850') as Definition;

function found(rows: NarrowingRow[], segments: string[]): string[] {
  const definition = narrowDefinition(base, { id: 'p', standard: 'x12', version: '004010', type: '850', rows });
  const document = firstDocument(x12({ segments }), { lookup: () => definition });
  return document.issues.map(({ code, elementPosition, segmentId }) => `${segmentId}${elementPosition ?? ''} ${code}`);
}

const [BEG, PO1, CTT] = LEAST_850 as [string, string, string];

test('a guide narrows segments, loops, elements, lengths and codes', () => {
  expect(found([{ path: 'REF', use: 'required' }], LEAST_850)).toEqual(['REF SEGMENT_MISSING']);
  expect(found([{ path: 'REF', use: 'unused' }], [BEG, 'REF*DP*1', PO1, CTT])).toEqual(['REF SEGMENT_UNEXPECTED']);
  expect(found([{ path: 'lines', max: 1 }], [BEG, PO1, PO1, 'CTT*2'])).toEqual(['PO1 LOOP_OVER_MAX']);
  expect(found([{ path: 'BEG.04', use: 'required' }], LEAST_850)).toEqual(['BEG4 ELEMENT_MISSING']);
  expect(found([{ path: 'lines/PO1.05', use: 'unused' }], [BEG, `${PO1}*PE`, CTT])).toEqual(['PO15 ELEMENT_NOT_USED']);
  expect(found([{ path: 'lines/PO1.03', codes: ['CS'] }], LEAST_850)).toEqual(['PO13 ELEMENT_BAD_CODE']);
  expect(found([{ path: 'BEG.03', maxLength: 2 }], LEAST_850)).toEqual(['BEG3 ELEMENT_TOO_LONG']);
  expect(
    found(
      [
        { path: 'lines/PO1.03', codes: ['EA'] },
        { path: 'lines', max: 2 },
      ],
      LEAST_850,
    ),
  ).toEqual([]);
});

test('a guide cannot widen its base, and a row that fits nothing is refused', () => {
  const apply = (row: NarrowingRow) => () =>
    narrowDefinition(base, { id: 'p', standard: 'x12', version: '004010', type: '850', rows: [row] });
  expect(apply({ path: 'BEG', use: 'unused' })).toThrow('BEG: is mandatory');
  expect(apply({ path: 'CUR', max: 2 })).toThrow('cannot raise');
  expect(apply({ path: 'BEG.03', use: 'unused' })).toThrow('is mandatory');
  expect(apply({ path: 'lines/NOPE' })).toThrow('there is no "NOPE"');
  expect(apply({ path: 'BEG.77' })).toThrow('no such element');
  expect(base.narrowedBy).toBeUndefined();
});
