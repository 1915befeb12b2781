import { at, coded, countedLines, defineFormMaps, each, fixed, orElse, record, required } from './lens.ts';
import { dtm12, quantity, timeOf, x12Item, x12Lot, x12Party } from './lens-values.ts';

/**
 * Element 673. Quantities of kinds without a meaning here are refused. QA, QO and QT are no such codes; senders write them all
 * the same, as in an 852.
 */
const KINDS = {
  '33': 'available',
  '17': 'onHand',
  QA: 'available',
  '27': 'committed',
  QO: 'onOrder',
  '63': 'onOrder',
  QT: 'inTransit',
  '74': 'damaged',
  '20': 'damaged',
  QH: 'onHold',
  BQ: 'backordered',
} as const;

/** Inventory advice, in (a 3PL's or supplier's stock) and out (what may be sold). */
export const x12_846Inventory = defineFormMaps({
  standard: 'x12',
  type: '846',
  schema: 'inventory-report',
  fields: {
    purpose: fixed('BIA.purpose', '00'),
    kind: fixed('BIA.reportType', 'MM'),
    reportNo: required(at('BIA.reference'), 'REPORT_NUMBER_MISSING', 'reference (BIA03)'),
    date: required(at('BIA.date'), 'DATE_MISSING', 'date (BIA04)'),
    time: timeOf('BIA.time'),
    warehouse: x12Party('WH'),
    lines: orElse(
      each(
        'lines',
        record({
          item: x12Item('LIN.ids'),
          lot: x12Lot('REF', 'LIN.ids'),
          expiry: dtm12('036'),
          quantities: each(
            'quantities',
            record({
              kind: coded(at('QTY.quantityQualifier'), KINDS, 'QTY01'),
              quantity: quantity(at('QTY.quantity'), at('QTY.unit.unit')),
            }),
          ),
        }),
      ),
      [],
    ),
  },
  finish: countedLines('lines'),
});
