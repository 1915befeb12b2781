import { at, defineFormMaps, each, fixed, one, orElse, record, required, within, type Draft } from './lens.ts';
import { bgmNumber, dtm, edifactItem, qty, rff } from './lens-values.ts';
import { all, text } from './x12-guide.ts';

/** Receiving advice: the one that an 861 with the same content gives, and what is damaged or short beside it. */
export const edifactRecadvReceipt = defineFormMaps({
  standard: 'edifact',
  type: 'RECADV',
  schema: 'receiving-advice',
  fields: {
    kind: fixed('BGM.document.documentCode', '632'),
    function: fixed('BGM.function', '9'),
    receiptNo: required(bgmNumber, 'RECEIPT_NUMBER_MISSING', 'number (BGM 1004)'),
    receivedOn: required(dtm('50'), 'DATE_MISSING', 'date of receipt (DTM 50)'),
    poNumber: rff('ON'),
    shipmentNo: rff('AAK'),
    lines: orElse(
      within(
        'packing',
        each(
          'lines',
          record({
            lineNo: at('LIN.lineNumber'),
            item: edifactItem(),
            received: qty('48'),
            rejected: qty('185'),
            damaged: qty('124'),
            short: qty('119'),
            lot: one('GIN', { qualifier: 'BX' }, 'range.number'),
          }),
        ),
      ),
      [],
    ),
  },
  finish(body) {
    // The advice is dated as the receipt (DTM 137).
    const [received] = all(body, 'DTM');
    const value = text(all(received, 'date')[0], 'value') ?? '';
    body.DTM = [{ date: { qualifier: '137', value, format: '102' } }, ...all(body, 'DTM')];
    const packing = all(body, 'packing') as Draft[];
    for (const group of packing) group.CPS = { id: '1' };
    body.CNT = [{ control: { qualifier: '2', value: String(packing.flatMap((group) => all(group, 'lines')).length) } }];
  },
});
