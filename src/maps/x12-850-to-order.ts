import type { Static } from 'typebox';
import type { DocumentParty, OrderLineInput, OrderSubmission, Windows } from '../model/index.ts';
import { toGtin14 } from '../model/index.ts';
import { type EdiTerms, ediTermsOf, unitFromPartner } from './edi-terms.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import {
  all,
  compact,
  first,
  type GuideLoop,
  type GuideSegment,
  PRICE_BASIS_QUANTITIES,
  qualified,
  text,
  WINDOW_DATES,
} from './x12-guide.ts';

type Party = Static<typeof DocumentParty>;

/** Qualifiers (element 235) by whom the number belongs to. */
const GTIN_QUALIFIERS = ['UK', 'UP', 'EN', 'UI', 'UA'];
const BUYER_QUALIFIERS = ['IN', 'BP', 'CB', 'SK'];
const VENDOR_QUALIFIERS = ['VN', 'VP', 'VC'];

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
    const order: OrderSubmission = present({
      channel: terms.channel,
      customer: terms.partner,
      customerPo,
      release: text(beg, 'release'),
      purpose: purposeOf(beg),
      orderDate: text(beg, 'date'),
      requestedDate: windows.requestedDelivery ?? windows.requestedShip,
      windows: compact(windows),
      shipTo: shipToOf(guide),
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

function windowsOf(guide: GuideLoop): Windows {
  const windows: Record<string, string | undefined> = {};
  for (const [name, code] of Object.entries(WINDOW_DATES)) {
    windows[name] = qualified(guide, 'DTM', 'dateQualifier', [code], 'date');
  }
  return windows as Windows;
}

function referencesOf(guide: GuideLoop): Record<string, string> {
  const references: Record<string, string> = {};
  for (const ref of all(guide, 'REF').slice(0, 40)) {
    const qualifier = text(ref, 'referenceQualifier');
    const value = text(ref, 'reference') ?? text(ref, 'description');
    // The first of a kind stands: a second one would silently replace what the buyer expects to read again.
    if (qualifier !== undefined && value !== undefined) references[qualifier] ??= value.slice(0, 120);
  }
  return references;
}

function partyOf(loop: GuideLoop): Party {
  const n1 = first(loop, 'N1');
  const code = text(n1, 'id');
  return present({
    role: text(n1, 'entity') ?? 'ZZ',
    raw: code === undefined ? undefined : present({ qualifier: text(n1, 'idQualifier'), code }),
    name: text(n1, 'name'),
    address: addressOf(loop),
  });
}

function addressOf(loop: GuideLoop): Party['address'] {
  const lines = all(loop, 'N3')
    .flatMap((n3) => [text(n3, 'address'), text(n3, 'address2')])
    .filter((line) => line !== undefined)
    .slice(0, 4);
  const n4 = first(loop, 'N4');
  const city = text(n4, 'city');
  const postal = text(n4, 'postalCode');
  if (lines.length === 0 || city === undefined || postal === undefined) return undefined;
  const country = text(n4, 'country');
  return present({
    lines,
    city,
    region: text(n4, 'state'),
    postal,
    // N404 is optional for domestic orders; a code that is not ISO 3166 alpha-2 is left to the party's own record.
    country: country !== undefined && /^[A-Z]{2}$/.test(country) ? country : 'US',
  });
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

function freightOf(guide: GuideLoop): OrderSubmission['freight'] {
  const td5 = first(guide, 'TD5');
  const id = text(td5, 'id');
  // TD502 2 announces a SCAC, yet real files put whole carrier names there.
  const scac = text(td5, 'idQualifier') === '2' && id !== undefined && /^[A-Z]{2,4}$/.test(id) ? id : undefined;
  return compact({
    payer: text(first(guide, 'FOB'), 'paymentMethod'),
    scac,
    service: text(td5, 'serviceLevel'),
    routing: text(td5, 'routing') ?? (scac === undefined ? id : undefined),
  });
}

function paymentTermsOf(guide: GuideLoop): OrderSubmission['terms'] {
  const itd = first(guide, 'ITD');
  const days = (name: string): number | undefined => {
    const value = text(itd, name);
    return value === undefined || !/^\d{1,3}$/.test(value) ? undefined : Number(value);
  };
  return compact({
    code: text(itd, 'termsType'),
    netDays: days('netDays'),
    discPct: text(itd, 'discountPercent'),
    discDays: days('discountDays'),
    text: text(itd, 'description'),
  });
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
    requestedDate: qualified(line, 'DTM', 'dateQualifier', ['002', '010'], 'date'),
  });
}

/** The numbers as written; orders find the item by them, with cross-references where needed. */
interface ItemIds {
  gtin?: string;
  buyerItem?: string;
  vendorItem?: string;
}

function idsOf(po1: GuideSegment | undefined): ItemIds {
  const pairs = all(po1, 'ids').map((pair) => ({
    qualifier: text(pair, 'qualifier') ?? '',
    id: text(pair, 'id') ?? '',
  }));
  const pick = (qualifiers: readonly string[]): string | undefined => {
    for (const qualifier of qualifiers) {
      const found = pairs.find((pair) => pair.qualifier === qualifier && pair.id !== '');
      if (found !== undefined) return found.id;
    }
    return undefined;
  };
  const gtin = pick(GTIN_QUALIFIERS);
  return present({
    // Twelve and thirteen digits under any of the qualifiers: senders mix them.
    gtin: gtin !== undefined && /^\d{8,14}$/.test(gtin) ? toGtin14(gtin) : undefined,
    buyerItem: pick(BUYER_QUALIFIERS),
    vendorItem: pick(VENDOR_QUALIFIERS),
  });
}

function descriptionOf(line: GuideLoop): string | undefined {
  for (const loop of all(line, 'descriptions')) {
    const found = text(first(loop, 'PID'), 'description');
    if (found !== undefined) return found;
  }
  return undefined;
}

function priceOf(po1: GuideSegment | undefined, uom: string, currency: string, path: string): OrderLineInput['price'] {
  const value = text(po1, 'unitPrice');
  if (value === undefined) return undefined;
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(value)) {
    throw new MapError('PRICE_INVALID', `PO104 ${value} is not a price`, `${path}/unitPrice`);
  }
  return { value, currency, perQty: PRICE_BASIS_QUANTITIES[text(po1, 'priceBasis') ?? ''] ?? '1', uom };
}

function listed<T>(values: T[]): T[] | undefined {
  return values.length === 0 ? undefined : values;
}
