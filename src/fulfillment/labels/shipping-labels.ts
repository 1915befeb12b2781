import { isSscc, type SalesOrder, type Shipment, type ShipmentPackage } from '../../model/index.ts';
import { HubError } from '../../platform/index.ts';
import { type Gs1Barcode, quietModules, ssccBarcode } from './gs1-barcode.ts';
import { bold, drawPdf, lineAt, madeAtOf, partyLines, type Pdf, regular } from './pdf-page.ts';

/** What a label says of the order. */
export type LabelOrder = Pick<SalesOrder, 'orderNo' | 'customerPo' | 'lines'>;

/** 4 × 6 inches. */
const width = 288;
const height = 432;
const edge = 12;
const inner = width - 2 * edge;
/** 0.495 mm: the least module of a symbol on a logistic unit (GS1 General Specifications §5.12.3.5). */
const module = 1.404;
/** 32 mm. */
const barHeight = 91;
const contentsShown = 6;

type LabelledPackage = ShipmentPackage & { sscc: string };

/** A package of a shipment, and its SSCC, which a label cannot do without. */
export function labelledPackage(shipment: Shipment, packageNo: number): LabelledPackage {
  const pack = shipment.packages.find((candidate) => candidate.packageNo === packageNo);
  if (pack === undefined)
    throw new HubError('NOT_FOUND', { message: `No package ${packageNo} in ${shipment.shipmentNo}` });
  return withSscc(shipment, pack);
}

function withSscc(shipment: Shipment, pack: ShipmentPackage): LabelledPackage {
  if (shipment.voidedAt !== undefined)
    throw new HubError('CONFLICT', {
      message: `Shipment ${shipment.shipmentNo} was voided; its labels are not printed again`,
    });
  const { sscc } = pack;
  if (sscc === undefined || !isSscc(sscc)) {
    throw new HubError('CONFLICT', {
      message: `Package ${pack.packageNo} of ${shipment.shipmentNo} has no SSCC: its site has no GS1 company prefix`,
    });
  }
  return { ...pack, sscc };
}

/**
 * GS1 logistic labels, one page of 4 × 6 inches per package, from the same packages as the 856 or DESADV: label and ship
 * notice cannot disagree.
 * @throws HubError CONFLICT when a package has no SSCC or the shipment was voided
 */
export function drawShippingLabels(shipment: Shipment, order: LabelOrder): Promise<Buffer> {
  const packs = shipment.packages.map((pack) => withSscc(shipment, pack));
  return draw(shipment, order, packs);
}

async function draw(shipment: Shipment, order: LabelOrder, packs: readonly LabelledPackage[]): Promise<Buffer> {
  const barcodes = await Promise.all(packs.map((pack) => ssccBarcode(pack.sscc)));
  return drawPdf(
    { size: [width, height], margin: 0, title: `Labels of ${shipment.shipmentNo}`, madeAt: madeAtOf(shipment) },
    (pdf) => {
      for (const [index, pack] of packs.entries()) {
        pdf.addPage();
        drawParties(pdf, shipment);
        drawCarrier(pdf, shipment, pack, order);
        drawContents(pdf, pack, order, `${index + 1} of ${packs.length}`);
        drawBarcode(pdf, barcodes[index] as Gs1Barcode);
      }
    },
  );
}

function rule(pdf: Pdf, y: number): void {
  pdf
    .moveTo(edge, y)
    .lineTo(width - edge, y)
    .lineWidth(0.8)
    .stroke();
}

function drawParties(pdf: Pdf, shipment: Shipment): void {
  const half = inner / 2;
  drawParty(pdf, 'SHIP FROM', partyLines(shipment.shipFrom), edge, half - 6);
  drawParty(pdf, 'SHIP TO', partyLines(shipment.shipTo), edge + half + 6, half - 6);
  pdf
    .moveTo(edge + half, 10)
    .lineTo(edge + half, 88)
    .lineWidth(0.8)
    .stroke();
  rule(pdf, 92);
}

function drawParty(pdf: Pdf, heading: string, lines: readonly string[], x: number, room: number): void {
  lineAt(pdf, heading, x, 12, room, 6.5, bold);
  for (const [index, line] of lines.slice(0, 6).entries()) {
    lineAt(pdf, line, x, 22 + index * 11, room, index === 0 ? 9 : 8.5, index === 0 ? bold : regular);
  }
}

function drawCarrier(pdf: Pdf, shipment: Shipment, pack: ShipmentPackage, order: LabelOrder): void {
  const carrier = [shipment.carrier ?? shipment.scac, shipment.service].filter(Boolean).join(' ');
  const fields: [string, string | undefined][] = [
    ['CARRIER', carrier === '' ? undefined : carrier],
    ['TRACKING', pack.tracking],
    ['PRO', shipment.proNo],
    ['B/L', shipment.bol],
    ['PURCHASE ORDER', order.customerPo],
    ['ORDER / SHIPMENT', `${order.orderNo} / ${shipment.shipmentNo}`],
  ];
  let y = 98;
  for (const [heading, value] of fields) {
    if (value === undefined) continue;
    lineAt(pdf, heading, edge, y + 1.5, 84, 6.5, bold);
    lineAt(pdf, value, edge + 86, y, inner - 86, 9);
    y += 13;
  }
  rule(pdf, 180);
}

function drawContents(pdf: Pdf, pack: ShipmentPackage, order: LabelOrder, count: string): void {
  lineAt(pdf, `PACKAGE ${count}`, edge, 186, inner / 2, 6.5, bold);
  const weight = pack.weightGrams === undefined ? '' : `${(pack.weightGrams / 1000).toFixed(3)} kg`;
  lineAt(pdf, weight, edge + inner / 2, 186, inner / 2, 8);
  let y = 198;
  for (const content of pack.contents.slice(0, contentsShown)) {
    const line = order.lines.find((candidate) => candidate.lineNo === content.lineNo);
    const traits = [content.lot && `lot ${content.lot}`, content.expiry && `exp ${content.expiry}`].filter(Boolean);
    const item = [line?.buyerItem, content.sku, line?.description, ...traits].filter(Boolean).join(' · ');
    lineAt(pdf, `${content.quantity} ${content.uom}`, edge, y, 56, 8.5, bold);
    lineAt(pdf, item, edge + 58, y, inner - 58, 8.5);
    y += 12;
  }
  const rest = pack.contents.length - contentsShown;
  if (rest > 0) lineAt(pdf, `and ${rest} more; see the packing slip`, edge, y, inner, 8);
  rule(pdf, 290);
}

/** Bars as vectors, centred with their light margins, and the element string below them. */
function drawBarcode(pdf: Pdf, barcode: Gs1Barcode): void {
  const modules = barcode.widths.reduce((sum, bars) => sum + bars, 0);
  if ((modules + 2 * quietModules) * module > width) throw new RangeError('the symbol is wider than the label');
  lineAt(pdf, 'SSCC', edge, 295, inner, 6.5, bold);
  let x = (width - modules * module) / 2;
  const y = 306;
  for (const [index, bars] of barcode.widths.entries()) {
    if (index % 2 === 0) pdf.rect(x, y, bars * module, barHeight);
    x += bars * module;
  }
  pdf.fill('black');
  const text = barcode.elementString.replace(/^\(00\)/, '(00) ');
  pdf.font(bold).fontSize(12);
  pdf.text(text, 0, y + barHeight + 8, { width, align: 'center', lineBreak: false });
}
