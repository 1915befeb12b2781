import type { Shipment } from '../model/index.ts';
import { defineOutboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';

/**
 * A shipment as the lab's shop takes a fulfilment. The shop's own order id comes with the delivery (`nativeOrderId`) or
 * from the cross-reference of our order number.
 */
export const shipmentToDemoStorefront = defineOutboundMap<Shipment>({
  connector: 'demo-storefront',
  operation: 'fulfillment.create',
  entity: 'shipment',
  map(shipment, context) {
    const orderId = context.data.nativeOrderId ?? context.lookup('order', shipment.orderNo);
    if (typeof orderId !== 'string') {
      throw new MapError('XREF_MISSING', `The shop's id of order ${shipment.orderNo} is not known`, 'nativeOrderId');
    }
    return present({
      orderId,
      shipmentNo: shipment.shipmentNo,
      shippedAt: shipment.shippedAt,
      carrier: shipment.carrier,
      trackingNumbers: shipment.packages.flatMap((parcel) => (parcel.tracking ? [parcel.tracking] : [])),
      lineItems: shipment.packages.flatMap((parcel) =>
        parcel.contents.map((content) => ({
          lineNo: content.lineNo,
          sku: content.sku,
          quantity: content.quantity,
          unit: content.uom,
        })),
      ),
    });
  },
});
