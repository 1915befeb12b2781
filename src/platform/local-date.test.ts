import { describe, expect, it } from 'vitest';
import { isTimeZone, localDate } from './local-date.ts';

describe('the local date', () => {
  it('is that of the zone, not of Greenwich', () => {
    const evening = new Date('2026-06-02T01:30:00Z');
    expect(localDate(evening, 'America/New_York')).toBe('2026-06-01');
    expect(localDate(evening, 'UTC')).toBe('2026-06-02');
    expect(localDate(evening, 'Asia/Tokyo')).toBe('2026-06-02');
  });

  it('changes at midnight there, to the second, also with odd offsets and at the change of the clocks', () => {
    for (const [zone, before, date, next] of [
      ['America/New_York', '2026-06-02T03:59:59.999Z', '2026-06-01', '2026-06-02'],
      ['Asia/Kathmandu', '2026-06-01T18:14:59.999Z', '2026-06-01', '2026-06-02'],
      ['Europe/Berlin', '2026-03-29T21:59:59.999Z', '2026-03-29', '2026-03-30'],
    ] as const) {
      const at = Date.parse(before);
      expect([localDate(new Date(at), zone), localDate(new Date(at + 1), zone)]).toEqual([date, next]);
      expect(localDate(new Date(at), zone)).toBe(date);
    }
  });

  it('knows which zones there are', () => {
    expect([isTimeZone('America/New_York'), isTimeZone('Mars/Olympus')]).toEqual([true, false]);
  });
});
