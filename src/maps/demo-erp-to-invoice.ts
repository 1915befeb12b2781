import type { InvoiceReport } from '../model/index.ts';
import { defineInboundMap } from './map.ts';
import { decimalAt, instantAt, integerAt, listAt, objectAt, optionalText, present, textAt } from './native-payload.ts';

/** An invoice as the ERP posted it; amounts are hundredths of the currency, quantities the ERP's choice of unit. */
export const demoErpToInvoice = defineInboundMap({
  connector: 'demo-erp',
  topic: 'invoice.posted',
  map(payload, context) {
    const native = objectAt(payload, '');
    const invoice = objectAt(native.invoice, 'invoice');
    const currency = textAt(invoice, 'currency');
    const value: InvoiceReport = present({
      source: context.source,
      invoiceNo: textAt(invoice, 'invoiceNo'),
      orderNo: textAt(invoice, 'customerReference'),
      shipmentNo: optionalText(invoice, 'deliveryNo'),
      invoiceDate: textAt(invoice, 'date'),
      currency,
      lines: listAt(invoice, 'lines', 'invoice/lines').map((line) => ({
        lineNo: integerAt(line, 'line'),
        quantity: { value: decimalAt(line, 'qty'), uom: textAt(line, 'unit') },
        unitPrice: {
          value: decimalAt(line, 'unitPrice'),
          currency,
          perQty: decimalAt(line, 'pricePer'),
          uom: textAt(line, 'priceUnit'),
        },
        amountMinor: integerAt(line, 'amountCents'),
      })),
      taxMinor: integerAt(invoice, 'taxCents'),
      freightMinor: integerAt(invoice, 'freightCents'),
      totalMinor: integerAt(invoice, 'totalCents'),
      postedAt: instantAt(native, 'at'),
    });
    return [{ kind: 'invoice', value }];
  },
});
