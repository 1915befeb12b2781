import type { TrackingReport } from '../model/index.ts';
import { defineInboundMap } from './map.ts';
import { instantAt, integerAt, objectAt, optionalText, present, textAt } from './native-payload.ts';

/** Scan codes of the lab's carrier. Delays (DD, DY) and a hold for pickup (HL) are still in transit. */
const demoCarrierStatuses: Readonly<Record<string, TrackingReport['status']>> = {
  OC: 'label',
  PU: 'in_transit',
  IT: 'in_transit',
  DD: 'in_transit',
  DY: 'in_transit',
  HL: 'in_transit',
  OD: 'out_for_delivery',
  DL: 'delivered',
  DE: 'exception',
  SE: 'exception',
  RS: 'returned',
  CA: 'voided',
};

export const demoCarrierToTracking = defineInboundMap({
  connector: 'demo-carrier',
  topic: 'tracking.updated',
  map(payload, context) {
    const native = objectAt(payload, '');
    const nativeCode = textAt(native, 'code');
    const status = demoCarrierStatuses[nativeCode];
    if (status === undefined) {
      return [{ kind: 'unmapped', value: { source: context.source, field: 'code', nativeCode } }];
    }
    const value: TrackingReport = present({
      source: context.source,
      tracking: textAt(native, 'trackingNumber'),
      status,
      occurredAt: instantAt(native, 'at'),
      sequence: integerAt(native, 'seq'),
      nativeCode,
      text: optionalText(native, 'description'),
    });
    return [{ kind: 'tracking', value }];
  },
});
