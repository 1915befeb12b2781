import type { StockChange } from '../model/index.ts';
import { demoWmsStockKinds } from './demo-wms-codes.ts';
import { defineInboundMap } from './map.ts';
import { decimalAt, instantAt, listAt, objectAt, optionalText, present, textAt } from './native-payload.ts';

/** Goods that came in or were found missing. The connection's `warehouse` is the location; lines count from one. */
export const demoWmsToStock = defineInboundMap({
  connector: 'demo-wms',
  topic: 'stock.changed',
  map(payload, context) {
    const native = objectAt(payload, '');
    const nativeCode = textAt(native, 'type');
    const type = demoWmsStockKinds[nativeCode];
    if (type === undefined) {
      return [{ kind: 'unmapped', value: { source: context.source, field: 'type', nativeCode } }];
    }
    const value = present({
      source: context.source,
      document: textAt(native, 'docNo'),
      location: String(context.settings['warehouse']),
      type,
      occurredAt: instantAt(native, 'at'),
      poNo: optionalText(native, 'poNo'),
      lines: listAt(native, 'lines').map((line, index) =>
        present({
          lineNo: index + 1,
          sku: textAt(line, 'sku'),
          lot: optionalText(line, 'lot'),
          status: optionalText(line, 'status'),
          quantity: decimalAt(line, 'qty', `lines/${index}/qty`),
          uom: textAt(line, 'uom'),
          reason: optionalText(line, 'reasonCode'),
        }),
      ),
    });
    // A status that is none of ours is refused with its place when the result is checked.
    return [{ kind: 'stock', value: value as StockChange }];
  },
});
