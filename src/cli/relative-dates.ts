const dayMs = 86_400_000;

/**
 * Replaces, wherever a value is exactly that, `today` and `today+20d` by a calendar date in `timeZone`, and `now` by an
 * instant: so that a file of example data never grows old.
 */
export function resolveRelativeDates(value: unknown, now: Date, timeZone: string): unknown {
  if (typeof value === 'string') {
    if (value === 'now') return now.toISOString();
    const match = /^today(?:([+-]\d{1,4})d)?$/.exec(value);
    return match === null ? value : calendarDate(now, timeZone, Number(match[1] ?? 0));
  }
  if (Array.isArray(value)) return value.map((entry) => resolveRelativeDates(entry, now, timeZone));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, resolveRelativeDates(entry, now, timeZone)]),
  );
}

function calendarDate(now: Date, timeZone: string, days: number): string {
  const today = new Intl.DateTimeFormat('en-CA', { timeZone }).format(now);
  // Whole days of the calendar: a change of the clocks neither skips nor repeats one.
  return new Date(Date.parse(`${today}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}
