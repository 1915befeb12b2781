import type { TrackingReport } from '../model/index.ts';
import { defineInboundMap, type InboundResult, MapError } from './map.ts';
import { sequenceOf, statusOfX12 } from './tracking-codes.ts';
import { all, first, type GuideLoop, text } from './x12-guide.ts';

/** Carrier shipment status: a report for every status (AT7) of every number that the carrier tracks by. */
export const x12_214ToTracking = defineInboundMap<GuideLoop>({
  connector: 'x12',
  topic: '214',
  map(guide, { source }) {
    const b10 = first(guide, 'B10');
    const tracking = text(b10, 'reference') ?? text(b10, 'shipmentId');
    if (tracking === undefined) throw new MapError('TRACKING_MISSING', 'B10 names no shipment', 'B10');
    return all(guide, 'statuses').flatMap((loop) =>
      all(loop, 'events').flatMap((event) => resultOf(first(event, 'AT7'), tracking, source)),
    );
  },
});

function resultOf(at7: GuideLoop | undefined, tracking: string, source: string): InboundResult[] {
  const nativeCode = text(at7, 'statusCode') ?? text(at7, 'appointmentCode');
  if (nativeCode === undefined) return [];
  const status = statusOfX12(nativeCode);
  // Estimates (AG, X2) say when something is to happen, not that it did.
  if (status === 'estimate') return [];
  if (status === undefined) return [{ kind: 'unmapped', value: { source, field: 'AT7', nativeCode } }];
  const date = text(at7, 'date');
  if (date === undefined) throw new MapError('DATE_MISSING', 'AT7 has no date', 'statuses');
  const occurredAt = instantOf(date, text(at7, 'time') ?? '00:00', text(at7, 'timeZone'));
  const value: TrackingReport = { source, tracking, status, occurredAt, sequence: sequenceOf(occurredAt), nativeCode };
  return [{ kind: 'tracking', value }];
}

/** Element 623, by their place in the world; ED, ES and the like name one half of the year. LT, or none: taken as UTC. */
const ZONES: Readonly<Record<string, string>> = {
  ET: 'America/New_York',
  CT: 'America/Chicago',
  MT: 'America/Denver',
  PT: 'America/Los_Angeles',
};
const HOURS_BEHIND: Readonly<Record<string, number>> = { ED: 4, ES: 5, CD: 5, CS: 6, MD: 6, MS: 7, PD: 7, PS: 8 };

function instantOf(date: string, time: string, zone = 'UT'): string {
  const [hours = '00', minutes = '00', seconds = '00'] = time.split(':');
  const at = Date.parse(`${date}T${hours}:${minutes}:${seconds.slice(0, 2)}Z`);
  if (Number.isNaN(at)) throw new MapError('DATE_MISSING', `${date} ${time} is no instant`, 'statuses');
  const place = ZONES[zone];
  const behind = place === undefined ? (HOURS_BEHIND[zone] ?? 0) : hoursBehind(at, place);
  return new Date(at + behind * 3_600_000).toISOString();
}

/** Hours that a place is behind UTC at an instant, give or take the hour in which its clocks change. */
function hoursBehind(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at);
  const offset = /GMT-(\d{2})/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '')?.[1];
  return Number(offset ?? 0);
}
