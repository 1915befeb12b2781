import type { ShipmentReport } from '../model/index.ts';
import { demoWmsFactKinds } from './demo-wms-codes.ts';
import { cartonsOf } from './demo-wms-to-packed.ts';
import { defineInboundMap } from './map.ts';
import { instantAt, integerAt, objectAt, optionalText, present, textAt } from './native-payload.ts';

/** What has left the dock. `docNo` is the same as on the pack confirmation of these cartons. */
export const demoWmsToShipment = defineInboundMap({
  connector: 'demo-wms',
  topic: 'shipment.confirmed',
  map(payload, context) {
    const native = objectAt(payload, '');
    const fulfillmentNo = textAt(native, 'releaseNo');
    const status = textAt(native, 'status');
    if (demoWmsFactKinds[status] !== 'shipped') {
      return [
        { kind: 'unmapped', value: { source: context.source, field: 'status', nativeCode: status, fulfillmentNo } },
      ];
    }
    const value: ShipmentReport = present({
      source: context.source,
      document: textAt(native, 'docNo'),
      sequence: integerAt(native, 'seq'),
      fulfillmentNo,
      shippedAt: instantAt(native, 'at'),
      carrier: optionalText(native, 'carrierCode'),
      service: optionalText(native, 'serviceLevel'),
      proNo: optionalText(native, 'proNo'),
      bol: optionalText(native, 'bol'),
      packages: cartonsOf(native),
    });
    return [{ kind: 'shipment', value }];
  },
});
