/** What ORDRSP, DESADV and INVOIC repeat of the purchase order, in the buyer's own words and EDIFACT's codes. */
import type { SalesOrder, SalesOrderLine } from '../model/index.ts';
import { agencyToEdifact, roleToEdifact, WINDOW_QUALIFIERS } from './edifact-codes.ts';
import { dateSegment, referenceLoop } from './edifact-guide.ts';
import type { EdiTerms } from './edi-terms.ts';
import { echoLineNumber, echoParties, echoReferences, type Segment } from './x12-echo.ts';

type PartyLike = ReturnType<typeof echoParties>[number];

/** RFF for the order itself, and what else the buyer wrote. */
export function orderReferences(order: SalesOrder, terms: EdiTerms): Segment[] {
  return [
    referenceLoop('ON', order.customerPo as string, order.orderDate),
    ...(order.release === undefined ? [] : [referenceLoop('RE', order.release)]),
    ...echoReferences(order, terms).map(({ referenceQualifier, reference }) =>
      referenceLoop(String(referenceQualifier), String(reference)),
    ),
  ];
}

export function orderWindows(order: SalesOrder): Segment[] {
  return Object.entries(WINDOW_QUALIFIERS).flatMap(([name, qualifier]) => {
    const date = order.windows[name as keyof typeof WINDOW_QUALIFIERS];
    return date === undefined ? [] : [dateSegment(qualifier, date)];
  });
}

export function partyGroup(party: PartyLike): Segment {
  const { address, raw } = party;
  const [name, name2] = split(party.name, 35);
  return {
    NAD: {
      qualifier: roleToEdifact(party.role),
      id: raw && { id: raw.code, agency: raw.qualifier === undefined ? undefined : agencyToEdifact(raw.qualifier) },
      party: name === undefined ? undefined : { name, name2 },
      street: address && {
        street: address.lines[0]?.slice(0, 35),
        street2: address.lines[1]?.slice(0, 35),
        street3: address.lines[2]?.slice(0, 35),
        street4: address.lines[3]?.slice(0, 35),
      },
      city: address?.city.slice(0, 35),
      region: address?.region,
      postalCode: address?.postal.slice(0, 9),
      country: address?.country,
    },
  };
}

/** The buyer's parties as they came, with ourselves as the supplier (SU) where the buyer named nobody. */
export function orderParties(order: SalesOrder, terms: EdiTerms, roles?: readonly string[]): Segment[] {
  const named = order.parties.some((party) => party.role === 'SU' || party.role === 'SE');
  const parties = echoParties(order, terms, roles?.includes('SU') ? [...roles, 'SE'] : roles);
  const { seller } = terms;
  return parties
    .filter((party) => party.role !== 'SE' || !named || order.parties.some(({ role }) => role === 'SE'))
    .map((party) =>
      party.role === 'SE' && !named
        ? {
            ...party,
            role: 'SU',
            raw: seller.code === undefined ? undefined : { qualifier: seller.qualifier ?? 'UL', code: seller.code },
          }
        : party,
    )
    .map(partyGroup);
}

/** LIN with the GTIN, PIA with the other numbers, as the buyer wrote them. */
export function itemSegments(line: SalesOrderLine, terms: EdiTerms): { item: Segment | undefined; PIA: Segment[] } {
  const others: [string, string][] = [
    ...(line.buyerItem === undefined ? [] : [['IN', line.buyerItem] as [string, string]]),
    ['SA', line.vendorItem ?? line.sku],
  ];
  return {
    item:
      line.gtin === undefined
        ? undefined
        : { id: gtinText(line.gtin), type: terms.itemQualifiers.gtin ?? gtinType(terms) },
    PIA: others.map(([type, id]) => ({ function: '1', item: { id, type } })),
  };
}

/** Thirteen digits where the fourteenth only fills up. */
const gtinText = (gtin: string): string => (gtin.startsWith('0') ? gtin.slice(-13) : gtin);
/** SRV replaced EN in EANCOM's D.01B. */
const gtinType = (terms: EdiTerms): string => (terms.version === 'D.01B' ? 'SRV' : 'EN');

/** 1082 as the buyer wrote it where that is a number; our own number otherwise, which RFF LI then explains. */
export function lineNumberOf(line: SalesOrderLine): string {
  const written = echoLineNumber(line);
  return /^\d{1,6}$/.test(written) ? written : String(line.lineNo);
}

export function descriptionSegments(line: SalesOrderLine): Segment[] {
  const [description, description2] = split(line.description, 35);
  return description === undefined ? [] : [{ format: 'F', description: { description, description2 } }];
}

/** A text in two pieces of at most `width`; what is longer ends there. */
function split(text: string | undefined, width: number): [string | undefined, string | undefined] {
  if (text === undefined) return [undefined, undefined];
  if (text.length <= width) return [text, undefined];
  // Readers join the pieces by a blank, so the cut is at one where there is one.
  const cut = text.lastIndexOf(' ', width);
  const at = cut > 0 ? cut : width;
  return [text.slice(0, at), text.slice(at).trim().slice(0, width) || undefined];
}

export function currencyGroup(currency: string): Segment {
  return { CUX: { currency: { details: '2', currency, currencyType: '4' } } };
}
