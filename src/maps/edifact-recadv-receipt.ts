import {
  at,
  defineFormMaps,
  each,
  fixed,
  orElse,
  record,
  required,
  setPath,
  usually,
  within,
  type Draft,
  type Lens,
} from './lens.ts';
import { bgmNumber, dtm, edifactItem, edifactParty, qty, rff } from './lens-values.ts';
import { part } from './edifact-guide.ts';
import { all, text } from './x12-guide.ts';

/** GIN BX, the lot: with the marks of the line's packages (PCI), as it is written, or with the line itself. */
const lotLens: Lens<string> = {
  read(line) {
    const loops = [...all(line, 'markings').flatMap((marking) => all(marking, 'numbers')), ...all(line, 'numbers')];
    const lots = loops.flatMap((loop) => all(loop, 'GIN')).filter((gin) => text(gin, 'qualifier') === 'BX');
    return part(lots[0], 'range', 'number');
  },
  write(lot, line) {
    // 17: marked as the supplier marks.
    const numbers = [{ GIN: { qualifier: 'BX', range: { number: lot } } }];
    line.markings = [{ PCI: { instructions: '17' }, numbers }];
  },
};

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
    // What we receive, we have bought; the message has to name both sides.
    buyer: usually(edifactParty('BY'), ({ terms }) => terms.us),
    supplier: usually(edifactParty('SU'), ({ terms }) => terms.them),
    lines: orElse(
      within(
        'packing',
        each(
          'lines',
          record({
            lineNo: at('LIN.lineNumber'),
            item: edifactItem(),
            received: qty('48', '194'),
            rejected: qty('185', '195', '196'),
            damaged: qty('124'),
            short: qty('119'),
            lot: lotLens,
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
    for (const group of packing) setPath(group, 'CPS.id', '1');
    const lines = packing.flatMap((group) => all(group, 'lines')).length;
    body.CNT = { control: { qualifier: '2', value: String(lines) } };
  },
});
