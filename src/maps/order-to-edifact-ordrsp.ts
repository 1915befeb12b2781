import { addDecimals, isPositiveDecimal, type SalesOrderLine } from '../model/index.ts';
import {
  acknowledgmentType,
  decide,
  hasNewPrice,
  type LineDecision,
  type OrderAcknowledgment,
} from './decide-lines.ts';
import {
  currencyGroup,
  descriptionSegments,
  itemSegments,
  lineNumberOf,
  orderParties,
  orderReferences,
  orderWindows,
} from './edifact-echo.ts';
import { dateSegment, quantitySegment, startOf } from './edifact-guide.ts';
import { type EdiTerms, ediTermsOf, unitToPartner } from './edi-terms.ts';
import { defineOutboundMap, MapError } from './map.ts';
import { inOrderUnit, type Segment } from './x12-echo.ts';

/**
 * Purchase order response: every line of the order under the buyer's number. One LIN says what is accepted (QTY 113) and
 * backordered (QTY 83) of what was ordered (QTY 21); what comes instead, is refused or still open beside that is a
 * sub-line (C829) of its own.
 */
export const orderToEdifactOrdrsp = defineOutboundMap<OrderAcknowledgment>({
  connector: 'edifact',
  operation: 'order.acknowledge',
  entity: 'document',
  map({ order, date }, context) {
    const terms = ediTermsOf(context.settings);
    if (order.customerPo === undefined)
      throw new MapError('PO_NUMBER_MISSING', 'The order has no purchase order number');
    const originals = order.lines.filter((line) => line.substitutedFor === undefined);
    const decisions = originals.map((line) => decide(order, line));
    const answer = acknowledgmentType(originals, decisions, terms);
    const lines = originals.flatMap((line, index) => lineLoops(line, decisions[index] as LineDecision, terms));
    return {
      BGM: startOf('231', order.orderNo, answer),
      DTM: [dateSegment('137', date), ...orderWindows(order)],
      references: orderReferences(order, terms),
      parties: orderParties(order, terms),
      currencies: [currencyGroup(order.currency)],
      lines,
      UNS: { section: 'S' },
      CNT: [{ control: { qualifier: '2', value: String(lines.length) } }],
    };
  },
});

function lineLoops(line: SalesOrderLine, decision: LineDecision, terms: EdiTerms): Segment[] {
  const codes = terms.lineCodes;
  const { unit, values } = inOrderUnit(
    line,
    [
      decision.held,
      decision.accepted,
      decision.backordered,
      decision.rejected,
      ...decision.substituted.map((s) => s.quantity),
    ],
    terms,
  );
  const [held, accepted, backordered, rejected, ...substituted] = values as [
    string,
    string,
    string,
    string,
    ...string[],
  ];
  const onlyRejected = rejected !== '0' && addDecimals(decision.held, decision.accepted, decision.backordered) === '0';
  const action = onlyRejected
    ? codes.rejected
    : isPositiveDecimal(held)
      ? codes.hold
      : isPositiveDecimal(backordered)
        ? codes.partial
        : hasNewPrice(line)
          ? codes.priceChanged
          : isPositiveDecimal(accepted) && addDecimals(rejected, ...substituted) === '0'
            ? codes.accepted
            : codes.quantityChanged;
  const main = {
    ...head(line, action, terms),
    QTY: [
      quantitySegment('21', line.ordered.value, unitToPartner(terms, line.ordered.uom)),
      ...(isPositiveDecimal(accepted) ? [quantitySegment('113', accepted, unit)] : []),
      ...(isPositiveDecimal(backordered) ? [quantitySegment('83', backordered, unit)] : []),
    ],
    // 79: shipment date promised for.
    DTM:
      isPositiveDecimal(backordered) && line.promisedDate !== undefined ? [dateSegment('79', line.promisedDate)] : [],
    prices: [priceGroup(line, terms)],
  };
  const parts: Segment[] = [];
  for (const [index, quantity] of substituted.entries()) {
    const substitute = decision.substituted[index]?.line as SalesOrderLine;
    parts.push({
      ...subLine(line, codes.substituted, itemSegments(substitute, terms)),
      QTY: [quantitySegment('113', quantity, unit)],
    });
  }
  if (isPositiveDecimal(rejected) && !onlyRejected)
    parts.push({
      ...subLine(line, codes.rejected, itemSegments(line, terms)),
      QTY: [quantitySegment('21', rejected, unit)],
    });
  return [main, ...parts];
}

function head(line: SalesOrderLine, action: string, terms: EdiTerms): Segment {
  const { item, PIA } = itemSegments(line, terms);
  return { LIN: { lineNumber: lineNumberOf(line), action, item }, PIA, IMD: descriptionSegments(line) };
}

/** Part of a line: the same number, and C829 with the line that it belongs to. */
function subLine(line: SalesOrderLine, action: string, { item, PIA }: ReturnType<typeof itemSegments>): Segment {
  const lineNumber = lineNumberOf(line);
  return { LIN: { lineNumber, action, item, subline: { subline: '1', lineNumber } }, PIA };
}

function priceGroup(line: SalesOrderLine, terms: EdiTerms): Segment {
  const { price } = line;
  const basis =
    Number(price.perQty) === 1 && price.uom === line.ordered.uom
      ? {}
      : { basis: price.perQty, unit: unitToPartner(terms, price.uom) };
  return { PRI: { price: { qualifier: 'AAA', price: price.value, ...basis } } };
}
