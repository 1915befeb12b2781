import { at, defineFormMaps, each, fixed, orElse, record, required } from './lens.ts';
import { quantity, x12Item } from './lens-values.ts';

/** Order status report: per order its lines and what became of them, in the reporter's status codes. */
export const x12_870OrderStatus = defineFormMaps({
  standard: 'x12',
  type: '870',
  schema: 'order-status-advice',
  fields: {
    kind: fixed('BSR.reportKind', '3'),
    about: fixed('BSR.orderItem', 'PA'),
    reportNo: required(at('BSR.reference'), 'REPORT_NUMBER_MISSING', 'reference (BSR03)'),
    date: required(at('BSR.date'), 'DATE_MISSING', 'date (BSR04)'),
    orders: orElse(
      each(
        'hierarchy',
        record({
          level: fixed('level', 'O'),
          poNumber: at('PRF.poNumber'),
          lines: each(
            'lines',
            record({
              lineNo: at('PO1.lineNumber'),
              ordered: quantity(at('PO1.quantity'), at('PO1.unit')),
              item: x12Item('PO1.ids'),
              statuses: each('statuses', record({ status: at('ISR.status'), date: at('ISR.date') })),
            }),
          ),
        }),
      ),
      [],
    ),
  },
});
