import { at, defineFormMaps, each, type Lens, orElse, record, required } from './lens.ts';
import { quantity, x12Item, x12Lot, x12Party } from './lens-values.ts';

const ofWarehouse = at('W15.adjustmentNumber');
const ofDepositor = at('W15.referenceNumber');
/** The warehouse's number (W1502), or where it has none the one of the depositor, who asked for the adjustment (W1503). */
const numberLens: Lens<string> = {
  ...ofWarehouse,
  read: (node, context) => ofWarehouse.read(node, context) ?? ofDepositor.read(node, context),
};

/** Inventory adjustment: signed quantities under the warehouse's reasons. */
export const x12_947Adjustment = defineFormMaps({
  standard: 'x12',
  type: '947',
  schema: 'stock-adjustment',
  fields: {
    date: required(at('W15.date'), 'DATE_MISSING', 'date (W1501)'),
    adjustmentNo: numberLens,
    warehouse: x12Party('WH'),
    lines: orElse(
      each(
        'lines',
        record({
          reason: required(at('W19.warehouseReason'), 'REASON_MISSING', 'reason (W1901)'),
          quantity: required(quantity(at('W19.quantity'), at('W19.unit')), 'QUANTITY_MISSING', 'quantity (W1902)'),
          item: x12Item('W19.ids', 'upcCase', 'moreIds'),
          lot: x12Lot('W19.lot', 'W19.ids', 'W19.moreIds'),
        }),
      ),
      [],
    ),
  },
});
