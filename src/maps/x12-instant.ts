import { instantOfLocal } from '../model/index.ts';
import { MapError } from './map.ts';

/** Element 623, by their place in the world; ED, ES and the like name one half of the year. */
const ZONES: Readonly<Record<string, string>> = {
  ET: 'America/New_York',
  CT: 'America/Chicago',
  MT: 'America/Denver',
  PT: 'America/Los_Angeles',
  UT: 'UTC',
  GM: 'UTC',
};
const HOURS_BEHIND: Readonly<Record<string, number>> = { ED: 4, ES: 5, CD: 5, CS: 6, MD: 6, MS: 7, PD: 7, PS: 8 };

/**
 * The instant of a date (ISO) and a time of day (`HH:MM`, with seconds or without).
 * @param zone element 623
 * @param localZone IANA zone where that is absent, or is LT for local time
 * @throws MapError DATE_MISSING
 */
export function instantOf(date: string, time: string, zone = 'LT', localZone = 'UTC'): string {
  const [hours = '00', minutes = '00', seconds = '00'] = time.split(':');
  const shown = `${hours}:${minutes}:${seconds.slice(0, 2)}`;
  const at = Date.parse(`${date}T${shown}Z`);
  if (Number.isNaN(at)) throw new MapError('DATE_MISSING', `${date} ${time} is no instant`);
  const fixed = HOURS_BEHIND[zone];
  if (fixed !== undefined) return new Date(at + fixed * 3_600_000).toISOString();
  return instantOfLocal(date, shown, ZONES[zone] ?? localZone).toISOString();
}
