import { at, coded, countedLines, defineFormMaps, each, fixed, orElse, record, required } from './lens.ts';
import { quantity, x12Item, x12Party } from './lens-values.ts';

/** Element 673. Quantities of kinds without a meaning here are refused. */
const KINDS = {
  '33': 'available',
  '17': 'onHand',
  QH: 'onHand',
  QA: 'available',
  QC: 'committed',
  QO: 'onOrder',
  '63': 'onOrder',
  QT: 'inTransit',
  '20': 'damaged',
  '83': 'backordered',
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
    warehouse: x12Party('WH'),
    lines: orElse(
      each(
        'lines',
        record({
          item: x12Item('LIN.ids'),
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
