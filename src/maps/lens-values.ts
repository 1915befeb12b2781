/** Lenses for what the documents of trade have in common: amounts, quantities, prices, item numbers, dates, references. */
import { formatMinor, type ItemReference, type Quantity, toGtin14, type UnitPrice } from '../model/index.ts';
import { unitFromPartner, unitToPartner } from './edi-terms.ts';
import { agencyFromEdifact, agencyToEdifact } from './edifact-codes.ts';
import { at, type Draft, getPath, type Lens, one, setPath, within } from './lens.ts';
import { MapError } from './map.ts';
import { minorOf } from './read-invoice.ts';
import { all, type GuideLoop, text } from './x12-guide.ts';

/** Minor units of the document's currency. */
export function amount(lens: Lens<string>): Lens<number> {
  return {
    read: (node, context) => minorOf(lens.read(node, context), context.currency, 'amount'),
    write: (value, node, context) => lens.write(formatMinor(value, context.currency), node, context),
  };
}

/** A quantity with its unit in our code. Without a unit the agreement's counts, and without that there is no quantity. */
export function quantity(value: Lens<string>, unit: Lens<string>): Lens<Quantity> {
  return {
    read(node, context) {
      const found = value.read(node, context);
      if (found === undefined) return undefined;
      const code = unit.read(node, context);
      const uom = code === undefined ? context.terms.defaultUnit : unitFromPartner(context.terms, code);
      if (uom === undefined) throw new MapError('QUANTITY_MISSING', `The quantity ${found} has no unit`);
      return { value: found, uom };
    },
    write(quantity, node, context) {
      value.write(quantity.value, node, context);
      unit.write(unitToPartner(context.terms, quantity.uom), node, context);
    },
  };
}

const BASES: Readonly<Record<string, string>> = { HP: '100', TP: '1000', PE: '1' };

/** A price of X12: its unit stands beside it, its basis is a code (element 639). */
export function x12Price(value: Lens<string>, unit: Lens<string>, basis: Lens<string>): Lens<UnitPrice> {
  return {
    read(node, { terms, currency, ...rest }) {
      const context = { terms, currency, ...rest };
      const found = value.read(node, context);
      const uom = unit.read(node, context);
      if (found === undefined || uom === undefined) return undefined;
      return {
        value: found,
        currency,
        perQty: BASES[basis.read(node, context) ?? ''] ?? '1',
        uom: unitFromPartner(terms, uom),
      };
    },
    write(price, node, context) {
      value.write(price.value, node, context);
      unit.write(unitToPartner(context.terms, price.uom), node, context);
      const code = Object.entries(BASES).find(([, perQty]) => perQty === price.perQty)?.[0];
      if (code === undefined) throw new MapError('PRICE_BASIS', `X12 has no code for a price per ${price.perQty}`);
      if (code !== 'PE') basis.write(code, node, context);
    },
  };
}

/** A price of EDIFACT (PRI): its basis and unit stand in the composite. */
export function edifactPrice(qualifier: string): Lens<UnitPrice> {
  const value = within('prices', at('PRI.price.price'));
  const kind = within('prices', at('PRI.price.qualifier'));
  const basis = within('prices', at('PRI.price.basis'));
  const unit = within('prices', at('PRI.price.unit'));
  return {
    read(node, context) {
      const found = value.read(node, context);
      const code = unit.read(node, context);
      const uom = code === undefined ? context.terms.defaultUnit : unitFromPartner(context.terms, code);
      if (found === undefined || uom === undefined) return undefined;
      return { value: found, currency: context.currency, perQty: basis.read(node, context) ?? '1', uom };
    },
    write(price, node, context) {
      kind.write(qualifier, node, context);
      value.write(price.value, node, context);
      basis.write(price.perQty, node, context);
      unit.write(unitToPartner(context.terms, price.uom), node, context);
    },
  };
}

/**
 * Item numbers as pairs of qualifier and id (element 235) in one list, e.g. `LIN.ids`. Of the segment's other elements `upc`
 * may hold the UPC of a case, and `more` further pairs.
 */
export function x12Item(list: string, upc?: string, more?: string): Lens<ItemReference> {
  const [segment, name] = list.includes('.') ? (list.split('.') as [string, string]) : [undefined, list];
  const segmentOf = (node: GuideLoop) => (segment === undefined ? node : all(node, segment)[0]);
  const pairsOf = (node: GuideLoop) => [
    ...all(segmentOf(node), name),
    ...(more === undefined ? [] : all(segmentOf(node), more)),
  ];
  const pick = (node: GuideLoop, qualifiers: readonly string[]): string | undefined => {
    const found = pairsOf(node).find((pair) => qualifiers.includes(text(pair, 'qualifier') ?? ''));
    return text(found, 'id');
  };
  return {
    read(node) {
      return itemOf(
        pick(node, ['UP', 'EN', 'UK', 'UI', 'UA']) ?? (upc === undefined ? undefined : text(segmentOf(node), upc)),
        pick(node, ['IN', 'BP', 'CB', 'SK']),
        pick(node, ['VN', 'VP', 'VC', 'SW']),
      );
    },
    write(item, node, { terms }) {
      const { buyer, vendor, gtin } = terms.itemQualifiers;
      const pairs = [
        ...(item.buyerItem === undefined ? [] : [{ qualifier: buyer, id: item.buyerItem }]),
        ...(item.vendorItem === undefined ? [] : [{ qualifier: vendor, id: item.vendorItem }]),
        ...(item.gtin === undefined ? [] : [{ qualifier: gtin ?? 'UK', id: item.gtin }]),
      ];
      if (segment === undefined) node[name] = pairs;
      else setPath(node, `${segment}.${name}`, pairs);
    },
  };
}

/**
 * The lot: among the item's numbers (235 LT) in one of `lists`, in a reference LT (N9, REF) or at `path`. A path that is a
 * segment's name is that of the reference it is written to.
 */
export function x12Lot(path: string, ...lists: readonly string[]): Lens<string> {
  const inReference = (name: string) => one(name, { referenceQualifier: 'LT' }, 'reference');
  const own = path.includes('.') ? at(path) : inReference(path);
  return {
    read(node, context) {
      for (const list of lists) {
        const [segment = '', name = ''] = list.split('.');
        const pair = all(all(node, segment)[0], name).find((each) => text(each, 'qualifier') === 'LT');
        if (text(pair, 'id') !== undefined) return text(pair, 'id');
      }
      return inReference('N9').read(node, context) ?? own.read(node, context);
    },
    write: (lot, node, context) => own.write(lot, node, context),
  };
}

/** A time of day to the second; finer parts say nothing to a stock. */
export function timeOf(path: string): Lens<string> {
  const lens = at(path);
  return { ...lens, read: (node, context) => lens.read(node, context)?.slice(0, 8) };
}

function itemOf(
  gtin: string | undefined,
  buyerItem: string | undefined,
  vendorItem: string | undefined,
): ItemReference | undefined {
  const item: ItemReference = {};
  if (gtin !== undefined && /^\d{8,14}$/.test(gtin)) item.gtin = toGtin14(gtin);
  if (buyerItem !== undefined) item.buyerItem = buyerItem;
  if (vendorItem !== undefined) item.vendorItem = vendorItem;
  return Object.keys(item).length === 0 ? undefined : item;
}

/** Item numbers of LIN and PIA. */
export function edifactItem(): Lens<ItemReference> {
  const idsOf = (node: GuideLoop) => {
    const items = [...all(node, 'LIN').flatMap((lin) => all(lin, 'item'))];
    for (const pia of all(node, 'PIA'))
      for (const name of ['item', 'item2', 'item3', 'item4', 'item5']) items.push(...all(pia, name));
    return (types: readonly string[]) =>
      text(
        items.find((item) => types.includes(text(item, 'type') ?? '')),
        'id',
      );
  };
  return {
    read(node) {
      const pick = idsOf(node);
      return itemOf(pick(['EN', 'SRV', 'UP']), pick(['IN', 'BP']), pick(['SA', 'VN', 'MF']));
    },
    write(item, node, { terms }) {
      const gtinType = terms.version === 'D.01B' ? 'SRV' : 'EN';
      if (item.gtin !== undefined)
        setPath(node, 'LIN.item', { id: item.gtin.replace(/^0/, ''), type: terms.itemQualifiers.gtin ?? gtinType });
      const others = [
        ...(item.buyerItem === undefined ? [] : [{ id: item.buyerItem, type: 'IN' }]),
        ...(item.vendorItem === undefined ? [] : [{ id: item.vendorItem, type: 'SA' }]),
      ];
      if (others.length > 0) node.PIA = others.map((other) => ({ function: '1', item: other }));
    },
  };
}

/** DTM of EDIFACT under a qualifier (2005): a date. */
export const dtm = (qualifier: string): Lens<string> => {
  const lens = one('DTM', { 'date.qualifier': qualifier }, 'date.value', { 'date.format': '102' });
  return { ...lens, read: (node, context) => lens.read(node, context)?.slice(0, 10) };
};
/** The time of day that stands with the date under a qualifier (formats 203 and 204), which the date's own lens has written. */
export const dtmTime = (qualifier: string): Lens<string> => {
  const lens = one('DTM', { 'date.qualifier': qualifier }, 'date.value');
  return {
    read: (node, context) => lens.read(node, context)?.split('T')[1],
    write(time, node) {
      const found = (all(node, 'DTM') as Draft[]).find((dtm) => getPath(dtm, 'date.qualifier') === qualifier);
      if (found === undefined) return;
      setPath(found, 'date.value', `${getPath(found, 'date.value')}T${time}`);
      setPath(found, 'date.format', time.length > 5 ? '204' : '203');
    },
  };
};
/** RFF of EDIFACT in its group. */
export const rff = (qualifier: string): Lens<string> =>
  one('references', { 'RFF.reference.qualifier': qualifier }, 'RFF.reference.number');
/** QTY of EDIFACT under a qualifier (6063). `others` are qualifiers under which it is read where that one is missing. */
export const qty = (qualifier: string, ...others: string[]): Lens<Quantity> => {
  const under = (code: string): Lens<Quantity> =>
    quantity(
      one('QTY', { 'quantity.qualifier': code }, 'quantity.quantity'),
      one('QTY', { 'quantity.qualifier': code }, 'quantity.unit'),
    );
  return {
    ...under(qualifier),
    read: (node, context) => {
      for (const code of [qualifier, ...others]) {
        const found = under(code).read(node, context);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
};
/** MOA of EDIFACT under a qualifier (5025). */
export const moa = (qualifier: string): Lens<number> =>
  amount(one('MOA', { 'amount.qualifier': qualifier }, 'amount.amount'));
/** Number of BGM, in either directory's place. */
export const bgmNumber: Lens<string> = {
  read: (node, context) => at('BGM.number').read(node, context) ?? at('BGM.identification.number').read(node, context),
  write(value, node) {
    setPath(node, 'BGM.number', value);
    setPath(node, 'BGM.identification.number', value);
  },
};
/** REF of X12 under a qualifier (element 128). */
export const ref = (qualifier: string): Lens<string> => one('REF', { referenceQualifier: qualifier }, 'reference');
/** DTM of X12 under a qualifier (element 374). */
export const dtm12 = (qualifier: string): Lens<string> => one('DTM', { dateQualifier: qualifier }, 'date');

/** The lot of a line: an item number of the kind NB, or a reference BT. */
export const edifactLot: Lens<string> = {
  read(node, context) {
    for (const pia of all(node, 'PIA')) {
      for (const name of ['item', 'item2', 'item3', 'item4', 'item5']) {
        const item = all(pia, name)[0];
        if (text(item, 'type') === 'NB') return text(item, 'id');
      }
    }
    return rff('BT').read(node, context);
  },
  write(lot, node) {
    node.PIA ??= [];
    (node.PIA as Draft[]).push({ function: '1', item: { id: lot, type: 'NB' } });
  },
};

/** The party under a role (element 98): its name and code. `others` are roles under which it is read as well. */
export function x12Party(role: string, ...others: string[]): Lens<TradeParty> {
  const paths = { role: 'N1.entity', name: 'N1.name', code: 'N1.id', qualifier: 'N1.idQualifier' };
  return partyLens(
    [role, ...others],
    paths,
    (code) => code,
    (code) => code,
  );
}

/** The party under a role (3035): its name and code, under the qualifiers that the model knows from X12. */
export function edifactParty(role: string, ...others: string[]): Lens<TradeParty> {
  const paths = { role: 'NAD.qualifier', name: 'NAD.party.name', code: 'NAD.id.id', qualifier: 'NAD.id.agency' };
  return partyLens([role, ...others], paths, agencyFromEdifact, agencyToEdifact);
}

interface TradeParty {
  name?: string;
  code?: string;
  qualifier?: string;
}

function partyLens(
  roles: readonly string[],
  paths: Record<'role' | 'name' | 'code' | 'qualifier', string>,
  from: (code: string) => string,
  to: (code: string) => string,
): Lens<TradeParty> {
  return {
    read(node) {
      const parties = all(node, 'parties');
      const found = roles
        .map((role) => parties.find((party) => getPath(party, paths.role) === role))
        .find((party) => party !== undefined);
      const qualifier = getPath(found, paths.qualifier);
      const party: TradeParty = {};
      const [name, code] = [getPath(found, paths.name), getPath(found, paths.code)];
      if (name !== undefined) party.name = name;
      if (code !== undefined) party.code = code;
      if (code !== undefined && qualifier !== undefined) party.qualifier = from(qualifier);
      return Object.keys(party).length === 0 ? undefined : party;
    },
    write(party, node) {
      const pass: Record<string, unknown> = {};
      setPath(pass, paths.role, roles[0]);
      if (party.name !== undefined) setPath(pass, paths.name, party.name.slice(0, 35));
      if (party.code !== undefined) {
        setPath(pass, paths.code, party.code);
        setPath(pass, paths.qualifier, to(party.qualifier ?? 'ZZ'));
      }
      node.parties ??= [];
      (node.parties as unknown[]).push(pass);
    },
  };
}
