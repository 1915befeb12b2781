import type { ShipmentPackage } from '../model/index.ts';
import { demoWmsFactKinds } from './demo-wms-codes.ts';
import { defineInboundMap } from './map.ts';
import {
  instantAt,
  integerAt,
  listAt,
  type Native,
  objectAt,
  optionalText,
  present,
  quantityAt,
  textAt,
} from './native-payload.ts';

/** Cartons of the lab's WMS, with lots, expiries and serials; quantities are stock units. */
export function cartonsOf(native: Native): ShipmentPackage[] {
  return listAt(native, 'cartons').map((carton, index) =>
    present({
      packageNo: integerAt(carton, 'cartonNo'),
      sscc: optionalText(carton, 'sscc'),
      tracking: optionalText(carton, 'trackingNumber'),
      weightGrams: carton.weightGrams === undefined ? undefined : integerAt(carton, 'weightGrams'),
      contents: listAt(carton, 'contents', `cartons/${index}/contents`).map((content, i) =>
        present({
          lineNo: integerAt(content, 'lineNo'),
          sku: textAt(content, 'sku'),
          quantity: quantityAt(content, 'qty', `cartons/${index}/contents/${i}/qty`),
          uom: textAt(content, 'uom'),
          lot: optionalText(content, 'lot'),
          expiry: optionalText(content, 'expiry'),
          serials: Array.isArray(content.serials) ? content.serials.map(String) : undefined,
        }),
      ),
    }),
  );
}

export const demoWmsToPacked = defineInboundMap({
  connector: 'demo-wms',
  topic: 'pack.confirmed',
  map(payload, context) {
    const native = objectAt(payload, '');
    const fulfillmentNo = textAt(native, 'releaseNo');
    const status = textAt(native, 'status');
    if (demoWmsFactKinds[status] !== 'packed') {
      return [
        { kind: 'unmapped', value: { source: context.source, field: 'status', nativeCode: status, fulfillmentNo } },
      ];
    }
    const value = {
      source: context.source,
      document: textAt(native, 'docNo'),
      sequence: integerAt(native, 'seq'),
      fulfillmentNo,
      packedAt: instantAt(native, 'at'),
      packages: cartonsOf(native),
    };
    return [{ kind: 'packed', value }];
  },
});
