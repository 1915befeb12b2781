import type { SupplierInvoice } from '../model/index.ts';
import { type EdiTerms, ediTermsOf, unitFromPartner } from './edi-terms.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { extended, minorOf } from './read-invoice.ts';
import { all, compact, first, type GuideLoop, qualified, text } from './x12-guide.ts';
import { descriptionOf, idsOf, listed, partyOf, priceOf, referencesOf } from './x12-reading.ts';

/** What a supplier charges us, or our invoice as the buyer reads it. */
export const x12_810ToInvoice = defineInboundMap<GuideLoop>({
  connector: 'x12',
  topic: '810',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const big = first(guide, 'BIG');
    const invoiceNo = text(big, 'invoiceNumber');
    const invoiceDate = text(big, 'date');
    if (invoiceNo === undefined || invoiceDate === undefined)
      throw new MapError('INVOICE_NUMBER_MISSING', 'BIG carries no invoice number or date', 'BIG');
    const currency = text(first(guide, 'CUR'), 'currency') ?? terms.currency;
    const tds = first(guide, 'TDS');
    const total = minorOf(text(tds, 'amount'), currency, 'TDS');
    if (total === undefined) throw new MapError('AMOUNT_INVALID', 'TDS01 carries no total', 'TDS');
    const { SI: shipmentNo, ...references } = referencesOf(guide);
    const value: SupplierInvoice = present({
      partner: terms.partner,
      kind: ['CR', 'CN'].includes(text(big, 'transactionType') ?? '') ? ('creditMemo' as const) : ('invoice' as const),
      invoiceNo,
      invoiceDate,
      dueDate: text(first(guide, 'ITD'), 'netDate') ?? qualified(guide, 'DTM', 'dateQualifier', ['814'], 'date'),
      poNumber: text(big, 'poNumber'),
      orderDate: text(big, 'poDate'),
      shipmentNo,
      currency,
      references,
      parties: listed(all(guide, 'parties').map(partyOf)),
      lines: all(guide, 'lines').map((line, index) => lineOf(line, terms, currency, `lines/${index}`)),
      charges: all(guide, 'charges').flatMap((loop) => chargeOf(loop, currency)),
      taxMinor: all(guide, 'TXI').reduce((sum, txi) => sum + (minorOf(text(txi, 'amount'), currency, 'TXI') ?? 0), 0),
      totalMinor: total,
      cashDiscount: compact({
        ofMinor: minorOf(text(tds, 'discountable'), currency, 'TDS'),
        dueMinor: minorOf(text(tds, 'discountedDue'), currency, 'TDS'),
        amountMinor: minorOf(text(tds, 'discount'), currency, 'TDS'),
      }),
    });
    return [{ kind: 'document', schema: 'supplier-invoice', value }];
  },
});

function chargeOf(loop: GuideLoop, currency: string): SupplierInvoice['charges'] {
  const sac = first(loop, 'SAC');
  const amountMinor = minorOf(text(sac, 'amount'), currency, 'charges');
  if (amountMinor === undefined) return [];
  const kind = text(sac, 'indicator') === 'A' ? 'allowance' : 'charge';
  return [{ kind, code: text(sac, 'code') ?? 'ZZZZ', amountMinor }];
}

function lineOf(line: GuideLoop, terms: EdiTerms, currency: string, path: string): SupplierInvoice['lines'][number] {
  const it1 = first(line, 'IT1');
  const quantity = text(it1, 'quantity');
  const unit = text(it1, 'unit');
  if (quantity === undefined || unit === undefined)
    throw new MapError('QUANTITY_MISSING', `${path} has no invoiced quantity with a unit (IT102, IT103)`, path);
  const uom = unitFromPartner(terms, unit);
  const price = priceOf(it1, uom, currency, path);
  return present({
    lineNo: text(it1, 'lineNumber'),
    ...idsOf(it1),
    description: descriptionOf(line),
    quantity: { value: quantity, uom },
    price,
    amountMinor: extended(quantity, price),
  });
}
