import { describe, expect, it } from 'vitest';
import { outbound, readAs, writtenEdifact, writtenX12 } from '../../test/harness/edifact-cases.ts';
import { formCases } from '../../test/harness/form-cases.ts';

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
          { kind: 'onHand', quantity: { value: '100', uom: 'EA' } },
          { kind: 'damaged', quantity: { value: '2', uom: 'EA' } },
        ],
      },
    ]);
    const issued = segments.with(5, 'QTY+156:100:PCE');
    expect(readAs('edifact', 'INVRPT', issued, edifact, version)[0]?.value.lines[0].quantities[0].kind).toBe(
      'committed',
    );
    const refused = segments.with(5, 'QTY+999:100:PCE');
    expect(() => readAs('edifact', 'INVRPT', refused, edifact, version)).toThrow('999');
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
