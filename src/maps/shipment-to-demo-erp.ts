import type { Shipment } from '../model/index.ts';
import { defineOutboundMap } from './map.ts';
import { present } from './native-payload.ts';

/** A shipment as the lab's ERP posts it against the order, in stock units; the ERP invoices from it. */
export const shipmentToDemoErp = defineOutboundMap<Shipment>({
  connector: 'demo-erp',
  operation: 'shipment.create',
  entity: 'shipment',
  map: (shipment) =>
    present({
      customerReference: shipment.orderNo,
      deliveryNo: shipment.shipmentNo,
      releaseNo: shipment.fulfillmentNo,
      site: shipment.location,
      shippedAt: shipment.shippedAt,
      carrier: shipment.carrier,
      packages: shipment.packages.map((parcel) =>
        present({ no: parcel.packageNo, sscc: parcel.sscc, tracking: parcel.tracking }),
      ),
      lines: shipment.packages.flatMap((parcel) =>
        parcel.contents.map((content) =>
          present({
            line: content.lineNo,
            item: content.sku,
            qty: content.quantity,
            unit: content.uom,
            lot: content.lot,
            serials: content.serials,
          }),
        ),
      ),
    }),
});
