import { at, coded, defineFormMaps, each, fixed, orElse, record, required } from './lens.ts';
import { bgmNumber, dtm, edifactItem, edifactPrice, qty, rff } from './lens-values.ts';
import { all } from './x12-guide.ts';

/** BGM 1225. */
const PURPOSES = { '4': 'change', '1': 'cancel', '5': 'replace' } as const;
/** LIN 1229. */
const ACTIONS = { '1': 'add', '2': 'delete', '3': 'change', '4': 'none' } as const;

/** A buyer's change of a purchase order: the one that an 860 with the same content gives. */
export const edifactOrdchgOrderChange = defineFormMaps({
  standard: 'edifact',
  type: 'ORDCHG',
  schema: 'order-change',
  fields: {
    kind: fixed('BGM.document.documentCode', '230'),
    changeNo: bgmNumber,
    purpose: required(coded(at('BGM.function'), PURPOSES, 'BGM 1225'), 'PURPOSE_UNSUPPORTED', 'purpose (BGM 1225)'),
    date: dtm('137'),
    orderDate: dtm('4'),
    requestedDate: dtm('2'),
    poNumber: required(rff('ON'), 'PO_NUMBER_MISSING', 'purchase order number (RFF ON)'),
    release: rff('RE'),
    lines: orElse(
      each(
        'lines',
        record({
          lineNo: at('LIN.lineNumber'),
          action: required(coded(at('LIN.action'), ACTIONS, 'LIN 1229'), 'CODE_UNKNOWN', 'action (LIN 1229)'),
          item: edifactItem(),
          quantity: qty('21'),
          requestedDate: dtm('2'),
          price: edifactPrice('AAA'),
        }),
      ),
      [],
    ),
  },
  finish(body) {
    body.UNS = { section: 'S' };
    body.CNT = [{ control: { qualifier: '2', value: String(all(body, 'lines').length) } }];
  },
});
