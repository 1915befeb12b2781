import { addDecimals } from '../model/index.ts';
import { at, defineFormMaps, each, fixed, one, orElse, record, required, type Draft } from './lens.ts';
import { quantity, x12Item, x12Party } from './lens-values.ts';
import { all, text } from './x12-guide.ts';

/** Stock transfer advice: goods on their way into a warehouse of somebody else's. */
export const x12_943ExpectedReceipt = defineFormMaps({
  standard: 'x12',
  type: '943',
  schema: 'expected-receipt',
  fields: {
    kind: fixed('W06.reportingCode', 'N'),
    depositorOrderNo: at('W06.depositorOrder'),
    date: at('W06.date'),
    shipmentNo: required(at('W06.shipmentId'), 'SHIPMENT_MISSING', 'shipment (W0604)'),
    poNumber: at('W06.poNumber'),
    warehouse: x12Party('ST'),
    lines: orElse(
      each(
        'lines',
        record({
          quantity: required(
            quantity(at('W04.shippedQuantity'), at('W04.unit')),
            'QUANTITY_MISSING',
            'quantity (W0401)',
          ),
          item: x12Item('W04.ids'),
          lot: one('N9', { referenceQualifier: 'LT' }, 'reference'),
        }),
      ),
      [],
    ),
  },
  finish: shippedTotals,
});

function shippedTotals(body: Draft): void {
  const shipped = all(body, 'lines').map((line) => text(all(line, 'W04')[0], 'shippedQuantity') ?? '0');
  body.W03 = { shippedQuantity: addDecimals('0', ...shipped) };
}
