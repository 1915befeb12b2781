/** What the inbound X12 maps read alike: parties, references, dates, terms, item numbers and prices, by position and qualifier. */
import type { Static } from 'typebox';
import type { DocumentParty, OrderSubmission, UnitPrice, Windows } from '../model/index.ts';
import { toGtin14 } from '../model/index.ts';
import { MapError } from './map.ts';
import { present } from './native-payload.ts';
import {
  all,
  compact,
  first,
  type GuideLoop,
  type GuideSegment,
  PRICE_BASIS_QUANTITIES,
  text,
  WINDOW_DATES,
} from './x12-guide.ts';

export type Party = Static<typeof DocumentParty>;

/** Qualifiers (element 235) by whom the number belongs to. */
const GTIN_QUALIFIERS = ['UK', 'UP', 'EN', 'UI', 'UA'];
const BUYER_QUALIFIERS = ['IN', 'BP', 'CB', 'SK'];
const VENDOR_QUALIFIERS = ['VN', 'VP', 'VC'];

/** Codes that say the same as the one we write: a schedule as it stands, where nothing was requested. */
const ALSO_WINDOW_DATES: Readonly<Record<string, string>> = { requestedShip: '068', requestedDelivery: '067' };

export function windowsOf(guide: GuideLoop): Windows {
  const windows: Record<string, string | undefined> = {};
  const spans: Record<string, Span> = {};
  for (const [name, code] of Object.entries(WINDOW_DATES)) {
    const span = spanOf(guide, code) ?? spanOf(guide, ALSO_WINDOW_DATES[name]);
    if (span === undefined) continue;
    spans[name] = span;
    // The last day of what must not be later, the first day of anything else.
    windows[name] = name.endsWith('After') ? span.last : span.first;
  }
  // A range where one day is usual is a window.
  const [ship, delivery] = [spans.requestedShip, spans.requestedDelivery];
  if (ship !== undefined && ship.first !== ship.last) {
    windows.shipNotBefore ??= ship.first;
    windows.shipNotAfter ??= ship.last;
  }
  if (delivery !== undefined && delivery.first !== delivery.last) {
    windows.deliverNotBefore ??= delivery.first;
    windows.deliverNotAfter ??= delivery.last;
  }
  return windows as Windows;
}

interface Span {
  first: string;
  last: string;
}

/** DTM02, or DTM06 of the forms D8, D6, RD8 and RD6. */
function spanOf(guide: GuideLoop, code: string | undefined): Span | undefined {
  for (const dtm of all(guide, 'DTM')) {
    if (code === undefined || text(dtm, 'dateQualifier') !== code) continue;
    const form = text(dtm, 'periodFormat') ?? '';
    const written = text(dtm, 'date') ?? (/^R?D[68]$/.test(form) ? text(dtm, 'period') : undefined);
    const [first, last] = (written?.match(/^\d{4}-\d\d-\d\d$|\d+/g) ?? []).map(dayOf);
    if (first !== undefined) return { first, last: last ?? first };
  }
  return undefined;
}

/** A day of eight digits, or of six as releases before 004010 wrote it and some senders still do. */
export function dayOf(written: string | undefined): string | undefined {
  if (written === undefined || /^\d{4}-\d\d-\d\d$/.test(written)) return written;
  const day = /^(\d\d)?(\d\d)(\d\d)(\d\d)$/.exec(written);
  if (day === null) return undefined;
  const [, century = Number(day[2]) >= 70 ? '19' : '20', year, month, date] = day;
  return `${century}${year}-${month}-${date}`;
}

export function referencesOf(guide: GuideLoop): Record<string, string> {
  const references: Record<string, string> = {};
  for (const ref of all(guide, 'REF').slice(0, 40)) {
    const qualifier = text(ref, 'referenceQualifier');
    const value = text(ref, 'reference') ?? text(ref, 'description');
    // The first of a kind stands: a second one would silently replace what the buyer expects to read again.
    if (qualifier !== undefined && value !== undefined) references[qualifier] ??= value.slice(0, 120);
  }
  return references;
}

export function partyOf(loop: GuideLoop): Party {
  const n1 = first(loop, 'N1');
  const code = text(n1, 'id');
  return present({
    role: text(n1, 'entity') ?? 'ZZ',
    raw: code === undefined ? undefined : present({ qualifier: text(n1, 'idQualifier'), code }),
    name: text(n1, 'name'),
    address: addressOf(loop),
  });
}

export function addressOf(loop: GuideLoop): Party['address'] {
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

export function freightOf(guide: GuideLoop): OrderSubmission['freight'] {
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

export function paymentTermsOf(guide: GuideLoop): OrderSubmission['terms'] {
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

/** The numbers as written; orders find the item by them, with cross-references where needed. */
export interface ItemIds {
  gtin?: string;
  buyerItem?: string;
  vendorItem?: string;
}

export function idsOf(po1: GuideSegment | undefined): ItemIds {
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

export function descriptionOf(line: GuideLoop): string | undefined {
  for (const loop of all(line, 'descriptions')) {
    const found = text(first(loop, 'PID'), 'description');
    if (found !== undefined) return found;
  }
  return undefined;
}

export function priceOf(
  po1: GuideSegment | undefined,
  uom: string,
  currency: string,
  path: string,
): UnitPrice | undefined {
  const value = text(po1, 'unitPrice');
  if (value === undefined) return undefined;
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(value)) {
    throw new MapError('PRICE_INVALID', `PO104 ${value} is not a price`, `${path}/unitPrice`);
  }
  return { value, currency, perQty: PRICE_BASIS_QUANTITIES[text(po1, 'priceBasis') ?? ''] ?? '1', uom };
}

export function listed<T>(values: T[]): T[] | undefined {
  return values.length === 0 ? undefined : values;
}
