import { addDecimals, type Quantity } from '../model/index.ts';
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
import { bgmNumber, dtm, edifactItem, edifactLot, edifactParty, qty, rff } from './lens-values.ts';
import { part } from './edifact-guide.ts';
import { MapError } from './map.ts';
import { all, type GuideLoop, text } from './x12-guide.ts';

/** The lot: an item number or reference of the line, or GIN BX with the marks of the line's packages (PCI), as it is written, or with the line itself. */
const lotLens: Lens<string> = {
  read(line, context) {
    const loops = [...all(line, 'markings').flatMap((marking) => all(marking, 'numbers')), ...all(line, 'numbers')];
    const lots = loops.flatMap((loop) => all(loop, 'GIN')).filter((gin) => text(gin, 'qualifier') === 'BX');
    return part(lots[0], 'range', 'number') ?? edifactLot.read(line, context);
  },
  write(lot, line) {
    // 17: marked as the supplier marks.
    const numbers = [{ GIN: { qualifier: 'BX', range: { number: lot } } }];
    line.markings = [{ PCI: { instructions: '17' }, numbers }];
  },
};

/** What was received and not accepted (185), to be returned (195) or destroyed (196): all of it. */
const rejectedLens: Lens<Quantity> = {
  ...qty('185'),
  read(line, context) {
    const found = ['185', '195', '196'].flatMap((code) => qty(code).read(line, context) ?? []);
    const [first] = found;
    if (first === undefined) return undefined;
    if (found.some(({ uom }) => uom !== first.uom)) {
      throw new MapError('QUANTITY_INVALID', 'QTY 185, 195 and 196 count the same line in several units');
    }
    return { value: addDecimals(...found.map(({ value }) => value)), uom: first.uom };
  },
};

/** The lines of all groups as those of the first: which package they came in is not told apart. */
function inOneGroup(body: GuideLoop): GuideLoop {
  const packing = all(body, 'packing');
  if (packing.length <= 1) return body;
  return { ...body, packing: [{ ...packing[0], lines: packing.flatMap((group) => all(group, 'lines')) }] };
}

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
    warehouse: edifactParty('WH', 'DP'),
    lines: orElse(
      within(
        'packing',
        each(
          'lines',
          record({
            lineNo: at('LIN.lineNumber'),
            item: edifactItem(),
            received: qty('48', '194'),
            accepted: qty('194'),
            rejected: rejectedLens,
            damaged: qty('124'),
            short: qty('119'),
            lot: lotLens,
            expiry: dtm('36'),
            poNumber: rff('ON'),
          }),
        ),
      ),
      [],
    ),
  },
  settle: inOneGroup,
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
