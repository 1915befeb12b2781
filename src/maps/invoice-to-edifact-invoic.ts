import { formatMinor, type Invoice, type SalesOrder } from '../model/index.ts';
import { checkTotals, type InvoiceLine, type InvoiceNotice, orderedLine, priceInBasis } from './check-invoice.ts';
import { chargeToEdifact } from './edifact-codes.ts';
import {
  currencyGroup,
  descriptionSegments,
  itemSegments,
  lineNumberOf,
  orderParties,
  orderReferences,
} from './edifact-echo.ts';
import { amountSegment, dateSegment, quantitySegment, referenceLoop, startOf } from './edifact-guide.ts';
import { type EdiTerms, ediTermsOf, unitToPartner } from './edi-terms.ts';
import { defineOutboundMap } from './map.ts';
import type { Segment } from './x12-echo.ts';

/** Invoice in the buyer's line numbers, units and price basis; amounts are the issuer's, and they add up. */
export const invoiceToEdifactInvoic = defineOutboundMap<InvoiceNotice>({
  connector: 'edifact',
  operation: 'invoice.send',
  entity: 'document',
  map({ order, invoice }, context) {
    const terms = ediTermsOf(context.settings);
    checkTotals(invoice);
    const money = (minor: number): string => formatMinor(minor, invoice.currency);
    const linesMinor = invoice.lines.reduce((sum, line) => sum + line.amountMinor, 0);
    return {
      BGM: startOf(invoice.kind === 'creditMemo' ? '381' : '380', invoice.invoiceNo, '9'),
      DTM: [dateSegment('137', invoice.invoiceDate)],
      references: [
        ...orderReferences({ ...order, customerPo: invoice.customerPo ?? order.customerPo }, terms),
        ...(invoice.shipmentNo === undefined ? [] : [referenceLoop('AAK', invoice.shipmentNo)]),
      ],
      parties: orderParties(order, terms),
      currencies: [currencyGroup(invoice.currency)],
      paymentTerms: paymentTerms(order, invoice),
      charges: invoice.freightMinor === 0 ? [] : [chargeGroup('D240', money(invoice.freightMinor))],
      lines: invoice.lines.map((line) => lineGroup(order, line, terms, money)),
      UNS: { section: 'S' },
      CNT: [{ control: { qualifier: '2', value: String(invoice.lines.length) } }],
      amounts: [
        { MOA: amountSegment('77', money(invoice.totalMinor)) },
        { MOA: amountSegment('79', money(linesMinor)) },
        ...(invoice.freightMinor === 0 ? [] : [{ MOA: amountSegment('131', money(invoice.freightMinor)) }]),
        ...(invoice.taxMinor === 0 ? [] : [{ MOA: amountSegment('124', money(invoice.taxMinor)) }]),
      ],
      taxTotals:
        invoice.taxMinor === 0
          ? []
          : [{ TAX: { function: '7', tax: { type: 'VAT' } }, MOA: [amountSegment('124', money(invoice.taxMinor))] }],
    };
  },
});

function chargeGroup(code: string, amount: string): Segment {
  return {
    ALC: { qualifier: 'C', service: { code: chargeToEdifact(code) } },
    amounts: [{ MOA: amountSegment('8', amount) }],
  };
}

/** PAT 1: net, with the day on which the whole is due. PAT 22: the discount for paying early. */
function paymentTerms({ terms }: SalesOrder, invoice: Invoice): Segment[] {
  const period = (days: number): Segment => ({ reference: '5', relation: '3', periodType: 'D', periods: String(days) });
  const net = { PAT: { type: '1', period: period(terms.netDays) }, DTM: [dateSegment('13', invoice.dueDate)] };
  if (terms.discPct === undefined || terms.discDays === undefined) return [net];
  const discount = {
    PAT: { type: '22', period: period(terms.discDays) },
    PCD: { percentage: { qualifier: '12', percentage: terms.discPct } },
  };
  return [net, discount];
}

function lineGroup(
  order: SalesOrder,
  invoiced: InvoiceLine,
  terms: EdiTerms,
  money: (minor: number) => string,
): Segment {
  const line = orderedLine(order, invoiced.lineNo, 'invoice');
  const ordered = order.lines.find((candidate) => candidate.lineNo === line.substitutedFor) ?? line;
  const { item, PIA } = itemSegments(line, terms);
  const { price, quantity } = invoiced;
  const basis =
    Number(price.perQty) === 1 && price.uom === quantity.uom
      ? {}
      : { basis: price.perQty, unit: unitToPartner(terms, price.uom) };
  return {
    LIN: { lineNumber: lineNumberOf(ordered), item },
    PIA,
    IMD: descriptionSegments(line),
    QTY: [quantitySegment('47', quantity.value, unitToPartner(terms, quantity.uom))],
    amounts: [{ MOA: amountSegment('203', money(invoiced.amountMinor)) }],
    prices: [{ PRI: { price: { qualifier: 'AAA', price: priceInBasis(line, invoiced), ...basis } } }],
  };
}
