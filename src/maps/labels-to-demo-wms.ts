import type { Shipment } from '../model/index.ts';
import { defineOutboundMap } from './map.ts';
import { present } from './native-payload.ts';

/** SSCC and tracking number of each carton, as both the lab's WMS and its ERP (for branches) take them. */
export function nativeLabels(shipment: Shipment) {
  return present({
    releaseNo: shipment.fulfillmentNo,
    shipmentNo: shipment.shipmentNo,
    carrierCode: shipment.carrier,
    cartons: shipment.packages.map((parcel) =>
      present({ cartonNo: parcel.packageNo, sscc: parcel.sscc, trackingNumber: parcel.tracking }),
    ),
  });
}

export const labelsToDemoWms = defineOutboundMap<Shipment>({
  connector: 'demo-wms',
  operation: 'label.attach',
  entity: 'shipment',
  map: nativeLabels,
});
