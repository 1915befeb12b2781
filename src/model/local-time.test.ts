import { describe, expect, it } from 'vitest';
import { instantOfLocal } from './local-time.ts';

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
