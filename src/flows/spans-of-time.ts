import { instantOfLocal } from '../model/index.ts';

export const earliest = (...times: readonly (Date | undefined)[]): Date =>
  new Date(Math.min(...times.map((time) => time?.getTime() ?? Infinity)));

export interface Span {
  readonly from: Date;
  readonly until: Date;
}

/** A day (`2026-06-01`), or a minute or second of it (`07:30`, `07:30:15`), by the clocks of a zone. */
export function spanOf(date: string, time: string | undefined, timeZone: string): Span {
  const lastMs = time?.length === 5 ? 59_999 : 999;
  const last = instantOfLocal(date, time ?? '23:59:59', timeZone).getTime() + lastMs;
  return { from: instantOfLocal(date, time ?? '00:00:00', timeZone), until: new Date(last) };
}
