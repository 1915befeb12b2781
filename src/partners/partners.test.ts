import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import {
  type Agreement,
  compileOverlay,
  findAgreements,
  mapWithCrossReferences,
  type OverlayRow,
  putAgreement,
  putCrossReferences,
  resolveCrossReferences,
  termsForPartners,
} from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const meridian: Agreement = {
  id: 'meridian',
  partner: 'C100',
  standard: 'x12',
  us: { qualifier: 'ZZ', id: 'RIDGELINE' },
  them: { qualifier: 'ZZ', id: 'MERIDIAN' },
  version: '004010',
  usage: 'production',
};

describe('agreement', () => {
  it('is found by the addresses of an interchange, padded or not', async () => {
    await db.app.tx('t', async (tx) => {
      expect(await putAgreement(tx, meridian)).toEqual({ version: 1, changed: true });
      expect(await putAgreement(tx, { ...meridian })).toEqual({ version: 1, changed: false });
      const found = await findAgreements(
        tx,
        'x12',
        { qualifier: 'ZZ', id: 'MERIDIAN       ' },
        { qualifier: 'ZZ', id: 'RIDGELINE      ' },
      );
      expect(found.map((terms) => terms.agreement.id)).toEqual(['meridian']);
      expect(found[0]).toMatchObject({
        ta1: 'requested',
        duplicates: { interchange: 'refuse', days: 30 },
        lineCodes: { partial: 'BP' },
      });
      expect(await findAgreements(tx, 'x12', { qualifier: '01', id: 'MERIDIAN' }, meridian.us)).toEqual([]);
      expect((await termsForPartners(tx, ['C100', 'C999'])).size).toBe(1);
    });
  });

  it('refuses a second active one for the same addresses and usage, and a stale version', async () => {
    const twin = { ...meridian, id: 'twin' };
    await expect(db.app.tx('t', (tx) => putAgreement(tx, twin))).rejects.toMatchObject({ code: 'CONFLICT' });
    await db.app.tx('t', (tx) => putAgreement(tx, { ...twin, usage: 'test' }));
    await expect(db.app.tx('t', (tx) => putAgreement(tx, { ...twin, name: 'x' }, 7))).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
  });
});

describe('cross-reference', () => {
  it('prefers the own scope, heeds its period, and uses only what was approved', async () => {
    await db.app.tx('t', async (tx) => {
      const put = await putCrossReferences(tx, [
        { scope: '*', type: 'item', external: '4711', canonical: 'LED' },
        { scope: 'C100', type: 'item', external: '4711', canonical: 'BLT' },
        { scope: 'C100', type: 'item', external: '4712', canonical: 'GLV', validTo: '2026-05-31' },
        { scope: 'C100', type: 'item', external: '4713', canonical: 'GLV', confidence: 60 },
      ]);
      expect(put.every((result) => result.changed)).toBe(true);
      const again = await putCrossReferences(tx, [{ scope: 'C100', type: 'item', external: '4711', canonical: 'BLT' }]);
      expect(again).toEqual([{ id: put[1]!.id, version: 1, changed: false }]);
      const keys = ['4711', '4712', '4713'].map((external) => ({ type: 'item', external }));
      const resolve = async (scope: string, on: string) => [
        ...(await resolveCrossReferences(tx, scope, keys, on)).values(),
      ];
      expect(await resolve('C100', '2026-05-31')).toEqual(['BLT', 'GLV']);
      expect(await resolve('C100', '2026-06-01')).toEqual(['BLT']);
      expect(await resolve('C200', '2026-06-01')).toEqual(['LED']);
    });
  });

  it('serves a map that looks codes up, also when one answer leads to the next question', async () => {
    const value = await db.app.tx('t', async (tx) => {
      await putCrossReferences(tx, [{ scope: 'C100', type: 'value', external: 'site:BLT', canonical: 'DC1' }]);
      return mapWithCrossReferences(tx, 'C100', '2026-06-01', (lookup) => {
        const sku = lookup('item', '4711');
        return sku === undefined ? undefined : lookup('value', `site:${sku}`);
      });
    });
    expect(value).toBe('DC1');
  });
});

const nothing = () => undefined;
const run = (
  rows: OverlayRow[],
  target: unknown,
  source: unknown = {},
  lookup: (type: string, external: string) => string | undefined = nothing,
) => compileOverlay(rows)(target, source, lookup);

describe('overlay', () => {
  it('sets, templates, translates, converts and removes', () => {
    const source = { beg: { po: '4500', release: '7' }, dept: ' 012 ', amounts: '12345' };
    const result = run(
      [
        { target: 'customerPo', template: '{beg.po}-{beg.release}' },
        { target: 'partnerRefs.department', path: 'dept', apply: [{ fn: 'trim' }, { fn: 'padStart', args: [5] }] },
        { target: 'freight.scac', path: 'beg.po', crossReference: 'carriers' },
        { target: 'total', path: 'amounts', apply: [{ fn: 'decimal', args: [2] }] },
        { target: 'shipComplete', constant: true, when: [{ path: 'beg.release', is: 'in', values: ['6', '7'] }] },
        { target: 'never', constant: 'x', when: [{ path: 'beg.nothing', is: 'present' }] },
        { target: 'missing', template: '{beg.nothing}-x' },
        { target: 'notes', remove: true },
      ],
      { customerPo: 'old', notes: ['x'] },
      source,
      (type, external) => (type === 'value' && external === 'carriers:4500' ? 'UPSN' : undefined),
    );
    expect(result).toEqual({
      customerPo: '4500-7',
      partnerRefs: { department: '00012' },
      freight: { scac: 'UPSN' },
      total: '123.45',
      shipComplete: true,
    });
  });

  it('runs over lines, with the matching lines of the source, and may drop some', () => {
    const rows: OverlayRow[] = [
      { target: '@.sku', path: '@.vn', apply: [{ fn: 'upper' }], each: 'lines', eachSource: 'po1' },
      {
        target: '@',
        remove: true,
        each: 'lines',
        eachSource: 'po1',
        when: [{ path: '@.type', is: 'equals', values: ['note'] }],
      },
    ];
    const source = { po1: [{ vn: 'led' }, { vn: 'blt', type: 'note' }] };
    expect(run(rows, { lines: [{ sku: 'a' }, { sku: 'b' }] }, source)).toEqual({ lines: [{ sku: 'LED' }] });
  });

  it('leaves what it was given alone', () => {
    const target = { lines: [{ sku: 'a' }] };
    run([{ target: 'lines.0.sku', constant: 'b' }], target);
    expect(target).toEqual({ lines: [{ sku: 'a' }] });
  });

  it('refuses rows that could not work, each with its place', async () => {
    const rows: OverlayRow[] = [
      { target: 'a', constant: 'x' },
      { target: 'a', constant: 'x', path: 'b' },
      { target: '@.a', constant: 'x' },
      { target: '__proto__.polluted', constant: 'x' },
      { target: 'a', path: 'constructor.prototype' },
      { target: 'a', path: 'b', apply: [{ fn: 'replace', args: ['', 'x'] }] },
      { target: 'a', template: '{b.__proto__}' },
    ];
    const overlays = [{ map: 'x12-850', rows }];
    const put = db.app.tx('t', (tx) => putAgreement(tx, { ...meridian, overlays }));
    await expect(put).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [1, 2, 3, 4, 5, 6].map((n) => ({ pointer: `/overlays/0/rows/${n}` })),
    });
  });

  it('reaches no prototype and always ends, whatever the paths and the document', () => {
    const name = fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'length',
      '0',
      'a',
      'b',
      '9999',
      '@',
    );
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('.'));
    const row = fc.record({ target: path, path });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 5 }),
        fc.object({ maxDepth: 3 }),
        fc.object({ maxDepth: 3 }),
        (rows, target, source) => {
          for (const each of rows) {
            try {
              run([each], target, source);
            } catch (error) {
              expect(error).toMatchObject({ code: 'VALIDATION_FAILED' });
            }
          }
          expect(({} as Record<string, unknown>).a).toBeUndefined();
          expect(Object.prototype.toString.call([])).toBe('[object Array]');
        },
      ),
    );
  });
});
