const clocks = new Map<string, Intl.DateTimeFormat>();

/**
 * The instant at which clocks of an IANA zone show this date and time (`09:30`, `09:30:15`). Of an hour that they show twice it is
 * the second; what they skip is as much later.
 * @throws RangeError for a zone that does not exist
 */
export function instantOfLocal(date: string, time: string, timeZone: string): Date {
  const shown = Date.parse(`${date}T${time}Z`);
  let at = shown;
  // The difference at the first guess may be that of the other side of a change; at the second it is the right one.
  for (let round = 0; round < 2; round++) at = shown - shownAheadMs(at, timeZone);
  return new Date(at);
}

/** How far the clocks of a zone are ahead of UTC. */
function shownAheadMs(at: number, timeZone: string): number {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
    clock = new Intl.DateTimeFormat('en-CA', { timeZone, ...parts, second: '2-digit', hourCycle: 'h23' });
    clocks.set(timeZone, clock);
  }
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = clock
    .formatToParts(at)
    .flatMap(({ type, value }) => (type === 'literal' ? [] : [Number(value)]));
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}
