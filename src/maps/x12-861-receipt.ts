import { at, countedLines, defineFormMaps, each, fixed, one, orElse, record, required } from './lens.ts';
import { quantity, ref, x12Item, x12Party } from './lens-values.ts';
import { first, text } from './x12-guide.ts';

/** Receiving advice: what arrived of an order. */
export const x12_861Receipt = defineFormMaps({
  standard: 'x12',
  type: '861',
  schema: 'receiving-advice',
  fields: {
    purpose: fixed('BRA.purpose', '00'),
    kind: fixed('BRA.receivingType', '1'),
    receiptNo: required(at('BRA.reference'), 'RECEIPT_NUMBER_MISSING', 'reference (BRA01)'),
    receivedOn: required(at('BRA.date'), 'DATE_MISSING', 'date (BRA02)'),
    poNumber: one('PRF', {}, 'poNumber'),
    shipmentNo: ref('SI'),
    buyer: x12Party('BY'),
    supplier: x12Party('SU', 'VN'),
    lines: orElse(
      each(
        'lines',
        record({
          lineNo: at('RCD.lineNumber'),
          received: quantity(at('RCD.received'), at('RCD.unit')),
          rejected: quantity(at('RCD.returned'), at('RCD.unit2')),
          item: x12Item('LIN.ids'),
          lot: ref('LT'),
        }),
      ),
      [],
    ),
  },
  finish(body) {
    // BRA02 is the advice's date; the standard wants the day of the receipt in DTM as well.
    body.DTM = [{ dateQualifier: '050', date: text(first(body, 'BRA'), 'date') ?? '' }];
    countedLines('lines')(body);
  },
});
