/** Offsets of all zones are multiples of a quarter of an hour, so a date holds for the quarter that it was asked in. */
const quarterMs = 15 * 60_000;
const formatters = new Map<string, Intl.DateTimeFormat>();
/** The last answer of each zone: intake asks for every order. */
const latest = new Map<string, { quarter: number; date: string }>();

/**
 * The calendar day (`2026-06-01`) that an instant falls on in an IANA zone.
 * @throws RangeError for a zone that does not exist; see `isTimeZone`
 */
export function localDate(at: Date, timeZone: string): string {
  const quarter = Math.floor(at.getTime() / quarterMs);
  const known = latest.get(timeZone);
  if (known?.quarter === quarter) return known.date;
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    // Canada's English writes dates as ISO 8601 does.
    formatter = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formatters.set(timeZone, formatter);
  }
  const date = formatter.format(at);
  latest.set(timeZone, { quarter, date });
  return date;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format();
    return true;
  } catch {
    return false;
  }
}
