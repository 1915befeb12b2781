import type { TrackingReport } from '../model/index.ts';
import { all, datedAt, first, type GuideLoop, part, referenced, text } from './edifact-guide.ts';
import { defineInboundMap, type InboundResult, MapError } from './map.ts';
import { sequenceOf, statusOfEdifact } from './tracking-codes.ts';

/** Transport status: a report for every status (STS) of every consignment, its times taken as UTC. */
export const edifactIftstaToTracking = defineInboundMap<GuideLoop>({
  connector: 'edifact',
  topic: 'IFTSTA',
  map(guide, { source }) {
    return all(guide, 'consignments').flatMap((consignment) =>
      all(consignment, 'statuses').flatMap((status) => resultOf(guide, consignment, status, source)),
    );
  },
});

function resultOf(guide: GuideLoop, consignment: GuideLoop, status: GuideLoop, source: string): InboundResult[] {
  const tracking =
    referenced(status, 'CN', 'CW') ??
    part(first(consignment, 'CNI'), 'details', 'number') ??
    referenced(guide, 'CN', 'CW');
  if (tracking === undefined)
    throw new MapError('TRACKING_MISSING', 'No CNI or RFF CN names the consignment', 'consignments');
  const sts = first(status, 'STS');
  const nativeCode = part(sts, 'event', 'statusEvent') ?? part(sts, 'event', 'status') ?? text(sts, 'event');
  if (nativeCode === undefined) return [];
  const known = statusOfEdifact(nativeCode);
  if (known === undefined) return [{ kind: 'unmapped', value: { source, field: 'STS', nativeCode } }];
  const local = datedAt(status, '334', '7', '78', '137') ?? datedAt(guide, '137');
  if (local === undefined) throw new MapError('DATE_MISSING', 'A status has no date (DTM)', 'consignments');
  const occurredAt = new Date(`${local}Z`).toISOString();
  const value: TrackingReport = {
    source,
    tracking,
    status: known,
    occurredAt,
    sequence: sequenceOf(occurredAt),
    nativeCode,
  };
  return [{ kind: 'tracking', value }];
}
