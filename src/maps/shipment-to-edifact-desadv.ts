import type { SalesOrder, ShipmentPackage } from '../model/index.ts';
import { checkedSscc, checkNotice, type Content, shippedLine, type ShipNotice, totalGrams } from './check-notice.ts';
import {
  descriptionSegments,
  itemSegments,
  lineNumberOf,
  orderParties,
  orderReferences,
  partyGroup,
} from './edifact-echo.ts';
import { dateSegment, quantitySegment, referenceLoop, startOf } from './edifact-guide.ts';
import { type EdiTerms, ediTermsOf } from './edi-terms.ts';
import { defineOutboundMap } from './map.ts';
import { kilograms } from './shipped-goods.ts';
import { inOrderUnit, type Segment } from './x12-echo.ts';

/**
 * Despatch advice for one shipment: the whole of it (CPS 1), then each package under it with its SSCC (GIN BJ) and the
 * lines that it holds, with lots, serial numbers and best-before dates.
 */
export const shipmentToEdifactDesadv = defineOutboundMap<ShipNotice>({
  connector: 'edifact',
  operation: 'shipment.notify',
  entity: 'document',
  map(notice, context) {
    const terms = ediTermsOf(context.settings);
    const { order, shipment } = notice;
    checkNotice(notice);
    const packs = packGroups(notice, terms);
    const lineCount = packs.reduce((sum, pack) => sum + (pack.lines as unknown[]).length, 0);
    const tracking = shipment.proNo ?? shipment.packages.find((pack) => pack.tracking)?.tracking;
    return {
      BGM: startOf('351', shipment.shipmentNo, notice.purpose === 'cancel' ? '1' : '9'),
      DTM: [dateSegment('137', `${notice.date}T${notice.time}`), dateSegment('11', notice.shippedOn)],
      MEA: weightOf(totalGrams(shipment)),
      references: [
        ...orderReferences(order, terms).slice(0, 8),
        ...(shipment.bol === undefined ? [] : [referenceLoop('BM', shipment.bol.slice(0, 35))]),
        ...(tracking === undefined ? [] : [referenceLoop('CN', tracking.slice(0, 35))]),
      ],
      parties: [shipFrom(notice), ...orderParties(order, terms, ['ST', 'BS', 'BY', 'SU'])],
      transports: transportOf(notice),
      packing: [
        {
          CPS: { id: '1' },
          packages: [{ PAC: { packages: String(shipment.packages.length), packages2: { code: 'CT' } } }],
        },
        ...packs,
      ],
      CNT: [{ control: { qualifier: '2', value: String(lineCount) } }],
    };
  },
});

function shipFrom({ shipment }: ShipNotice): Segment {
  const { name, gln, address } = shipment.shipFrom;
  return partyGroup({ role: 'SF', name, address, raw: gln === undefined ? undefined : { qualifier: 'UL', code: gln } });
}

function transportOf({ order, shipment }: ShipNotice): Segment[] {
  const routing = (shipment.service ?? shipment.carrier ?? order.freight?.routing)?.slice(0, 35);
  if (shipment.scac === undefined && routing === undefined) return [];
  // 182: the American carriers' alpha code; a name stands alone otherwise.
  const code = shipment.scac === undefined ? {} : { carrier: shipment.scac, agency: '182' };
  return [{ TDT: { stage: '20', carrier: { ...code, carrierName: routing } } }];
}

function packGroups(notice: ShipNotice, terms: EdiTerms): Segment[] {
  const { order, shipment } = notice;
  // As the agreement's SOI of an 856: what is on its way, whatever box it is in.
  if (terms.shipNotice.structure === 'SOI') {
    const contents = shipment.packages.flatMap((pack) => pack.contents);
    return [{ CPS: { id: '2', parentId: '1' }, lines: contents.map((content) => lineGroup(order, content, terms)) }];
  }
  return shipment.packages.map((pack, index) => ({
    CPS: { id: String(index + 2), parentId: '1' },
    packages: [packageGroup(pack)],
    lines: pack.contents.map((content) => lineGroup(order, content, terms)),
  }));
}

function packageGroup(pack: ShipmentPackage): Segment {
  const sscc = checkedSscc(pack);
  const marking = {
    // 33E: marked with the SSCC.
    PCI: { instructions: sscc === undefined ? '17' : '33E' },
    RFF:
      pack.tracking === undefined ? undefined : { reference: { qualifier: 'CN', number: pack.tracking.slice(0, 35) } },
    numbers: sscc === undefined ? [] : [{ GIN: { qualifier: 'BJ', range: { number: sscc } } }],
  };
  return {
    PAC: { packages: '1', packages2: { code: 'CT' } },
    MEA: weightOf(pack.weightGrams ?? 0),
    markings: sscc === undefined && pack.tracking === undefined ? [] : [marking],
  };
}

function weightOf(grams: number): Segment[] {
  return grams === 0
    ? []
    : [{ purpose: 'PD', measurement: { dimension: 'AAB' }, value: { unit: 'KGM', value: kilograms(grams) } }];
}

function lineGroup(order: SalesOrder, content: Content, terms: EdiTerms): Segment {
  const { line, ordered } = shippedLine(order, content);
  const { unit, values } = inOrderUnit(ordered, [content.quantity], terms);
  const { item, PIA } = itemSegments(line, terms);
  const number = (qualifier: string, value: string): Segment => ({ qualifier, range: { number: value } });
  return {
    LIN: { lineNumber: lineNumberOf(ordered), item },
    PIA,
    IMD: descriptionSegments(line),
    QTY: [quantitySegment('12', values[0] as string, unit)],
    GIN: [
      ...(content.lot === undefined ? [] : [number('BX', content.lot)]),
      ...(content.serials ?? []).map((serial) => number('BN', serial)),
    ].slice(0, 100),
    DTM: content.expiry === undefined ? [] : [dateSegment('361', content.expiry)],
    references: [{ RFF: { reference: { qualifier: 'ON', number: order.customerPo, line: lineNumberOf(ordered) } } }],
  };
}
