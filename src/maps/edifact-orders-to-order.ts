import type { OrderLineInput, OrderSubmission } from '../model/index.ts';
import {
  all,
  composite,
  counted,
  dated,
  documentNumber,
  first,
  type GuideLoop,
  part,
  referenced,
  text,
} from './edifact-guide.ts';
import {
  currencyOf,
  descriptionOf,
  freightOf,
  idsOf,
  notesOf,
  partiesOf,
  paymentTermsOf,
  priceOf,
  quantityOf,
  referencesOf,
  windowsOf,
} from './edifact-reading.ts';
import { type EdiTerms, ediTermsOf } from './edi-terms.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { compact } from './x12-guide.ts';
import { listed } from './x12-reading.ts';

/** BGM 1225. Codes beyond these three meanings are not guessed. */
const PURPOSES: Readonly<Record<string, OrderSubmission['purpose']>> = {
  '9': 'original',
  '6': 'original',
  '7': 'original',
  '31': 'original',
  '1': 'cancel',
  '4': 'change',
  '5': 'change',
};

/** EDIFACT ORDERS in its guide form → an order: the very one that an 850 with the same content gives. */
export const edifactOrdersToOrder = defineInboundMap<GuideLoop>({
  connector: 'edifact',
  topic: 'ORDERS',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const customerPo = documentNumber(guide);
    if (customerPo === undefined)
      throw new MapError('PO_NUMBER_MISSING', 'BGM 1004 carries no purchase order number', 'BGM/number');
    const currency = currencyOf(guide, terms);
    const windows = windowsOf(guide);
    const order: OrderSubmission = present({
      channel: terms.channel,
      customer: terms.partner,
      customerPo,
      release: referenced(guide, 'RE'),
      purpose: purposeOf(guide),
      orderDate: dated(guide, '137', '4'),
      requestedDate: windows.requestedDelivery ?? windows.requestedShip,
      windows: compact(windows),
      shipTo: shipToOf(guide),
      currency,
      partnerRefs: compact(referencesOf(guide, ['RE', 'ON'])),
      parties: listed(partiesOf(guide).slice(0, 20)),
      freight: freightOf(guide),
      terms: paymentTermsOf(guide),
      test: terms.test ? true : undefined,
      notes: listed([...notesOf(guide), ...all(guide, 'lines').flatMap(storesOf)].slice(0, 20)),
      lines: linesOf(guide, terms, currency),
    });
    return [{ kind: 'order', value: order }];
  },
});

function purposeOf(guide: GuideLoop): OrderSubmission['purpose'] {
  const code = text(first(guide, 'BGM'), 'function') ?? '9';
  const purpose = PURPOSES[code];
  if (purpose === undefined)
    throw new MapError('PURPOSE_UNSUPPORTED', `BGM 1225 ${code} is no purpose we can act on`, 'BGM/function');
  return purpose;
}

function shipToOf(guide: GuideLoop): OrderSubmission['shipTo'] {
  for (const role of ['ST', 'UC', 'CN']) {
    const party = partiesOf(guide).find((one) => one.role === role);
    if (party?.raw !== undefined) return present({ code: party.raw, name: party.name, address: party.address });
    if (party?.address !== undefined) return present({ name: party.name, address: party.address });
  }
  // Shares without a place for the whole: each place would be an order of its own, which nobody asked for.
  if (all(guide, 'lines').some((line) => storesOf(line).length > 0))
    throw new MapError(
      'SHIP_TO_MISSING',
      'Lines name places (LOC, QTY), but no party takes the whole order',
      'parties',
    );
  return undefined;
}

/** How places of the buyer's share the line (LOC with QTY), for people to read. */
function storesOf(line: GuideLoop): string[] {
  const shares = all(line, 'places').flatMap((place) => {
    const location = part(first(place, 'LOC'), 'location', 'placeCode');
    const quantity = counted(place, '11', '21')?.value ?? text(composite(first(place, 'QTY'), 'quantity'), 'quantity');
    return location === undefined || quantity === undefined ? [] : [`${location}=${quantity}`];
  });
  return shares.length === 0
    ? []
    : [`Line ${text(first(line, 'LIN'), 'lineNumber') ?? '?'} by store: ${shares.join(' ')}`.slice(0, 500)];
}

function linesOf(guide: GuideLoop, terms: EdiTerms, currency: string): OrderLineInput[] {
  const lines = all(guide, 'lines');
  if (lines.length === 0) throw new MapError('LINES_MISSING', 'The order has no lines', 'lines');
  if (lines.length > 1000)
    throw new MapError('TOO_MANY_LINES', `The order has ${lines.length} lines; 1000 are taken`, 'lines');
  return lines.map((line, index) => {
    const path = `lines/${index}`;
    const quantity = quantityOf(line, terms, `${path}/QTY`, '21', '1');
    if (quantity === undefined)
      throw new MapError('QUANTITY_MISSING', `Line ${index + 1} has no ordered quantity (QTY 21)`, `${path}/QTY`);
    const price = priceOf(line, quantity.uom, terms, currency, `${path}/prices`);
    return present({
      customerLineNo: text(first(line, 'LIN'), 'lineNumber'),
      ...idsOf(line),
      description: descriptionOf(line),
      quantity,
      price,
      priceBasis: price === undefined ? undefined : PRICE_BASES[price.perQty],
      packFactor: counted(line, '59')?.value,
      requestedDate: dated(line, '2', '10'),
    });
  });
}

/** Element 639, by which 855 and 810 repeat the basis of a price. */
const PRICE_BASES: Readonly<Record<string, string>> = { '100': 'HP', '1000': 'TP' };
