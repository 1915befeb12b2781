import { addDecimals, type Quantity } from '../model/index.ts';
import {
  at,
  defineFormMaps,
  each,
  fixed,
  getPath,
  one,
  orElse,
  record,
  required,
  type Draft,
  type Lens,
} from './lens.ts';
import { quantity, x12Item, x12Lot, x12Party } from './lens-values.ts';
import { MapError } from './map.ts';
import { all, text } from './x12-guide.ts';

/**
 * Stock receipt: what a warehouse took in, with its exceptions. W07 counts all that came in; W13 says what of it is not as it
 * should be (01 damaged), and what is missing of it (02) or too much (03).
 */
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
    warehouse: x12Party('WH', 'ST'),
    poNumber: one('N9', { referenceQualifier: 'PO' }, 'reference'),
    lines: orElse(
      each(
        'lines',
        record({
          received: quantity(at('W07.quantityReceived'), at('W07.unit')),
          item: x12Item('W07.ids', 'upcCase'),
          lot: x12Lot('W07.lot', 'W07.ids'),
          poNumber: one('N9', { referenceQualifier: 'PO' }, 'reference'),
          damaged: exception(['01', '07']),
          short: exception(['02']),
          over: exception(['03']),
          // Of poor quality, the wrong product, in the wrong container and the like: there, and not for sale.
          rejected: exception(['04'], (code) => !['01', '02', '03', '07'].includes(code)),
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

/** W13 under conditions (element 412), all of them together. The first is written. */
function exception(codes: readonly string[], wanted = (code: string) => codes.includes(code)): Lens<Quantity> {
  const [code = ''] = codes;
  const one = quantity(at('W13.quantity'), at('W13.unit'));
  return {
    read(node, context) {
      const found = all(node, 'exceptions')
        .filter((pass) => wanted(getPath(pass, 'W13.condition') ?? ''))
        .flatMap((pass) => one.read(pass, context) ?? []);
      const [first] = found;
      if (first === undefined) return undefined;
      if (found.some(({ uom }) => uom !== first.uom)) {
        throw new MapError('QUANTITY_INVALID', 'W13 counts the same line in several units');
      }
      return { value: addDecimals(...found.map(({ value }) => value)), uom: first.uom };
    },
    write(value, node, context) {
      const pass: Draft = { W13: { condition: code } };
      one.write(value, pass, context);
      node.exceptions ??= [];
      (node.exceptions as Draft[]).push(pass);
    },
  };
}
