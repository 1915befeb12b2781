import type { SalesOrder } from '../model/index.ts';
import { defineOutboundMap, MapError } from './map.ts';

/** What is cancelled of an order, cumulative in stock units, as the lab's ERP takes it. */
export const cancellationToDemoErp = defineOutboundMap<SalesOrder>({
  connector: 'demo-erp',
  operation: 'order.cancel',
  entity: 'order',
  map(order, { data }) {
    // It was cancelled before the ERP heard of it.
    if (order.erpOrderNo === undefined) throw new MapError('NOTHING_TO_SEND', `The ERP never had ${order.orderNo}`);
    return {
      customerReference: order.orderNo,
      lines: order.lines
        // `data.lines`: the lines that the ERP has.
        .filter((line) => !Array.isArray(data.lines) || data.lines.includes(line.lineNo))
        .filter((line) => line.q.cancelled !== '0')
        .map((line) => ({ line: line.lineNo, cancelledQty: line.q.cancelled, stockUnit: line.baseUom })),
    };
  },
});
