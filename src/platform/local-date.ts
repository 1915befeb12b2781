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

const dayForm = /^(\d{4})-(\d\d)-(\d\d)$/;
const instantForm = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/;
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const firstYear = 1900;
const lastDay = '9999-12-31';
const lastInstantMs = Date.parse(`${lastDay}T23:59:59.999Z`);

/** Whether `2026-02-28` is a day that there is, of the years 1900 to 9999: in what lies outside nobody trades. */
export function isCalendarDay(text: string): boolean {
  const parts = dayForm.exec(text);
  if (parts === null) return false;
  const year = Number(parts[1]);
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  if (year < firstYear || day < 1) return false;
  if (month === 2 && day === 29) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (daysOfMonth[month - 1] ?? 0);
}

/** Whether it is an instant of RFC 3339 that `Date` and PostgreSQL can hold. */
export function isInstant(text: string): boolean {
  if (!instantForm.test(text) || !isCalendarDay(text.slice(0, 10))) return false;
  return Date.parse(text) <= lastInstantMs;
}

/** The day `days` after a calendar day; the last there is where it would lie beyond. */
export function addDays(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.getTime() > lastInstantMs ? lastDay : day.toISOString().slice(0, 10);
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format();
    return true;
  } catch {
    return false;
  }
}
