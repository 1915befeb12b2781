import { isPositiveDecimal, isZeroDecimal, type SalesOrderLine } from '../model/index.ts';
import {
  acknowledgmentType,
  decide,
  hasNewPrice,
  type LineDecision,
  type OrderAcknowledgment,
} from './decide-lines.ts';
import { type EdiTerms, ediTermsOf, unitToPartner } from './edi-terms.ts';
import { defineOutboundMap, MapError } from './map.ts';
import {
  echoItemIds,
  echoLineNumber,
  echoParties,
  echoReferences,
  echoWindows,
  inOrderUnit,
  partyLoop,
  type Segment,
} from './x12-echo.ts';

/** BAK02 codes that say all there is to say without lines. */
const WITHOUT_LINES = new Set(['AK', 'AT', 'RJ']);

/** Purchase order acknowledgment: every line of the order, in the buyer's line number, unit and price basis. */
export const orderToX12_855 = defineOutboundMap<OrderAcknowledgment>({
  connector: 'x12',
  operation: 'order.acknowledge',
  entity: 'document',
  map({ order, date, replaces }, context) {
    const terms = ediTermsOf(context.settings);
    if (order.customerPo === undefined)
      throw new MapError('PO_NUMBER_MISSING', 'The order has no purchase order number');
    const originals = order.lines.filter((line) => line.substitutedFor === undefined);
    const decisions = originals.map((line) => decide(order, line));
    const type = acknowledgmentType(originals, decisions, terms);
    const lines = WITHOUT_LINES.has(type)
      ? []
      : originals.map((line, index) => lineLoop(line, decisions[index] as LineDecision, terms));
    return {
      BAK: {
        purpose: replaces === true ? '05' : '00',
        acknowledgmentType: type,
        poNumber: order.customerPo,
        date: order.orderDate,
        release: order.release,
        acknowledgmentDate: date,
      },
      REF: echoReferences(order, terms),
      DTM: echoWindows(order).slice(0, 10),
      parties: echoParties(order, terms).map((party) => partyLoop(party, true)),
      lines,
      totals: { CTT: { lineCount: String(lines.length) } },
    };
  },
});

function lineLoop(line: SalesOrderLine, decision: LineDecision, terms: EdiTerms): Record<string, unknown> {
  return {
    PO1: {
      lineNumber: echoLineNumber(line),
      quantity: line.ordered.value,
      unit: unitToPartner(terms, line.ordered.uom),
      unitPrice: line.price.value,
      priceBasis: line.priceBasis,
      ids: echoItemIds(line, terms),
    },
    ...(line.description === undefined
      ? {}
      : { descriptions: [{ PID: { descriptionType: 'F', description: line.description.slice(0, 80) } }] }),
    acknowledgments: acknowledgmentsOf(line, decision, terms).map((ACK) => ({ ACK })),
  };
}

function acknowledgmentsOf(line: SalesOrderLine, decision: LineDecision, terms: EdiTerms): Segment[] {
  const codes = terms.lineCodes;
  const inUnit = inOrderUnit(
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
  const { unit } = inUnit;
  const [held, accepted, backordered, rejected, ...substituted] = inUnit.values as [
    string,
    string,
    string,
    string,
    ...string[],
  ];
  const segments: Segment[] = [];
  if (isPositiveDecimal(held)) segments.push({ status: codes.hold, quantity: held, unit });
  if (isPositiveDecimal(accepted)) {
    const status = isPositiveDecimal(backordered)
      ? codes.partial
      : hasNewPrice(line)
        ? codes.priceChanged
        : codes.accepted;
    segments.push({ status, quantity: accepted, unit });
  }
  if (isPositiveDecimal(backordered)) {
    // 068: current schedule ship date.
    const date = line.promisedDate === undefined ? {} : { dateQualifier: '068', date: line.promisedDate };
    segments.push({ status: codes.backordered, quantity: backordered, unit, ...date });
  }
  for (const [index, quantity] of substituted.entries()) {
    const substitute = decision.substituted[index]?.line as SalesOrderLine;
    const ids = [{ qualifier: terms.itemQualifiers.vendor, id: substitute.sku }];
    segments.push({ status: codes.substituted, quantity, unit, ids });
  }
  if (isPositiveDecimal(rejected)) segments.push({ status: codes.rejected, quantity: rejected, unit });
  if (segments.length === 0 && isZeroDecimal(line.q.ordered))
    segments.push({ status: codes.rejected, quantity: '0', unit });
  return segments;
}
