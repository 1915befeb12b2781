import { HubError, isTimeZone } from '../platform/index.ts';

/**
 * A zone that does not exist would stop everything that has to write a date there.
 * @throws HubError VALIDATION_FAILED unless `timeZone` is left out or an IANA zone
 */
export function requireTimeZone(timeZone: string | undefined): void {
  if (timeZone === undefined || isTimeZone(timeZone)) return;
  const message = `${timeZone} is no IANA time zone, e.g. America/New_York`;
  throw new HubError('VALIDATION_FAILED', { message, errors: [{ pointer: '/timeZone', code: 'TIME_ZONE', message }] });
}
