import type { AdvanceShipNotice } from '../model/index.ts';
import { type EdiTerms, ediTermsOf, unitFromPartner } from './edi-terms.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { gramsOf, ssccFrom } from './shipped-goods.ts';
import { all, first, type GuideLoop, qualified, text } from './x12-guide.ts';
import { idsOf, listed, partyOf } from './x12-reading.ts';

type Package = AdvanceShipNotice['packages'][number];
type Content = Package['contents'][number];

/** Where an item stands in the tree: its order, pallet and carton. */
interface Place {
  poNumber?: string;
  store?: Content['store'];
  tare?: GuideLoop;
  pack?: GuideLoop;
}

/** 856 of any order of levels (SOTPI, SOPI, SOITP, SOIP, SOI): packages with what is in them. */
export const x12_856ToShipNotice = defineInboundMap<GuideLoop>({
  connector: 'x12',
  topic: '856',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const bsn = first(guide, 'BSN');
    const shipmentNo = text(bsn, 'shipmentNumber');
    const date = text(bsn, 'date');
    if (shipmentNo === undefined || date === undefined)
      throw new MapError('SHIPMENT_MISSING', 'BSN names no shipment or date', 'BSN');
    const shipment = all(guide, 'hierarchy').find((level) => text(level, 'level') === 'S');
    if (shipment === undefined) throw new MapError('SHIPMENT_MISSING', 'No HL of level S', 'hierarchy');
    const orders = all(shipment, 'children').filter((level) => text(level, 'level') === 'O');
    const packages = packagesOf(shipment, orders, terms);
    const td1 = all(shipment, 'TD1').find((each) => text(each, 'ladingQuantity') !== undefined);
    const td5 = first(shipment, 'TD5');
    const carrier = text(td5, 'id');
    const count = text(td1, 'ladingQuantity');
    const value: AdvanceShipNotice = present({
      partner: terms.partner,
      shipmentNo,
      date,
      shippedOn: dateOf(shipment, guide, '011'),
      expectedOn: dateOf(shipment, guide, '017'),
      scac: text(td5, 'idQualifier') === '2' ? carrier : undefined,
      carrierName: text(td5, 'routing'),
      bol: qualified(shipment, 'REF', 'referenceQualifier', ['BM'], 'reference'),
      proNo: qualified(shipment, 'REF', 'referenceQualifier', ['CN'], 'reference'),
      packageCount: count === undefined ? undefined : Number(count),
      weightGrams: gramsOf(text(td1, 'weight'), text(td1, 'unit')),
      poNumbers: [...new Set(packages.flatMap((pack) => pack.contents.flatMap((content) => content.poNumber ?? [])))],
      parties: listed([...all(shipment, 'parties'), ...orders.flatMap((level) => all(level, 'parties'))].map(partyOf)),
      packages,
    });
    return [{ kind: 'document', schema: 'advance-ship-notice', value }];
  },
});

function dateOf(shipment: GuideLoop, guide: GuideLoop, code: string): string | undefined {
  return (
    qualified(shipment, 'DTM', 'dateQualifier', [code], 'date') ??
    qualified(guide, 'DTM', 'dateQualifier', [code], 'date')
  );
}

/** The buyer that an order of the shipment names, where they name several. */
function storesOf(orders: readonly GuideLoop[]): Map<GuideLoop, Content['store']> {
  const stores = orders.map((level): [GuideLoop, Content['store']] => {
    const buyer = all(level, 'parties').find((party) => text(first(party, 'N1'), 'entity') === 'BY');
    return [level, buyer === undefined ? undefined : partyOf(buyer).raw];
  });
  const distinct = new Set(stores.map(([, store]) => `${store?.qualifier}:${store?.code}`));
  return new Map(distinct.size > 1 ? stores : []);
}

function packagesOf(shipment: GuideLoop, orders: readonly GuideLoop[], terms: EdiTerms): Package[] {
  const stores = storesOf(orders);
  const byPack = new Map<GuideLoop | undefined, Package>();
  const put = (content: Content, place: Place): void => {
    const key = place.pack ?? place.tare;
    let pack = byPack.get(key);
    if (pack === undefined) {
      pack = present({ ...marksOf(place), contents: [] as Content[] });
      byPack.set(key, pack);
    }
    pack.contents.push(content);
  };
  const visit = (level: GuideLoop, place: Place, item: Content | undefined): void => {
    const kind = text(level, 'level');
    const here = { ...place };
    let content = item;
    if (kind === 'O') {
      here.poNumber = text(first(level, 'PRF'), 'poNumber');
      here.store = stores.get(level);
    }
    if (kind === 'T') here.tare = level;
    if (kind === 'P') here.pack = level;
    if (kind === 'I') content = contentOf(level, here, terms);
    const children = all(level, 'children');
    for (const child of children) visit(child, here, content);
    // Item over pack (SOIP): the lowest level under the item says where it lies.
    if (content !== undefined && (kind === 'I' || item !== undefined) && children.length === 0)
      put(kind === 'I' ? content : { ...content, quantity: quantityIn(level, content, terms) }, here);
  };
  visit(shipment, {}, undefined);
  return [...byPack.values()];
}

/** A carton under an item may say how many of it are inside. */
function quantityIn(level: GuideLoop, content: Content, terms: EdiTerms): Content['quantity'] {
  const sn1 = first(level, 'SN1');
  const value = text(sn1, 'shippedQuantity');
  const unit = text(sn1, 'unit');
  return value === undefined || unit === undefined ? content.quantity : { value, uom: unitFromPartner(terms, unit) };
}

function marksOf({ tare, pack }: Place): Omit<Package, 'contents'> {
  const own = markOf(pack, 'GM');
  const pallet = markOf(tare, 'GM');
  return present({
    sscc: ssccFrom(own ?? pallet),
    parentSscc: own === undefined ? undefined : ssccFrom(pallet),
    tracking: markOf(pack, 'CP') ?? markOf(tare, 'CP'),
  });
}

function markOf(level: GuideLoop | undefined, qualifier: string): string | undefined {
  for (const man of all(level, 'MAN')) {
    if (text(man, 'marksQualifier') === qualifier) return text(man, 'marks');
    if (text(man, 'marksQualifier2') === qualifier) return text(man, 'marks2');
  }
  return undefined;
}

function contentOf(level: GuideLoop, { poNumber, store }: Place, terms: EdiTerms): Content {
  const lin = first(level, 'LIN');
  const sn1 = first(level, 'SN1');
  const value = text(sn1, 'shippedQuantity');
  const unit = text(sn1, 'unit');
  if (value === undefined || unit === undefined)
    throw new MapError('QUANTITY_MISSING', 'An item has no shipped quantity with a unit (SN102, SN103)', 'hierarchy');
  const lot = all(lin, 'ids').find((pair) => text(pair, 'qualifier') === 'LT');
  return present({
    poNumber,
    store,
    lineNo: text(lin, 'lineNumber') ?? text(sn1, 'lineNumber'),
    ...idsOf(lin),
    description: text(first(level, 'PID'), 'description'),
    quantity: { value, uom: unitFromPartner(terms, unit) },
    lot: text(lot, 'id') ?? qualified(level, 'REF', 'referenceQualifier', ['LT'], 'reference'),
    expiry: qualified(level, 'DTM', 'dateQualifier', ['036'], 'date'),
    serials: listed(
      all(level, 'REF').flatMap((ref) =>
        text(ref, 'referenceQualifier') === 'SE' ? (text(ref, 'reference') ?? []) : [],
      ),
    ),
  });
}
