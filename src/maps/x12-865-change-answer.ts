import { at, coded, defineFormMaps, each, orElse, record, required, within } from './lens.ts';
import { quantity, x12Item, x12Price } from './lens-values.ts';
import { all } from './x12-guide.ts';

/** BCA01. */
const PURPOSES = { '04': 'change', '01': 'cancel', '05': 'replace' } as const;
/** BCA02. */
const ANSWERS = { AD: 'accept', AT: 'accept', AC: 'change', RD: 'reject', RJ: 'reject' } as const;
const ACTIONS = {
  AI: 'add',
  DI: 'delete',
  CA: 'change',
  QI: 'change',
  QD: 'change',
  PC: 'change',
  NC: 'none',
} as const;
const OUTCOMES = {
  IA: 'accepted',
  IP: 'price_changed',
  IQ: 'quantity_changed',
  IB: 'backordered',
  IS: 'substituted',
  IR: 'rejected',
  ID: 'rejected',
  IH: 'held',
} as const;

/** The seller's answer to a change of a purchase order. */
export const x12_865ChangeAnswer = defineFormMaps({
  standard: 'x12',
  type: '865',
  schema: 'order-change',
  operation: 'order-change.answer',
  fields: {
    purpose: required(coded(at('BCA.purpose'), PURPOSES, 'BCA01'), 'PURPOSE_UNSUPPORTED', 'purpose (BCA01)'),
    answer: required(coded(at('BCA.acknowledgmentType'), ANSWERS, 'BCA02'), 'CODE_UNKNOWN', 'answer (BCA02)'),
    poNumber: required(at('BCA.poNumber'), 'PO_NUMBER_MISSING', 'purchase order number (BCA03)'),
    release: at('BCA.release'),
    changeNo: at('BCA.changeSequence'),
    orderDate: required(at('BCA.date'), 'DATE_MISSING', 'date of the order (BCA06)'),
    date: at('BCA.acknowledgmentDate'),
    lines: orElse(
      each(
        'lines',
        record({
          lineNo: at('POC.lineNumber'),
          action: required(coded(at('POC.changeType'), ACTIONS, 'POC02'), 'CODE_UNKNOWN', 'kind of change (POC02)'),
          quantity: quantity(at('POC.quantity'), at('POC.unit.unit')),
          price: x12Price(at('POC.unitPrice'), at('POC.unit.unit'), at('POC.priceBasis')),
          item: x12Item('POC.ids'),
          outcome: within('acknowledgments', coded(at('ACK.status'), OUTCOMES, 'ACK01')),
        }),
      ),
      [],
    ),
  },
  finish(body) {
    body.totals = { CTT: { lineCount: String(all(body, 'lines').length) } };
  },
});
