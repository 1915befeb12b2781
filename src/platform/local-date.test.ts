import { describe, expect, it } from 'vitest';
import { instantOfLocal, isTimeZone, localDate } from './local-date.ts';

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

describe('the instant at which clocks show a time', () => {
  it('is that of the zone, on either side of the change of the clocks', () => {
    for (const [date, time, zone, instant] of [
      ['2026-06-01', '09:30', 'America/Los_Angeles', '2026-06-01T16:30:00.000Z'],
      ['2026-01-15', '09:30:15', 'America/New_York', '2026-01-15T14:30:15.000Z'],
      ['2026-06-01', '00:10', 'Asia/Kathmandu', '2026-05-31T18:25:00.000Z'],
      ['2026-03-08', '01:59', 'America/New_York', '2026-03-08T06:59:00.000Z'],
      ['2026-03-08', '03:00', 'America/New_York', '2026-03-08T07:00:00.000Z'],
      ['2026-11-01', '00:30', 'America/New_York', '2026-11-01T04:30:00.000Z'],
      ['2026-11-01', '02:30', 'America/New_York', '2026-11-01T07:30:00.000Z'],
      ['2026-06-01', '23:59:59', 'UTC', '2026-06-01T23:59:59.000Z'],
    ] as const) {
      expect(instantOfLocal(date, time, zone).toISOString()).toBe(instant);
    }
  });
});
