import type { PaymentReport } from '../model/index.ts';
import { defineInboundMap } from './map.ts';
import { instantAt, integerAt, listAt, objectAt, present, textAt } from './native-payload.ts';

/** Money that the ERP has received and, if it could, applied to invoices. */
export const demoErpToPayment = defineInboundMap({
  connector: 'demo-erp',
  topic: 'payment.received',
  map(payload, context) {
    const native = objectAt(payload, '');
    const payment = objectAt(native.payment, 'payment');
    const value: PaymentReport = present({
      source: context.source,
      paymentNo: textAt(payment, 'paymentNo'),
      customer: textAt(payment, 'customerAccount'),
      amountMinor: integerAt(payment, 'amountCents'),
      currency: textAt(payment, 'currency'),
      receivedAt: instantAt(native, 'at'),
      applications: Array.isArray(payment.applied)
        ? listAt(payment, 'applied', 'payment/applied').map((each) => ({
            invoiceNo: textAt(each, 'invoiceNo'),
            amountMinor: integerAt(each, 'amountCents'),
          }))
        : undefined,
    });
    return [{ kind: 'payment', value }];
  },
});
