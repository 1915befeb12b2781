import type { OrderLineInput, OrderSubmission } from '../model/index.ts';
import { type EdiTerms, ediTermsOf, unitFromPartner } from './edi-terms.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { all, compact, first, type GuideLoop, type GuideSegment, qualified, text } from './x12-guide.ts';
import {
  dayOf,
  descriptionOf,
  freightOf,
  idsOf,
  listed,
  partyOf,
  paymentTermsOf,
  priceOf,
  referencesOf,
  windowsOf,
} from './x12-reading.ts';

/** BEG01. Codes beyond these three meanings are not guessed. */
const PURPOSES: Readonly<Record<string, OrderSubmission['purpose']>> = {
  '00': 'original',
  '06': 'original',
  '07': 'original',
  '49': 'original',
  '01': 'cancel',
  '04': 'change',
  '05': 'change',
};

/** Roles (N101) that say where the goods go, the first one present. */
const SHIP_TO_ROLES = ['ST', 'BS'];

/** X12 850 in its guide form → an order, with everything that the buyer wants to read again on 855, 856 and 810. */
export const x12_850ToOrder = defineInboundMap<GuideLoop>({
  connector: 'x12',
  topic: '850',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const beg = first(guide, 'BEG');
    const customerPo = text(beg, 'poNumber');
    if (customerPo === undefined)
      throw new MapError('PO_NUMBER_MISSING', 'BEG03 carries no purchase order number', 'BEG/poNumber');
    const currency = text(first(guide, 'CUR'), 'currency') ?? terms.currency;
    const windows = windowsOf(guide);
    const shipTo = shipToOf(guide);
    refuseLinesForElsewhere(guide, shipTo);
    const order: OrderSubmission = present({
      channel: terms.channel,
      customer: terms.partner,
      customerPo,
      release: text(beg, 'release'),
      purpose: purposeOf(beg),
      orderDate: dayOf(text(beg, 'date')),
      requestedDate: windows.requestedDelivery ?? windows.requestedShip,
      windows: compact(windows),
      shipTo,
      currency,
      shipComplete: text(first(guide, 'CSH'), 'salesRequirement') === 'SC' ? true : undefined,
      partnerRefs: compact(referencesOf(guide)),
      parties: listed(all(guide, 'parties').slice(0, 20).map(partyOf)),
      freight: freightOf(guide),
      terms: paymentTermsOf(guide),
      test: terms.test ? true : undefined,
      notes: notesOf(guide),
      lines: linesOf(guide, terms, currency),
    });
    return [{ kind: 'order', value: order }];
  },
});

function purposeOf(beg: GuideSegment | undefined): OrderSubmission['purpose'] {
  const code = text(beg, 'purpose') ?? '00';
  const purpose = PURPOSES[code];
  if (purpose === undefined)
    throw new MapError('PURPOSE_UNSUPPORTED', `BEG01 ${code} is no purpose we can act on`, 'BEG/purpose');
  return purpose;
}

/** A line for a place of its own would go with the rest to the order's: refused, so that nothing is shipped to the wrong place. */
function refuseLinesForElsewhere(guide: GuideLoop, shipTo: OrderSubmission['shipTo']): void {
  for (const [index, line] of all(guide, 'lines').entries()) {
    const party = all(line, 'parties').find((one) => text(first(one, 'N1'), 'entity') === 'ST');
    const code = party === undefined ? undefined : partyOf(party).raw?.code;
    if (code === undefined || code === codeOf(shipTo)) continue;
    const message = `Line ${index + 1} goes to ${code} (N1*ST), not where the order goes; split the order by place`;
    throw new MapError('SHIP_TO_MIXED', message, `lines/${index}/parties`);
  }
}

function codeOf(shipTo: OrderSubmission['shipTo']): string | undefined {
  return typeof shipTo === 'object' && 'code' in shipTo ? shipTo.code.code : undefined;
}

function shipToOf(guide: GuideLoop): OrderSubmission['shipTo'] {
  for (const role of SHIP_TO_ROLES) {
    const loop = all(guide, 'parties').find((party) => text(first(party, 'N1'), 'entity') === role);
    if (loop === undefined) continue;
    const party = partyOf(loop);
    // The code goes on as written: orders find the address by GLN or cross-reference, and 855 and 856 repeat it.
    if (party.raw !== undefined) return present({ code: party.raw, name: party.name, address: party.address });
    if (party.address !== undefined) return present({ name: party.name, address: party.address });
  }
  // Store quantities without a place for the whole: each store would be an order of its own, which nobody asked for.
  if (all(guide, 'lines').some((line) => all(line, 'SDQ').length > 0)) {
    throw new MapError(
      'SHIP_TO_MISSING',
      'Lines name stores (SDQ), but no ship-to (N1*ST) takes the whole order',
      'parties',
    );
  }
  return undefined;
}

/** Free text of the header (N9/MSG), and how stores share the lines (SDQ), for people to read. */
function notesOf(guide: GuideLoop): string[] | undefined {
  const messages = all(guide, 'notes').flatMap((loop) =>
    all(loop, 'MSG').map((msg) => text(msg, 'message') ?? text(msg, 'text')),
  );
  const stores = all(guide, 'lines').map((line) => storesOf(line));
  return listed(
    [...messages, ...stores]
      .filter((note) => note !== undefined)
      .map((note) => note.slice(0, 500))
      .slice(0, 20),
  );
}

function storesOf(line: GuideLoop): string | undefined {
  const shares = all(line, 'SDQ').flatMap((sdq) =>
    all(sdq, 'stores').map((store) => `${text(store, 'location')}=${text(store, 'quantity')}`),
  );
  return shares.length === 0
    ? undefined
    : `Line ${text(first(line, 'PO1'), 'lineNumber') ?? '?'} by store: ${shares.join(' ')}`;
}

function linesOf(guide: GuideLoop, terms: EdiTerms, currency: string): OrderLineInput[] {
  const lines = all(guide, 'lines');
  if (lines.length === 0) throw new MapError('LINES_MISSING', 'The order has no lines', 'lines');
  if (lines.length > 1000)
    throw new MapError('TOO_MANY_LINES', `The order has ${lines.length} lines; 1000 are taken`, 'lines');
  return lines.map((line, index) => lineOf(line, index, terms, currency));
}

function lineOf(line: GuideLoop, index: number, terms: EdiTerms, currency: string): OrderLineInput {
  const po1 = first(line, 'PO1');
  const path = `lines/${index}/PO1`;
  const quantity = text(po1, 'quantity');
  const unit = text(po1, 'unit');
  if (quantity === undefined || unit === undefined) {
    // A quantity without a unit does not exist.
    throw new MapError(
      'QUANTITY_MISSING',
      `Line ${index + 1} has no quantity with a unit (PO102, PO103)`,
      `${path}/quantity`,
    );
  }
  const ids = idsOf(po1);
  const uom = unitFromPartner(terms, unit);
  return present({
    customerLineNo: text(po1, 'lineNumber'),
    gtin: ids.gtin,
    buyerItem: ids.buyerItem,
    vendorItem: ids.vendorItem,
    description: descriptionOf(line),
    quantity: { value: quantity, uom },
    price: priceOf(po1, uom, currency, path),
    priceBasis: text(po1, 'priceBasis'),
    packFactor: text(first(line, 'PO4'), 'pack'),
    requestedDate: dayOf(qualified(line, 'DTM', 'dateQualifier', ['002', '010'], 'date')),
  });
}
