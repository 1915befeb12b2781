import type { Shipment } from '../model/index.ts';
import { defineOutboundMap } from './map.ts';
import { nativeAddress, present } from './native-payload.ts';

/** A shipment as the lab's carrier wants it for labels. */
export const shipmentToDemoCarrier = defineOutboundMap<Shipment>({
  connector: 'demo-carrier',
  operation: 'label.create',
  entity: 'shipment',
  map: (shipment) =>
    present({
      reference: shipment.shipmentNo,
      carrier: shipment.carrier,
      service: shipment.service,
      shipFrom: nativeAddress(shipment.shipFrom.name, shipment.shipFrom.address, shipment.shipFrom.gln),
      shipTo: nativeAddress(shipment.shipTo.name, shipment.shipTo.address, shipment.shipTo.gln),
      packages: shipment.packages.map((parcel) =>
        present({ packageNo: parcel.packageNo, sscc: parcel.sscc, weightGrams: parcel.weightGrams }),
      ),
    }),
});
