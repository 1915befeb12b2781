import { defineInboundMap, type OrderStatusReport } from './map.ts';
import { instantAt, integerAt, objectAt, optionalText, present, textAt } from './native-payload.ts';

/** The order statuses of the lab's ERP. They corroborate; quantities and milestones follow from facts, not from these. */
const demoErpOrderStatuses = ['OPEN', 'RELEASED', 'PARTIAL', 'SHIPPED', 'INVOICED', 'CANCELLED', 'CLOSED'] as const;

export const demoErpToOrderStatus = defineInboundMap({
  connector: 'demo-erp',
  topic: 'order.status',
  map(payload, context) {
    const native = objectAt(payload, '');
    const nativeStatus = textAt(native, 'status');
    const orderNo = textAt(native, 'customerReference');
    if (!(demoErpOrderStatuses as readonly string[]).includes(nativeStatus)) {
      return [
        { kind: 'unmapped', value: { source: context.source, field: 'status', nativeCode: nativeStatus, orderNo } },
      ];
    }
    const value: OrderStatusReport = present({
      source: context.source,
      orderNo,
      erpOrderNo: optionalText(native, 'orderNo'),
      nativeStatus,
      sequence: integerAt(native, 'seq'),
      occurredAt: instantAt(native, 'at'),
    });
    return [{ kind: 'orderStatus', value }];
  },
});
