import type { VoidReport } from '../model/index.ts';
import { defineInboundMap } from './map.ts';
import { instantAt, objectAt, optionalText, present, textAt } from './native-payload.ts';

/** What never left the dock after all. `docNo` is that of the pack and shipment confirmations. */
export const demoWmsToVoid = defineInboundMap({
  connector: 'demo-wms',
  topic: 'shipment.voided',
  map(payload, context) {
    const native = objectAt(payload, '');
    const value: VoidReport = present({
      source: context.source,
      document: textAt(native, 'docNo'),
      fulfillmentNo: textAt(native, 'releaseNo'),
      voidedAt: instantAt(native, 'at'),
      reason: optionalText(native, 'reason'),
    });
    return [{ kind: 'void', value }];
  },
});
