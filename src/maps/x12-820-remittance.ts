import { at, defineFormMaps, each, fixed, record, required, within, type Draft } from './lens.ts';
import { amount, x12Party } from './lens-values.ts';
import { remittedPayment } from './remitted-payment.ts';
import { all } from './x12-guide.ts';

/** Remittance advice: what a payment is for, invoice by invoice. */
export const x12_820Remittance = defineFormMaps({
  standard: 'x12',
  type: '820',
  schema: 'remittance',
  also: remittedPayment,
  currency: at('CUR.currency'),
  fields: {
    handling: fixed('BPR.handling', 'I'),
    credit: fixed('BPR.creditDebit', 'C'),
    method: fixed('BPR.paymentMethodCode', 'CHK'),
    payerIsNamed: fixed('CUR.entity', 'PR'),
    trace: fixed('TRN.traceType', '1'),
    paymentNo: required(at('TRN.reference'), 'PAYMENT_NUMBER_MISSING', 'payment number (TRN02)'),
    amountMinor: required(amount(at('BPR.amount')), 'AMOUNT_INVALID', 'amount (BPR02)'),
    paidOn: at('BPR.date'),
    payer: x12Party('PR'),
    payee: x12Party('PE'),
    applications: within(
      'entities',
      each(
        'remittances',
        record({
          kind: fixed('RMR.referenceQualifier', 'IV'),
          invoiceNo: required(at('RMR.reference'), 'INVOICE_NUMBER_MISSING', 'invoice number (RMR02)'),
          paidMinor: required(amount(at('RMR.paid')), 'AMOUNT_INVALID', 'amount paid (RMR04)'),
          invoicedMinor: amount(at('RMR.invoiced')),
          discountMinor: amount(at('RMR.discount')),
          deduction: within(
            'adjustments',
            record({ amountMinor: amount(at('ADX.amount')), code: at('ADX.adjustmentReason') }),
          ),
        }),
      ),
    ),
  },
  finish(body) {
    for (const [index, entity] of (all(body, 'entities') as Draft[]).entries())
      entity.ENT = { number: String(index + 1) };
  },
});
