import { addDecimals, type SalesOrder, type SalesOrderLine, type ShipmentPackage } from '../model/index.ts';
import { checkedSscc, checkNotice, type Content, shippedLine, type ShipNotice, totalGrams } from './check-notice.ts';
import { type EdiTerms, ediTermsOf } from './edi-terms.ts';
import { defineOutboundMap, MapError } from './map.ts';
import { kilograms } from './shipped-goods.ts';
import {
  echoItemIds,
  echoLineNumber,
  echoParties,
  echoReferences,
  inOrderUnit,
  partyLoop,
  type Segment,
} from './x12-echo.ts';

/** A level of the hierarchy; `edi` numbers the HL segments. */
interface Level {
  level: string;
  /** HL04. */
  hasChildren: '0' | '1';
  children: Level[];
  [segment: string]: unknown;
}

/** BSN05 for the orders of levels that we send. */
const STRUCTURE_CODES = {
  SOPI: '0001',
  SOTPI: '0001',
  SOTI: '0001',
  SOIP: '0002',
  SOITP: '0002',
  SOI: '0004',
} as const;

/** Advance ship notice for one shipment: shipment, order, packages with their SSCC, items with lots and serials. */
export const shipmentToX12_856 = defineOutboundMap<ShipNotice>({
  connector: 'x12',
  operation: 'shipment.notify',
  entity: 'document',
  map(notice, context) {
    const terms = ediTermsOf(context.settings);
    const { shipment } = notice;
    checkNotice(notice);
    const { structure, structureCode } = terms.shipNotice;
    const root = shipmentLevel(notice, terms);
    return {
      BSN: {
        // BSN01: 00 original, 01 cancellation.
        purpose: notice.purpose === 'cancel' ? '01' : '00',
        shipmentNumber: shipment.shipmentNo,
        date: notice.date,
        time: notice.time,
        structure: structureCode ?? STRUCTURE_CODES[structure],
      },
      hierarchy: [root],
      CTT: { lineCount: String(countLevels(root)) },
    };
  },
});

/** CTT01 of an 856 counts the HL segments. */
function countLevels(level: Level): number {
  return level.children.reduce((sum, child) => sum + countLevels(child), 1);
}

function shipmentLevel(notice: ShipNotice, terms: EdiTerms): Level {
  const { order, shipment } = notice;
  const grams = totalGrams(shipment);
  return {
    level: 'S',
    hasChildren: '1',
    TD1: [
      {
        packagingCode: 'CTN25',
        ladingQuantity: String(shipment.packages.length),
        ...(grams > 0 ? { weightQualifier: 'G', weight: kilograms(grams), unit: 'KG' } : {}),
      },
    ],
    TD5: [
      {
        routingSequence: 'B',
        idQualifier: shipment.scac === undefined ? undefined : '2',
        id: shipment.scac,
        routing: (shipment.service ?? shipment.carrier ?? order.freight?.routing)?.slice(0, 35),
      },
    ],
    REF: [
      ...reference('BM', shipment.bol),
      ...reference('CN', shipment.proNo ?? shipment.packages.find((pack) => pack.tracking)?.tracking),
    ],
    DTM: [{ dateQualifier: '011', date: notice.shippedOn }],
    parties: partiesOf(notice, terms),
    children: [orderLevel(notice, terms)],
  };
}

function partiesOf(notice: ShipNotice, terms: EdiTerms): Record<string, unknown>[] {
  const { shipFrom } = notice.shipment;
  const raw = shipFrom.gln === undefined ? undefined : { qualifier: 'UL', code: shipFrom.gln };
  return [
    partyLoop({ role: 'SF', name: shipFrom.name, raw, address: shipFrom.address }, false),
    ...echoParties(notice.order, terms, ['ST', 'BS']).map((party) => partyLoop(party, false)),
  ];
}

function orderLevel(notice: ShipNotice, terms: EdiTerms): Level {
  const { order, shipment } = notice;
  const { structure } = terms.shipNotice;
  return {
    level: 'O',
    hasChildren: '1',
    PRF: { poNumber: order.customerPo, release: order.release, date: order.orderDate },
    REF: echoReferences(order, terms),
    parties: echoParties(order, terms, ['BY']).map((party) => partyLoop(party, false)),
    children: contentLevels(order, shipment.packages, structure, terms),
  };
}

function contentLevels(
  order: SalesOrder,
  packages: readonly ShipmentPackage[],
  structure: keyof typeof STRUCTURE_CODES,
  terms: EdiTerms,
): Level[] {
  switch (structure) {
    case 'SOI':
      return itemLevels(
        order,
        packages.flatMap((pack) => pack.contents),
        terms,
      );
    case 'SOIP':
    case 'SOITP':
      return itemsOverCartons(order, packages, terms);
    default:
      return packages.map((pack) => packLevel(order, pack, terms));
  }
}

/** Standard cartons: an item, and under it the cartons that hold nothing else, each with how many of it are inside. */
function itemsOverCartons(order: SalesOrder, packages: readonly ShipmentPackage[], terms: EdiTerms): Level[] {
  const byItem = new Map<string, { content: Content; packs: { pack: ShipmentPackage; content: Content }[] }>();
  for (const pack of packages) {
    const [content, ...others] = pack.contents;
    if (content === undefined) continue;
    if (others.length > 0)
      throw new MapError(
        'PACKAGE_MIXED',
        `Package ${pack.packageNo} holds several items; ${terms.shipNotice.structure} takes cartons of one`,
      );
    const key = JSON.stringify([content.lineNo, content.sku, content.uom, content.lot, content.expiry]);
    const found = byItem.get(key);
    if (found === undefined) byItem.set(key, { content, packs: [{ pack, content }] });
    else found.packs.push({ pack, content });
  }
  return [...byItem.values()].map(({ content, packs }) => {
    const quantity = addDecimals(...packs.map((each) => each.content.quantity));
    const serials = packs.flatMap((each) => each.content.serials ?? []);
    const { line, ordered } = shippedLine(order, content);
    return {
      ...itemLevel(line, ordered, { ...content, quantity, serials }, terms),
      hasChildren: '1' as const,
      children: packs.map((each) => cartonLevel(ordered, each, terms)),
    };
  });
}

function cartonLevel(
  ordered: SalesOrderLine,
  { pack, content }: { pack: ShipmentPackage; content: Content },
  terms: EdiTerms,
): Level {
  const { unit, values } = inOrderUnit(ordered, [content.quantity], terms);
  const SN1 = { shippedQuantity: values[0], unit };
  const sscc = ssccOf(pack, terms);
  if (terms.shipNotice.structure === 'SOIP')
    return { level: 'P', hasChildren: '0', SN1, MAN: [...sscc, ...trackingOf(pack)], children: [] };
  const inner: Level = { level: 'P', hasChildren: '0', SN1, MAN: trackingOf(pack), children: [] };
  return { level: 'T', hasChildren: '1', MAN: sscc, children: [inner] };
}

function packLevel(order: SalesOrder, pack: ShipmentPackage, terms: EdiTerms): Level {
  const sscc = ssccOf(pack, terms);
  const items = itemLevels(order, pack.contents, terms);
  const { structure } = terms.shipNotice;
  if (structure === 'SOPI' || structure === 'SOTI') {
    const level = structure === 'SOPI' ? 'P' : 'T';
    return { level, hasChildren: '1', MAN: [...sscc, ...trackingOf(pack)], children: items };
  }
  // Loose cartons in a guide that asks for tares: the handling unit with its SSCC, and the carrier's package in it.
  return {
    level: 'T',
    hasChildren: '1',
    MAN: sscc,
    children: [{ level: 'P', hasChildren: '1', MAN: trackingOf(pack), children: items }],
  };
}

function ssccOf(pack: ShipmentPackage, terms: EdiTerms): Segment[] {
  const sscc = checkedSscc(pack);
  if (sscc === undefined) return [];
  return [{ marksQualifier: 'GM', marks: terms.shipNotice.ssccWithAi ? `00${sscc}` : sscc }];
}

function trackingOf(pack: ShipmentPackage): Segment[] {
  return pack.tracking === undefined ? [] : [{ marksQualifier: 'CP', marks: pack.tracking }];
}

function itemLevels(order: SalesOrder, contents: readonly Content[], terms: EdiTerms): Level[] {
  return contents.map((content) => {
    const { line, ordered } = shippedLine(order, content);
    return itemLevel(line, ordered, content, terms);
  });
}

function itemLevel(line: SalesOrderLine, ordered: SalesOrderLine, content: Content, terms: EdiTerms): Level {
  const { unit, values } = inOrderUnit(ordered, [content.quantity], terms);
  const ids = [
    ...echoItemIds(line, terms),
    ...(content.lot === undefined ? [] : [{ qualifier: 'LT', id: content.lot }]),
  ];
  return {
    level: 'I',
    hasChildren: '0',
    LIN: { lineNumber: echoLineNumber(ordered), ids },
    SN1: { lineNumber: echoLineNumber(ordered), shippedQuantity: values[0], unit },
    REF: (content.serials ?? []).map((serial) => ({ referenceQualifier: 'SE', reference: serial })),
    DTM: content.expiry === undefined ? [] : [{ dateQualifier: '036', date: content.expiry }],
    children: [],
  };
}

function reference(referenceQualifier: string, value: string | undefined): Segment[] {
  return value === undefined ? [] : [{ referenceQualifier, reference: value.slice(0, 30) }];
}
