import type { TrackingReport } from '../model/index.ts';
import { defineInboundMap, type InboundResult, MapError } from './map.ts';
import { sequenceOf, statusOfX12 } from './tracking-codes.ts';
import { all, first, type GuideLoop, text } from './x12-guide.ts';
import { instantOf } from './x12-instant.ts';

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
