import { formatMinor, type Invoice, minorDigits, type SalesOrder } from '../model/index.ts';
import { checkTotals, type InvoiceLine, type InvoiceNotice, orderedLine, priceInBasis } from './check-invoice.ts';
import { type EdiTerms, ediTermsOf, unitToPartner } from './edi-terms.ts';
import { defineOutboundMap, MapError } from './map.ts';
import { echoItemIds, echoLineNumber, echoParties, echoReferences, partyLoop } from './x12-echo.ts';

/** Invoice in the buyer's line numbers, units and price basis; totals are the issuer's, and they add up. */
export const invoiceToX12_810 = defineOutboundMap<InvoiceNotice>({
  connector: 'x12',
  operation: 'invoice.send',
  entity: 'document',
  map({ order, invoice }, context) {
    const terms = ediTermsOf(context.settings);
    checkTotals(invoice);
    const lines = invoice.lines.map((line) => lineLoop(order, line, terms));
    return {
      BIG: {
        date: invoice.invoiceDate,
        invoiceNumber: invoice.invoiceNo,
        poDate: order.orderDate,
        poNumber: invoice.customerPo ?? order.customerPo,
        release: order.release,
        transactionType: invoice.kind === 'creditMemo' ? 'CR' : undefined,
      },
      CUR: invoice.currency === terms.currency ? undefined : { entity: 'SE', currency: invoice.currency },
      REF: [
        ...echoReferences(order, terms),
        ...(invoice.shipmentNo === undefined ? [] : [{ referenceQualifier: 'SI', reference: invoice.shipmentNo }]),
      ].slice(0, 12),
      parties: echoParties(order, terms).map((party) => partyLoop(party, false)),
      ITD: [paymentTerms(order, invoice)],
      lines,
      TDS: { amount: amount(invoice.totalMinor, invoice.currency) },
      TXI: invoice.taxMinor === 0 ? [] : [{ taxType: 'ST', amount: formatMinor(invoice.taxMinor, invoice.currency) }],
      // D240: freight.
      charges:
        invoice.freightMinor === 0
          ? []
          : [{ SAC: { indicator: 'C', code: 'D240', amount: amount(invoice.freightMinor, invoice.currency) } }],
      CTT: { lineCount: String(lines.length) },
    };
  },
});

/** Elements of type N2 have two implied decimals whatever the currency has. */
function amount(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  if (digits > 2) throw new MapError('CURRENCY_UNSUPPORTED', `An 810 has two decimals; ${currency} has ${digits}`);
  const hundredths = String(Math.abs(minor * 10 ** (2 - digits))).padStart(3, '0');
  return `${minor < 0 ? '-' : ''}${hundredths.slice(0, -2)}.${hundredths.slice(-2)}`;
}

function paymentTerms(order: SalesOrder, invoice: Invoice): Record<string, unknown> {
  const { terms } = order;
  return {
    termsType: terms.code ?? (terms.discPct === undefined ? '05' : '08'),
    basisDate: '3',
    discountPercent: terms.discPct,
    discountDays: terms.discDays === undefined ? undefined : String(terms.discDays),
    netDate: invoice.dueDate,
    netDays: String(terms.netDays),
  };
}

function lineLoop(order: SalesOrder, invoiced: InvoiceLine, terms: EdiTerms): Record<string, unknown> {
  const line = orderedLine(order, invoiced.lineNo, 'invoice');
  return {
    IT1: {
      lineNumber: echoLineNumber(order.lines.find((candidate) => candidate.lineNo === line.substitutedFor) ?? line),
      quantity: invoiced.quantity.value,
      unit: unitToPartner(terms, invoiced.quantity.uom),
      unitPrice: priceInBasis(line, invoiced),
      priceBasis: line.priceBasis,
      ids: echoItemIds(line, terms),
    },
    ...(line.description === undefined
      ? {}
      : { descriptions: [{ PID: { descriptionType: 'F', description: line.description.slice(0, 80) } }] }),
  };
}
