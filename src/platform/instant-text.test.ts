import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instantText } from './instant-text.ts';

it('is the ISO text of the instant, whatever was asked before', () => {
  fc.assert(
    fc.property(fc.array(fc.date({ noInvalidDate: true }), { maxLength: 200 }), (dates) => {
      for (const date of dates) expect(instantText(date)).toBe(date.toISOString());
    }),
  );
  const near = Array.from({ length: 200 }, (_, n) => new Date(Date.UTC(2026, 0, 1) + (n % 70)));
  for (const date of near) expect(instantText(date)).toBe(date.toISOString());
});

it('refuses an invalid date as the language does', () => {
  expect(() => instantText(new Date(Number.NaN))).toThrow(RangeError);
  expect(() => instantText(new Date(Number.NaN))).toThrow(RangeError);
});
