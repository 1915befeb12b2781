import type { SupplierInvoice } from '../model/index.ts';
import { chargeFromEdifact } from './edifact-codes.ts';
import {
  all,
  amountOf,
  dated,
  documentNumber,
  first,
  type GuideLoop,
  part,
  referenced,
  text,
} from './edifact-guide.ts';
import { orderDateOf } from './edifact-ordrsp-to-acknowledgment.ts';
import { currencyOf, descriptionOf, idsOf, partiesOf, priceOf, quantityOf, referencesOf } from './edifact-reading.ts';
import { type EdiTerms, ediTermsOf } from './edi-terms.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { extended, minorOf } from './read-invoice.ts';
import { listed } from './x12-reading.ts';

/** BGM 1001: credit notes. */
const CREDITS = new Set(['381', '83', '308', '396']);

/** What a supplier charges: the very invoice that an 810 with the same content gives. */
export const edifactInvoicToInvoice = defineInboundMap<GuideLoop>({
  connector: 'edifact',
  topic: 'INVOIC',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const invoiceNo = documentNumber(guide);
    const invoiceDate = dated(guide, '137', '3');
    if (invoiceNo === undefined || invoiceDate === undefined)
      throw new MapError('INVOICE_NUMBER_MISSING', 'The invoice has no number (BGM 1004) or date (DTM 137)', 'BGM');
    const currency = currencyOf(guide, terms);
    const total = minorOf(amountOf(guide, '77', '86', '9'), currency, 'amounts');
    if (total === undefined) throw new MapError('AMOUNT_INVALID', 'MOA 77 carries no total', 'amounts');
    const value: SupplierInvoice = present({
      partner: terms.partner,
      kind: CREDITS.has(part(first(guide, 'BGM'), 'document', 'documentCode') ?? '')
        ? ('creditMemo' as const)
        : ('invoice' as const),
      invoiceNo,
      invoiceDate,
      dueDate: all(guide, 'paymentTerms').flatMap((loop) => dated(loop, '13', '12') ?? [])[0],
      poNumber: referenced(guide, 'ON'),
      orderDate: orderDateOf(guide),
      shipmentNo: referenced(guide, 'AAK', 'DQ'),
      currency,
      references: referencesOf(guide, ['ON', 'RE', 'AAK', 'DQ']),
      parties: listed(partiesOf(guide)),
      lines: all(guide, 'lines').map((line, index) => lineOf(line, terms, currency, `lines/${index}`)),
      charges: all(guide, 'charges').flatMap((loop) => chargeOf(loop, currency)),
      taxMinor: minorOf(amountOf(guide, '124', '176'), currency, 'amounts') ?? taxTotal(guide, currency),
      totalMinor: total,
    });
    return [{ kind: 'document', schema: 'supplier-invoice', value }];
  },
});

function taxTotal(guide: GuideLoop, currency: string): number {
  const amounts = all(guide, 'taxTotals').flatMap(
    (loop) => minorOf(amountOf(loop, '124'), currency, 'taxTotals') ?? [],
  );
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

function chargeOf(loop: GuideLoop, currency: string): SupplierInvoice['charges'] {
  const alc = first(loop, 'ALC');
  const amountMinor = minorOf(amountOf(loop, '8', '23', '204'), currency, 'charges');
  if (amountMinor === undefined) return [];
  const kind = text(alc, 'qualifier') === 'A' ? 'allowance' : 'charge';
  return [{ kind, code: chargeFromEdifact(part(alc, 'service', 'code') ?? 'ZZZZ'), amountMinor }];
}

function lineOf(line: GuideLoop, terms: EdiTerms, currency: string, path: string): SupplierInvoice['lines'][number] {
  const quantity = quantityOf(line, terms, path, '47');
  if (quantity === undefined) throw new MapError('QUANTITY_MISSING', `${path} has no invoiced quantity (QTY 47)`, path);
  const price = priceOf(line, quantity.uom, terms, currency, path);
  return present({
    lineNo: text(first(line, 'LIN'), 'lineNumber'),
    ...idsOf(line),
    description: descriptionOf(line),
    quantity,
    price,
    amountMinor: minorOf(amountOf(line, '203', '66'), currency, path) ?? extended(quantity.value, price),
  });
}
