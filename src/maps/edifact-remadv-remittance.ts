import {
  at,
  defineFormMaps,
  each,
  fixed,
  one,
  record,
  required,
  setPath,
  within,
  type Draft,
  type Lens,
} from './lens.ts';
import { amount, bgmNumber, dtm, edifactParty, moa } from './lens-values.ts';
import { remittedPayment } from './remitted-payment.ts';
import { all } from './x12-guide.ts';

/** MOA 12 of the summary, after UNS. */
const summaryAmount: Lens<number> = amount(one('MOA', { 'amount.qualifier': '12' }, 'amount.amount'));

/** Remittance advice: the one that an 820 with the same content gives. */
export const edifactRemadvRemittance = defineFormMaps({
  standard: 'edifact',
  type: 'REMADV',
  schema: 'remittance',
  also: remittedPayment,
  currency: within('currencies', at('CUX.currency.currency')),
  fields: {
    kind: fixed('BGM.document.documentCode', '481'),
    function: fixed('BGM.function', '9'),
    paymentNo: required(bgmNumber, 'PAYMENT_NUMBER_MISSING', 'payment number (BGM 1004)'),
    paidOn: dtm('137'),
    payer: edifactParty('PR'),
    payee: edifactParty('PE'),
    applications: each(
      'documents',
      record({
        kind: fixed('DOC.document.documentCode', '380'),
        invoiceNo: required(at('DOC.details.number'), 'INVOICE_NUMBER_MISSING', 'invoice number (DOC 1004)'),
        paidMinor: required(moa('12'), 'AMOUNT_INVALID', 'amount paid (MOA 12)'),
        invoicedMinor: moa('77'),
        discountMinor: moa('52'),
        deduction: within(
          'adjustments',
          record({ code: at('AJT.reason'), amountMinor: amount(at('MOA.amount.amount')) }),
        ),
      }),
    ),
    amountMinor: required(summaryAmount, 'AMOUNT_INVALID', 'total (MOA 12 of the summary)'),
  },
  finish(body) {
    body.UNS = { section: 'S' };
    for (const loop of all(body, 'currencies') as Draft[]) setPath(loop, 'CUX.currency.details', '2');
    for (const document of all(body, 'documents')) {
      for (const adjustment of all(document, 'adjustments') as Draft[])
        if (adjustment.MOA !== undefined) setPath(adjustment, 'MOA.amount.qualifier', '165');
    }
  },
});
