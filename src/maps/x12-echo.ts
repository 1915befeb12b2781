/** What 855, 856 and 810 repeat of the purchase order, in the buyer's own words. */
import { fromBaseExactly, type SalesOrder, type SalesOrderLine } from '../model/index.ts';
import { type EdiTerms, unitToPartner } from './edi-terms.ts';
import { WINDOW_DATES } from './x12-guide.ts';

export type Segment = Record<string, unknown>;

export function echoReferences(order: SalesOrder, terms: EdiTerms): Segment[] {
  const references = Object.entries(order.partnerRefs).map(([referenceQualifier, reference]) => ({
    referenceQualifier,
    reference,
  }));
  const vendorNo = terms.seller.vendorNo;
  if (vendorNo !== undefined && order.partnerRefs.IA === undefined) {
    references.push({ referenceQualifier: 'IA', reference: vendorNo });
  }
  return references;
}

export function echoWindows(order: SalesOrder): Segment[] {
  return Object.entries(WINDOW_DATES).flatMap(([name, dateQualifier]) => {
    const date = order.windows[name as keyof typeof WINDOW_DATES];
    return date === undefined ? [] : [{ dateQualifier, date }];
  });
}

interface PartyLike {
  role: string;
  name?: string;
  raw?: { qualifier?: string; code: string };
  address?: { lines: readonly string[]; city: string; region?: string; postal: string; country: string };
}

/** An N1 loop. `listN4` where the set lets N4 repeat. */
export function partyLoop(party: PartyLike, listN4: boolean): Record<string, unknown> {
  const { address } = party;
  const n4 = address && {
    city: address.city,
    state: address.region,
    postalCode: address.postal,
    // Domestic addresses go without a country, as they came.
    country: address.country === 'US' ? undefined : address.country,
  };
  return {
    N1: {
      entity: party.role,
      name: party.name,
      idQualifier: party.raw && (party.raw.qualifier ?? 'ZZ'),
      id: party.raw?.code,
    },
    ...(address ? { N3: pairs(address.lines).map(([line, more]) => ({ address: line, address2: more })) } : {}),
    ...(n4 ? { N4: listN4 ? [n4] : n4 } : {}),
  };
}

function pairs(lines: readonly string[]): [string, string | undefined][] {
  const result: [string, string | undefined][] = [];
  for (let i = 0; i < lines.length; i += 2) result.push([lines[i] as string, lines[i + 1]]);
  return result;
}

/** The buyer's parties as they came, with the seller added where the buyer named none. */
export function echoParties(order: SalesOrder, terms: EdiTerms, roles?: readonly string[]): PartyLike[] {
  const parties: PartyLike[] = order.parties.filter((party) => roles === undefined || roles.includes(party.role));
  const wanted = (role: string): boolean =>
    (roles === undefined || roles.includes(role)) && !parties.some((party) => party.role === role);
  if (wanted('ST') && !parties.some((party) => party.role === 'BS') && (order.shipTo.raw ?? order.shipTo.address)) {
    parties.push({ role: 'ST', name: order.shipTo.name, raw: order.shipTo.raw, address: order.shipTo.address });
  }
  const { seller } = terms;
  if (wanted('SE') && (seller.name ?? seller.code) !== undefined) {
    const raw = seller.code === undefined ? undefined : { qualifier: seller.qualifier, code: seller.code };
    parties.push({ role: 'SE', name: seller.name, raw });
  }
  return parties;
}

/** The item numbers as the buyer wrote them, for PO1, IT1 and LIN. */
export function echoItemIds(line: SalesOrderLine, terms: EdiTerms): { qualifier: string; id: string }[] {
  const { buyer, vendor, gtin } = terms.itemQualifiers;
  const ids: { qualifier: string; id: string }[] = [];
  if (line.buyerItem !== undefined) ids.push({ qualifier: buyer, id: line.buyerItem });
  ids.push({ qualifier: vendor, id: line.vendorItem ?? line.sku });
  if (line.gtin !== undefined) ids.push(gtinId(line.gtin, gtin));
  return ids;
}

/** A GTIN-14 under the qualifier of its shortest form, unless the agreement names one: UP 12, EN 13, UK 14 digits. */
function gtinId(gtin: string, qualifier: string | undefined): { qualifier: string; id: string } {
  const shortest = gtin.startsWith('00') ? 'UP' : gtin.startsWith('0') ? 'EN' : 'UK';
  const under = qualifier ?? shortest;
  const width = under === 'UP' && gtin.startsWith('00') ? 12 : under === 'EN' && gtin.startsWith('0') ? 13 : 14;
  return { qualifier: under, id: gtin.slice(-width) };
}

/** PO101 as the buyer wrote it; our own number where the buyer wrote none. */
export function echoLineNumber(line: SalesOrderLine): string {
  return line.customerLineNo ?? String(line.lineNo);
}

/**
 * Base-unit quantities of a line in the unit of the purchase order. Where one of them does not come out even there (5
 * pieces of a box of 6), all are given in base units, with their unit beside them: never a rounded quantity.
 */
export function inOrderUnit(
  line: SalesOrderLine,
  base: readonly string[],
  terms: EdiTerms,
): { unit: string; values: string[] } {
  const values = base.map((quantity) => fromBaseExactly(quantity, line.num, line.den));
  return values.every((value) => value !== undefined)
    ? { unit: unitToPartner(terms, line.ordered.uom), values: values as string[] }
    : { unit: unitToPartner(terms, line.baseUom), values: [...base] };
}
