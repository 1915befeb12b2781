import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDecimals,
  compareDecimals,
  convertToBase,
  extendPrice,
  formatMinor,
  fromBaseExactly,
  minorDigits,
  multiplyRationals,
  normalizeDecimal,
  rational,
  roundHalfUp,
  roundUpToStep,
  shareOfMinor,
  subtractDecimals,
  toExactDecimal,
  toRational,
} from './index.ts';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.nat(999_999_999), fc.nat(9))
  .map(
    ([whole, fraction, digits]) =>
      `${whole}${digits === 0 ? '' : `.${String(fraction).padStart(9, '0').slice(0, digits)}`}`,
  );

describe('an extended price', () => {
  it('is the exact amount rounded half up once, short figures and long ones', () => {
    const item = { baseUom: 'EA', increment: '1', uoms: [{ code: 'BX', num: 7, den: 3 }] };
    const digits = fc.tuple(fc.nat({ max: 10 ** 9 }), fc.nat(6)).map(([n, at]) => {
      const text = String(n).padStart(at + 1, '0');
      return at === 0 ? text : `${text.slice(0, -at)}.${text.slice(-at)}`;
    });
    const positive = digits.filter((text) => /[1-9]/.test(text));
    const scaled = (text: string): bigint => {
      const [whole, fraction = ''] = text.split('.');
      return BigInt(whole + fraction.padEnd(6, '0'));
    };
    fc.assert(
      fc.property(digits, positive, digits, fc.constantFrom('JPY', 'USD', 'KWD'), (value, perQty, base, currency) => {
        // value ÷ (perQty × 7/3) × base, in minor units; every text is scaled by a million.
        const n = scaled(value) * 3n * scaled(base) * 10n ** BigInt(minorDigits(currency));
        const d = scaled(perQty) * 7n * 1_000_000n;
        const exact = (2n * n + d) / (2n * d);
        const extended = () => extendPrice(item, base, { value, currency, perQty, uom: 'BX' });
        // A thousand of the largest still add up below 2^53.
        if (exact <= 9_000_000_000_000n) expect(extended()).toBe(Number(exact));
        else expect(extended).toThrow(expect.objectContaining({ code: 'MONEY_INVALID' }));
      }),
    );
  });
});

describe('decimals', () => {
  it('adds and subtracts without losing a digit', () => {
    expect(addDecimals('0.1', '0.2')).toBe('0.3');
    expect(addDecimals('999999999999999999', '0.000000001')).toBe('999999999999999999.000000001');
    expect(subtractDecimals('5', '5.000')).toBe('0');
    expect(addDecimals()).toBe('0');
  });

  it('obeys the laws of arithmetic', () => {
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        expect(addDecimals(a, b)).toBe(addDecimals(b, a));
        expect(addDecimals(addDecimals(a, b), c)).toBe(addDecimals(a, b, c));
        expect(subtractDecimals(addDecimals(a, b), b)).toBe(normalizeDecimal(a));
        expect(Math.sign(compareDecimals(a, b))).toBe(-Math.sign(compareDecimals(b, a)) + 0);
      }),
    );
  });

  it('refuses what is no decimal', () => {
    for (const text of ['', '1e3', '.5', '1.', '0x1', '1.0000000001', 'NaN']) {
      expect(() => normalizeDecimal(text)).toThrow(RangeError);
    }
  });
});

const led = {
  baseUom: 'EA',
  increment: '1',
  uoms: [
    { code: 'EA', num: 1, den: 1 },
    { code: 'BX', num: 6, den: 1 },
  ],
};
const cable = {
  baseUom: 'FT',
  increment: '1',
  uoms: [
    { code: 'FT', num: 1, den: 1 },
    { code: 'MTR', num: 1250, den: 381 },
  ],
};

describe('units', () => {
  it('converts by exact fractions (scenario 23)', () => {
    const bolts = { baseUom: 'EA', increment: '1', uoms: [{ code: 'CS', num: 1200, den: 1 }] };
    expect(convertToBase(bolts, { value: '3', uom: 'CS' })).toMatchObject({ ok: true, base: '3600' });
    expect(toExactDecimal(multiplyRationals(rational(5n, 6n), rational(6n)))).toBe('5');
    const metres = multiplyRationals(toRational('100'), rational(1250n, 381n));
    expect(metres).toEqual({ n: 125_000n, d: 381n });
    expect(roundUpToStep(metres, '1')).toEqual({ n: 329n, d: 1n });
    expect(convertToBase(cable, { value: '100', uom: 'MTR' }, { roundUp: true })).toMatchObject({
      ok: true,
      base: '329',
    });
  });

  it('refuses what does not come out even, and units that the item does not have', () => {
    expect(convertToBase(led, { value: '0.5', uom: 'EA' })).toMatchObject({ ok: false, code: 'UOM_INEXACT' });
    expect(convertToBase(cable, { value: '100', uom: 'MTR' })).toMatchObject({ ok: false, code: 'UOM_INEXACT' });
    expect(convertToBase(led, { value: '1', uom: 'CS' })).toMatchObject({ ok: false, code: 'UOM_UNKNOWN' });
    expect(convertToBase(led, { value: '0.5', uom: 'BX' })).toMatchObject({ ok: true, base: '3' });
    expect(convertToBase({ ...led, increment: '0.25' }, { value: '1.75', uom: 'EA' })).toMatchObject({ base: '1.75' });
  });

  it('comes back to what was ordered', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 5_000 }), (count, num) => {
        const item = { ...led, uoms: [{ code: 'X', num, den: 1 }] };
        const converted = convertToBase(item, { value: String(count), uom: 'X' });
        expect(converted.ok && fromBaseExactly(converted.base, num, 1)).toBe(String(count));
      }),
    );
  });
});

describe('money', () => {
  const bolts = {
    baseUom: 'EA',
    increment: '1',
    uoms: [
      { code: 'EA', num: 1, den: 1 },
      { code: 'BX', num: 100, den: 1 },
    ],
  };
  const usd = (value: string, perQty = '1', uom = 'EA') => ({ value, currency: 'USD', perQty, uom });

  it('extends a price that has a unit of its own', () => {
    expect(extendPrice(bolts, '10000', usd('11.00', '100'))).toBe(110_000);
    expect(extendPrice(bolts, '10000', usd('11.00', '1', 'BX'))).toBe(110_000);
    expect(extendPrice(bolts, '100', { ...usd('3.333'), currency: 'EUR' })).toBe(33_330);
    expect(extendPrice(bolts, '1', usd('1', '1', 'PAL'))).toBeUndefined();
  });

  it('rounds half up once, at the end', () => {
    expect(extendPrice(bolts, '3', usd('0.005'))).toBe(2);
    expect(extendPrice(bolts, '1', usd('0.004999'))).toBe(0);
    expect([roundHalfUp(rational(5n, 2n)), roundHalfUp(rational(-5n, 2n)), roundHalfUp(rational(7n, 3n))]).toEqual([
      3n,
      -3n,
      2n,
    ]);
    expect(extendPrice(bolts, '10', { ...usd('12.5'), currency: 'JPY' })).toBe(125);
  });

  it('writes and shares amounts', () => {
    expect([
      formatMinor(33_330, 'EUR'),
      formatMinor(-5, 'USD'),
      formatMinor(125, 'JPY'),
      formatMinor(1, 'KWD'),
    ]).toEqual(['333.30', '-0.05', '125', '0.001']);
    expect(minorDigits('KWD')).toBe(3);
    expect(shareOfMinor(100, '1', '3')).toBe(33);
    expect(shareOfMinor(101, '1', '2')).toBe(51);
  });
});
