import type { FulfillmentOrder } from '../model/index.ts';
import { defineOutboundMap } from './map.ts';
import { nativeAddress, present } from './native-payload.ts';

/** A fulfilment order as both the lab's WMS and its ERP (for branches) take a release. */
export function nativeRelease(order: FulfillmentOrder) {
  return present({
    releaseNo: order.fulfillmentNo,
    orderRef: order.orderNo,
    customerPo: order.customerPo,
    warehouse: order.location,
    shipBy: order.shipBy,
    carrierCode: order.carrier,
    serviceLevel: order.service,
    shipTo: nativeAddress(order.shipTo.name, order.shipTo.address, order.shipTo.gln),
    lines: order.lines.map((line) =>
      present({
        lineNo: line.lineNo,
        sku: line.sku,
        qty: line.quantity,
        uom: line.uom,
        lots: line.lots?.map((each) => ({ lot: each.lot, qty: each.quantity })),
      }),
    ),
  });
}

export const releaseToDemoWms = defineOutboundMap<FulfillmentOrder>({
  connector: 'demo-wms',
  operation: 'release.create',
  entity: 'fulfillment',
  map: nativeRelease,
});
