import { describe, expect, it } from 'vitest';
import { edifactTerms, readAs } from '../../test/harness/edifact-cases.ts';

const HEAD = ['BGM+220+NW-4711+9', 'DTM+137:20260531:102', 'NAD+BY+4012345000009::9'];
const LINE = ['LIN+1++0614141000883:EN', 'QTY+21:10:PCE', 'PRI+AAA:18.50'];
const SHARES = ['LOC+7+0012::92', 'QTY+11:4:PCE', 'LOC+7+0013::92', 'QTY+11:6:PCE'];
const END = ['UNS+S', 'CNT+2:1'];
const settings = { ...edifactTerms, units: { EA: 'PCE' }, currency: 'EUR', partner: 'C400' };
const orderOf = (segments: string[], version = 'D.96A') => readAs('edifact', 'ORDERS', segments, settings, version);

describe.each(['D.96A', 'D.01B'])('ORDERS of %s, shared among places', (version) => {
  it('is one order to the party that takes the whole, the shares told to people', () => {
    const segments = [...HEAD, 'NAD+DP+4012345000016::9', ...LINE, ...SHARES, ...END];
    const [made] = orderOf(segments, version);
    expect(made).toMatchObject({
      kind: 'order',
      value: {
        shipTo: { code: { code: '4012345000016' } },
        notes: ['Line 1 by store: 0012=4 0013=6'],
        lines: [{ quantity: { value: '10', uom: 'EA' } }],
      },
    });
  });

  it('is refused where nobody takes the whole', () => {
    expect(() => orderOf([...HEAD, ...LINE, ...SHARES, ...END], version)).toThrow(
      expect.objectContaining({ code: 'SHIP_TO_MISSING', path: 'parties' }),
    );
  });

  it('is an order without a place where the lines name none either', () => {
    const [made] = orderOf([...HEAD, ...LINE, ...END], version);
    expect(made).toMatchObject({ kind: 'order' });
    expect(made?.value.shipTo).toBeUndefined();
  });
});
