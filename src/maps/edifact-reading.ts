/** What the inbound EDIFACT maps read alike: parties, references, dates, terms, item numbers, quantities and prices. */
import type { OrderSubmission, Quantity, UnitPrice, Windows } from '../model/index.ts';
import { toGtin14 } from '../model/index.ts';
import { agencyFromEdifact, roleFromEdifact, termsFromEdifact, WINDOW_QUALIFIERS } from './edifact-codes.ts';
import {
  all,
  composite,
  counted,
  dated,
  first,
  type GuideLoop,
  part,
  qualifiedBy,
  referenceSegments,
  text,
} from './edifact-guide.ts';
import { type EdiTerms, unitFromPartner } from './edi-terms.ts';
import { MapError } from './map.ts';
import { present } from './native-payload.ts';
import { compact } from './x12-guide.ts';
import type { ItemIds, Party } from './x12-reading.ts';

/** Item number types (7143) by whom the number belongs to. */
const GTIN_TYPES = ['SRV', 'EN', 'UP', 'UA'];
const BUYER_TYPES = ['IN', 'BP'];
const VENDOR_TYPES = ['SA', 'VN', 'MF'];
/** Prices (5125): net before gross, before what was only calculated or told. */
const PRICE_TYPES = ['AAA', 'AAB', 'CAL', 'INV', 'INF'];

export function partyOf(loop: GuideLoop): Party {
  const nad = first(loop, 'NAD');
  const code = part(nad, 'id', 'id');
  const agency = part(nad, 'id', 'agency');
  const qualifier = agency === undefined ? undefined : agencyFromEdifact(agency);
  const names = composite(nad, 'party');
  const name = [text(names, 'name'), text(names, 'name2')].filter((line) => line !== undefined).join(' ');
  const free = composite(nad, 'address');
  return present({
    role: roleFromEdifact(text(nad, 'qualifier') ?? 'ZZ'),
    raw: code === undefined ? undefined : present({ qualifier, code }),
    name: (name === '' ? undefined : name) ?? text(free, 'line'),
    address: addressOf(loop),
  });
}

function addressOf(loop: GuideLoop): Party['address'] {
  const nad = first(loop, 'NAD');
  const street = composite(nad, 'street');
  const lines = ['street', 'street2', 'street3', 'street4'].flatMap((name) => text(street, name) ?? []);
  const city = text(nad, 'city');
  const postal = text(nad, 'postalCode');
  const country = text(nad, 'country');
  if (lines.length === 0 || city === undefined || postal === undefined) return undefined;
  // 3207 is ISO 3166 alpha-2. Without it there is no country to assume: trade by EDIFACT crosses borders.
  if (country === undefined || !/^[A-Z]{2}$/.test(country)) return undefined;
  return present({ lines, city, region: text(nad, 'region') ?? part(nad, 'region', 'region'), postal, country });
}

export function partiesOf(from: GuideLoop): Party[] {
  return all(from, 'parties').map(partyOf);
}

/** References by their qualifier, without those that have a field of their own. */
export function referencesOf(from: GuideLoop, without: readonly string[]): Record<string, string> {
  const references: Record<string, string> = {};
  for (const { rff } of referenceSegments(from).slice(0, 40)) {
    const qualifier = part(rff, 'reference', 'qualifier');
    const number = part(rff, 'reference', 'number');
    if (qualifier === undefined || number === undefined || without.includes(qualifier)) continue;
    references[qualifier] ??= number.slice(0, 120);
  }
  return references;
}

export function windowsOf(guide: GuideLoop): Windows {
  return Object.fromEntries(
    Object.entries(WINDOW_QUALIFIERS).map(([name, code]) => [name, dated(guide, code)]),
  ) as Windows;
}

export function currencyOf(guide: GuideLoop, terms: EdiTerms): string {
  for (const loop of [...all(guide, 'currencies'), ...all(guide, 'CUX').map((CUX) => ({ CUX }))]) {
    const currency = part(first(loop, 'CUX'), 'currency', 'currency');
    if (currency !== undefined) return currency;
  }
  return terms.currency;
}

export function freightOf(guide: GuideLoop): OrderSubmission['freight'] {
  const tod = first(all(guide, 'deliveryTerms')[0], 'TOD');
  const tdt = first(all(guide, 'transports')[0], 'TDT');
  const carrier = part(tdt, 'carrier', 'carrier');
  const scac = carrier !== undefined && /^[A-Z]{2,4}$/.test(carrier) ? carrier : undefined;
  const routing = part(tdt, 'carrier', 'carrierName') ?? (scac === undefined ? carrier : undefined);
  return compact({ payer: text(tod, 'payment'), scac, routing });
}

export function paymentTermsOf(guide: GuideLoop): OrderSubmission['terms'] {
  const loops = all(guide, 'paymentTerms');
  const ofType = (types: readonly string[]) =>
    loops.find((loop) => types.includes(text(first(loop, 'PAT'), 'type') ?? ''));
  const discount = ofType(['22']);
  const net = ofType(['1', '3', '7']);
  const days = (loop: GuideLoop | undefined): number | undefined => {
    const pat = first(loop, 'PAT');
    const periods = part(pat, 'period', 'periods');
    // 2151 D: days. Weeks and months have no exact number of days, so they stay text.
    return periods !== undefined && part(pat, 'period', 'periodType') === 'D' && /^\d{1,3}$/.test(periods)
      ? Number(periods)
      : undefined;
  };
  const type = text(first(discount ?? net, 'PAT'), 'type');
  return compact({
    code: type === undefined ? undefined : termsFromEdifact(type),
    netDays: days(net),
    discPct: text(qualifiedBy(discount, 'PCD', 'percentage', ['12', '15', '3']), 'percentage'),
    discDays: days(discount),
    text: loops.map((loop) => part(first(loop, 'PAT'), 'terms', 'terms')).find((terms) => terms !== undefined),
  });
}

/** Free text (FTX) for people to read. */
export function notesOf(from: GuideLoop): string[] {
  return all(from, 'FTX').flatMap((ftx) => {
    const lines = composite(ftx, 'text');
    const joined = ['text', 'text2', 'text3', 'text4', 'text5'].flatMap((name) => text(lines, name) ?? []).join(' ');
    return joined === '' ? [] : [joined.slice(0, 500)];
  });
}

/** Item numbers of LIN and PIA; the first of a kind stands. Substitutes (PIA 3 and 4) are not among them. */
export function idsOf(line: GuideLoop): ItemIds {
  const items = [composite(first(line, 'LIN'), 'item')];
  for (const pia of all(line, 'PIA')) {
    if (!['1', '5'].includes(text(pia, 'function') ?? '')) continue;
    for (const name of ['item', 'item2', 'item3', 'item4', 'item5']) items.push(composite(pia, name));
  }
  const pick = (types: readonly string[]): string | undefined => {
    for (const type of types) {
      const found = items.find((item) => text(item, 'type') === type && text(item, 'id') !== undefined);
      if (found !== undefined) return text(found, 'id');
    }
    return undefined;
  };
  const gtin = pick(GTIN_TYPES);
  return present({
    gtin: gtin !== undefined && /^\d{8,14}$/.test(gtin) ? toGtin14(gtin) : undefined,
    buyerItem: pick(BUYER_TYPES),
    vendorItem: pick(VENDOR_TYPES),
  });
}

export function descriptionOf(line: GuideLoop): string | undefined {
  for (const imd of all(line, 'IMD')) {
    const about = composite(imd, 'description');
    const joined = [text(about, 'description'), text(about, 'description2')]
      .filter((one) => one !== undefined)
      .join(' ');
    if (joined !== '') return joined;
  }
  return undefined;
}

/**
 * A quantity with its unit. EANCOM leaves the unit out where the item number implies it: then the agreement's unit counts,
 * and without one there is no quantity.
 */
export function quantityOf(line: GuideLoop, terms: EdiTerms, path: string, ...codes: string[]): Quantity | undefined {
  const found = counted(line, ...codes);
  if (found === undefined) return undefined;
  const uom = found.unit === undefined ? terms.defaultUnit : unitFromPartner(terms, found.unit);
  if (uom === undefined) {
    throw new MapError('QUANTITY_MISSING', `${path} names no unit (6411), and the agreement has none to assume`, path);
  }
  return { value: found.value, uom };
}

export function priceOf(
  line: GuideLoop,
  uom: string,
  terms: EdiTerms,
  currency: string,
  path: string,
): UnitPrice | undefined {
  const price = PRICE_TYPES.flatMap((type) =>
    all(line, 'prices').flatMap((loop) => {
      const found = composite(first(loop, 'PRI'), 'price');
      return text(found, 'qualifier') === type ? [found] : [];
    }),
  )[0];
  const value = text(price, 'price');
  if (value === undefined) return undefined;
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(value)) throw new MapError('PRICE_INVALID', `PRI ${value} is not a price`, path);
  const unit = text(price, 'unit');
  return {
    value,
    currency,
    perQty: text(price, 'basis') ?? '1',
    uom: unit === undefined ? uom : unitFromPartner(terms, unit),
  };
}
