import { describe, expect, it } from 'vitest';
import { nordwind, outbound, readAs, writtenEdifact, writtenX12 } from '../../test/harness/edifact-cases.ts';
import { formCases } from '../../test/harness/form-cases.ts';
import { ediTerms } from '../exchange/index.ts';
import { termsOf as agreedTerms } from '../partners/index.ts';

const edifact = { units: { EA: 'PCE' } };
const termsOf = (standard: 'x12' | 'edifact') => (standard === 'x12' ? { units: {} } : edifact);
/** A remittance is a payment too. */
const isDocument = ({ kind }: { kind: string }): boolean => kind === 'document';

const all = formCases.flatMap(({ schema, types, value }) =>
  types.map(([standard, type, operation]) => ({
    standard,
    type,
    operation: operation ?? `${schema}.send`,
    schema,
    value,
  })),
);

describe('a document of both directions', () => {
  it.each(all)(
    '$standard $type says all of a $schema, and is read as the same',
    ({ standard, type, operation, schema, value }) => {
      const body = outbound(standard, operation, { partner: 'C400', ...value }, termsOf(standard));
      const segments = standard === 'x12' ? writtenX12(type, body) : writtenEdifact(type, body);
      expect(readAs(standard, type, segments, termsOf(standard)).filter(isDocument)).toEqual([
        { kind: 'document', schema, value: { partner: 'C400', ...value } },
      ]);
    },
  );

  it.each(all.filter(({ standard }) => standard === 'edifact'))(
    '$type in D.01B too',
    ({ type, operation, schema, value }) => {
      const settings = { ...edifact, version: 'D.01B' };
      const segments = writtenEdifact(
        type,
        outbound('edifact', operation, { partner: 'C400', ...value }, settings),
        'D.01B',
      );
      expect(readAs('edifact', type, segments, settings, 'D.01B').filter(isDocument)).toEqual([
        { kind: 'document', schema, value: { partner: 'C400', ...value } },
      ]);
    },
  );

  it.each(['D.96A', 'D.01B'])('INVRPT of %s with its quantities under INV', (version) => {
    const segments = [
      'BGM+35+I1+9',
      'DTM+137:20260601:102',
      'NAD+WH+4012345000009::9',
      'LIN+1++0614141000883:EN',
      'INV+2++1',
      'QTY+145:100:PCE',
      'INV+2++1',
      'QTY+124:2:PCE',
    ];
    expect(readAs('edifact', 'INVRPT', segments, edifact, version)[0]?.value.lines).toMatchObject([
      {
        quantities: [
          { kind: 'available', quantity: { value: '100', uom: 'EA' } },
          { kind: 'damaged', quantity: { value: '2', uom: 'EA' } },
        ],
      },
    ]);
    const kindOf = (code: string) => {
      const told = segments.with(5, `QTY+${code}:100:PCE`);
      return readAs('edifact', 'INVRPT', told, edifact, version)[0]!.value.lines[0].quantities[0].kind;
    };
    expect(['17', '66', '198', '83', '21'].map(kindOf)).toEqual([
      'onHand',
      'committed',
      'inTransit',
      'backordered',
      'onOrder',
    ]);
    // A movement is no stock, and a greatest batch is none either.
    for (const code of ['156', '33']) expect(() => kindOf(code)).toThrow(code);
  });

  it('of D.01B stands in the shape of D.01B', () => {
    const settings = { ...edifact, version: 'D.01B' };
    const written = (type: string, version: string) => {
      const found = all.find((one) => one.standard === 'edifact' && one.type === type)!;
      const body = outbound('edifact', found.operation, { partner: 'C400', ...found.value }, { ...settings, version });
      return writtenEdifact(type, body, version);
    };
    expect(written('INVRPT', 'D.01B').slice(3, 10)).toEqual([
      'LIN+1++0614141100019:SRV',
      'PIA+1+NW-1:IN',
      'PIA+1+GLV:SA',
      'INV++1',
      'QTY+17:300:PCE',
      'INV++1',
      'QTY+145:280:PCE',
    ]);
    expect(written('INVRPT', 'D.01B')).toContain('INV++2');
    expect(written('INVRPT', 'D.96A').join("'")).not.toContain("'INV");
    for (const version of ['D.96A', 'D.01B']) {
      expect(written('RECADV', version).slice(-3)).toEqual(['PCI+17', 'GIN+BX+L9', 'CNT+2:1']);
      expect(written('REMADV', version).slice(-2)).toEqual(['UNS+S', 'MOA+12:961.50']);
      expect(written('SLSRPT', version)).toContain('NAD+BY+4012345000009::9++NORDWIND');
    }
    expect(written('SLSRPT', 'D.01B').at(-1)).toBe('UNS+S');
    expect(written('SLSRPT', 'D.96A')).not.toContain('UNS+S');
  });

  it.each(['RECADV', 'SLSRPT'])(
    '%s names both sides as the agreement knows them, where the record names none',
    (type) => {
      const { operation, value } = all.find((one) => one.type === type)!;
      const { buyer: _b, supplier: _s, ...unnamed } = value;
      const parties = (partner: Record<string, unknown>) => {
        const settings = { ...edifact, ...partner };
        const segments = writtenEdifact(
          type,
          outbound('edifact', operation, { partner: 'C400', ...unnamed }, settings),
        );
        return segments.filter((segment) => segment.startsWith('NAD'));
      };
      expect(parties({})).toEqual(['NAD+BY+0614141000005::9++RIDGELINE', 'NAD+SU+4012345000009::9']);
      // An address that is nobody's number is what the two have agreed on.
      const them = ediTerms(agreedTerms({ ...nordwind, them: { qualifier: 'ZZZ', id: 'NORD' } }, 1)).them!;
      expect(parties({ them })[1]).toBe('NAD+SU+NORD::ZZZ');
    },
  );

  it('SLSRPT by item is the same report as by place; without a day it is none', () => {
    const sold = (...segments: string[]) =>
      readAs(
        'edifact',
        'SLSRPT',
        ['BGM+73E+S1+9', 'DTM+90:20260501:102', 'NAD+BY+4012345000009::9', ...segments, 'UNS+S'],
        edifact,
        'D.01B',
      );
    const byItem = sold(
      'GIS+37',
      'LIN+1++0614141100019:SRV',
      'PIA+1+NW-1:IN',
      'LOC+162+0012',
      'QTY+153:4:PCE',
      'LOC+162+0013',
      'QTY+153:2:PCE',
      'LIN+2',
      'PIA+5+BLT:SA',
      'LOC+162+0012',
      'QTY+61:1:PCE',
    );
    const byPlace = sold(
      'LOC+162+0012',
      'LIN+1++0614141100019:SRV',
      'PIA+1+NW-1:IN',
      'QTY+153:4:PCE',
      'LIN+2',
      'PIA+5+BLT:SA',
      'QTY+61:1:PCE',
      'LOC+162+0013',
      'LIN+1++0614141100019:SRV',
      'PIA+1+NW-1:IN',
      'QTY+153:2:PCE',
    );
    expect(byItem).toEqual(byPlace);
    expect(byItem[0]!.value.places).toHaveLength(2);
    expect(() => outbound('edifact', 'sales-report.send', { partner: 'C400', places: [] }, edifact)).toThrow(
      expect.objectContaining({ code: 'DATE_MISSING' }),
    );
  });

  it('of D.96A is read as D.96A under an agreement of D.01B', () => {
    const segments = ['BGM+35+I1+9', 'DTM+137:20260601:102', 'LIN+1', 'PIA+5+BLT:SA', 'QTY+145:100:PCE'];
    const older = readAs('edifact', 'INVRPT', segments, { ...edifact, version: 'D.01B' }, 'D.96A');
    const newer = readAs('edifact', 'INVRPT', segments.toSpliced(4, 0, 'INV++1'), edifact, 'D.01B');
    expect(older).toEqual(newer);
    expect(older[0]!.value.lines[0].quantities).toEqual([{ kind: 'available', quantity: { value: '100', uom: 'EA' } }]);
  });

  it('is a payment too, where it pays', () => {
    const segments = [
      'BPR*I*100.00*C*CHK************20260701',
      'TRN*1*PAY-9',
      'ENT*1',
      'RMR*IV*INV-1**60.00',
      'RMR*IV*INV-2**40.00',
      'RMR*IV*INV-3**0.00*5.00*5.00',
    ];
    expect(readAs('x12', '820', segments, { units: {} })[1]).toEqual({
      kind: 'payment',
      value: {
        source: 'partner',
        paymentNo: 'PAY-9',
        customer: 'C400',
        amountMinor: 10000,
        currency: 'EUR',
        receivedAt: '2026-07-01T00:00:00.000Z',
        applications: [
          { invoiceNo: 'INV-1', amountMinor: 6000 },
          { invoiceNo: 'INV-2', amountMinor: 4000 },
        ],
      },
    });
  });

  it('refuses codes that mean nothing here, and what the document must have', () => {
    const report = ['BIA*00*MM*R-1*20260601', 'LIN**VN*GLV', 'QTY*XX*5*EA', 'CTT*1'];
    expect(() => readAs('x12', '846', report)).toThrow(expect.objectContaining({ code: 'CODE_UNKNOWN' }));
    const unnumbered = ['BPR*I*10.00*C*CHK************20260701', 'ENT*1', 'RMR*IV*INV-1**10.00'];
    expect(() => readAs('x12', '820', unnumbered)).toThrow(expect.objectContaining({ code: 'PAYMENT_NUMBER_MISSING' }));
    const places = [{ place: '1' }, { place: '2' }];
    expect(() => outbound('x12', 'sales-report.send', { partner: 'C400', places })).toThrow(
      expect.objectContaining({ code: 'PLACES_TOO_MANY' }),
    );
  });
});
