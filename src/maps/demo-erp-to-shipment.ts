import type { ShipmentReport } from '../model/index.ts';
import { defineInboundMap } from './map.ts';
import { instantAt, integerAt, listAt, objectAt, optionalText, present, quantityAt, textAt } from './native-payload.ts';

/** A goods issue that the ERP posted for a branch without a WMS. */
export const demoErpToShipment = defineInboundMap({
  connector: 'demo-erp',
  topic: 'shipment.posted',
  map(payload, context) {
    const native = objectAt(payload, '');
    const value: ShipmentReport = present({
      source: context.source,
      document: textAt(native, 'goodsIssueNo'),
      sequence: integerAt(native, 'seq'),
      fulfillmentNo: textAt(native, 'releaseNo'),
      shippedAt: instantAt(native, 'postedAt'),
      carrier: optionalText(native, 'carrierCode'),
      packages: listAt(native, 'packages').map((parcel, index) =>
        present({
          packageNo: integerAt(parcel, 'no'),
          weightGrams: parcel.weightGrams === undefined ? undefined : integerAt(parcel, 'weightGrams'),
          contents: listAt(parcel, 'items', `packages/${index}/items`).map((item, i) =>
            present({
              lineNo: integerAt(item, 'line'),
              sku: textAt(item, 'item'),
              quantity: quantityAt(item, 'qty', `packages/${index}/items/${i}/qty`),
              uom: textAt(item, 'unit'),
              lot: optionalText(item, 'lot'),
              serials: Array.isArray(item.serials) ? item.serials.map(String) : undefined,
            }),
          ),
        }),
      ),
    });
    return [{ kind: 'shipment', value }];
  },
});
