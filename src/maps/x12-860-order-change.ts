import { at, coded, defineFormMaps, each, fixed, orElse, record, required } from './lens.ts';
import { dtm12, quantity, x12Item, x12Price } from './lens-values.ts';
import { all } from './x12-guide.ts';

/** BCH01. */
const PURPOSES = { '04': 'change', '01': 'cancel', '05': 'replace' } as const;
/** POC02: what a change concerns is told by the values themselves. */
const ACTIONS = {
  AI: 'add',
  DI: 'delete',
  CA: 'change',
  QI: 'change',
  QD: 'change',
  PC: 'change',
  PQ: 'change',
  CT: 'change',
  RZ: 'change',
  RS: 'change',
  NC: 'none',
} as const;

/** A buyer's change of a purchase order. */
export const x12_860OrderChange = defineFormMaps({
  standard: 'x12',
  type: '860',
  schema: 'order-change',
  fields: {
    purpose: required(coded(at('BCH.purpose'), PURPOSES, 'BCH01'), 'PURPOSE_UNSUPPORTED', 'purpose (BCH01)'),
    kind: fixed('BCH.type', 'SA'),
    poNumber: required(at('BCH.poNumber'), 'PO_NUMBER_MISSING', 'purchase order number (BCH03)'),
    release: at('BCH.release'),
    changeNo: at('BCH.changeSequence'),
    orderDate: required(at('BCH.date'), 'DATE_MISSING', 'date of the order (BCH06)'),
    date: at('BCH.changeDate'),
    requestedDate: dtm12('002'),
    lines: orElse(
      each(
        'lines',
        record({
          lineNo: at('POC.lineNumber'),
          action: required(coded(at('POC.changeType'), ACTIONS, 'POC02'), 'CODE_UNKNOWN', 'kind of change (POC02)'),
          quantity: quantity(at('POC.quantity'), at('POC.unit.unit')),
          price: x12Price(at('POC.unitPrice'), at('POC.unit.unit'), at('POC.priceBasis')),
          item: x12Item('POC.ids'),
          requestedDate: dtm12('002'),
        }),
      ),
      [],
    ),
  },
  finish(body) {
    body.totals = { CTT: { lineCount: String(all(body, 'lines').length) } };
  },
});
