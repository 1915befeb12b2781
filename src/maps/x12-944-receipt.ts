import { addDecimals, type Quantity } from '../model/index.ts';
import { at, defineFormMaps, each, fixed, one, orElse, record, required, type Lens } from './lens.ts';
import { quantity, x12Item } from './lens-values.ts';
import { all, text } from './x12-guide.ts';

/** Stock receipt: what a warehouse took in, with its exceptions (W13: damaged and short). */
export const x12_944Receipt = defineFormMaps({
  standard: 'x12',
  type: '944',
  schema: 'receiving-advice',
  operation: 'receiving-advice.warehouse',
  fields: {
    kind: fixed('W17.reportingCode', 'F'),
    receivedOn: required(at('W17.date'), 'DATE_MISSING', 'date (W1702)'),
    receiptNo: required(at('W17.warehouseReceipt'), 'RECEIPT_NUMBER_MISSING', 'warehouse receipt (W1703)'),
    depositorOrderNo: at('W17.depositorOrder'),
    shipmentNo: at('W17.shipmentId'),
    poNumber: one('N9', { referenceQualifier: 'PO' }, 'reference'),
    lines: orElse(
      each(
        'lines',
        record({
          received: quantity(at('W07.quantityReceived'), at('W07.unit')),
          item: x12Item('W07.ids'),
          lot: at('W07.lot'),
          damaged: exception('07'),
          short: exception('02'),
        }),
      ),
      [],
    ),
  },
  finish(body) {
    const received = all(body, 'lines').map((line) => text(all(line, 'W07')[0], 'quantityReceived') ?? '0');
    body.W14 = { quantityReceived: addDecimals('0', ...received) };
  },
});

/** W13 under a condition (element 506): 07 damaged, 02 short. */
function exception(condition: string): Lens<Quantity> {
  return quantity(
    one('exceptions', { 'W13.condition': condition }, 'W13.quantity'),
    one('exceptions', { 'W13.condition': condition }, 'W13.unit'),
  );
}
