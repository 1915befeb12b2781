import { at, defineFormMaps, each, one, orElse, record, required, setPath, type Draft } from './lens.ts';
import { amount } from './lens-values.ts';
import { all } from './x12-guide.ts';

/** The carrier's invoice. B307 and L104 have two implied decimals. */
export const x12_210FreightInvoice = defineFormMaps({
  standard: 'x12',
  type: '210',
  schema: 'freight-invoice',
  currency: at('C3.currency'),
  fields: {
    invoiceNo: required(at('B3.invoiceNumber'), 'INVOICE_NUMBER_MISSING', 'invoice number (B302)'),
    shipmentNo: at('B3.shipmentId'),
    payer: orElse(at('B3.paymentMethod'), 'PP'),
    invoiceDate: required(at('B3.date'), 'DATE_MISSING', 'date (B306)'),
    totalMinor: required(amount(at('B3.netAmount')), 'AMOUNT_INVALID', 'total (B307)'),
    deliveredOn: at('B3.deliveryDate'),
    scac: at('B3.scac'),
    references: each('N9', record({ qualifier: at('referenceQualifier'), value: at('reference') })),
    charges: each(
      'lines',
      record({
        description: one('L5', {}, 'ladingDescription'),
        amountMinor: amount(one('L1', {}, 'charge')),
        code: one('L1', {}, 'specialCharge'),
      }),
    ),
  },
  finish(body) {
    if (all(body, 'B3')[0]?.deliveryDate !== undefined) setPath(body, 'B3.dateQualifier', '035');
    for (const [index, line] of (all(body, 'lines') as Draft[]).entries()) line.LX = { number: String(index + 1) };
  },
});
