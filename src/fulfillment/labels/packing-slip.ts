import type { SalesOrderLine, Shipment, ShipmentPackage } from '../../model/index.ts';
import { bold, drawPdf, lineAt, madeAtOf, partyLines, type Pdf, regular } from './pdf-page.ts';
import type { LabelOrder } from './shipping-labels.ts';

const left = 40;
const right = 572;
const bottom = 740;
/** Column positions: line, item, description, quantity, lot and serials. */
const columns = { line: left, item: left + 40, description: left + 170, quantity: left + 330, trace: left + 400 };

/** Where the next row goes; a new page begins when one does not fit any more. */
interface Cursor {
  y: number;
}

/** The packing slip of a shipment on US Letter: every package with its SSCC, tracking number and contents. */
export function drawPackingSlip(shipment: Shipment, order: LabelOrder): Promise<Buffer> {
  return drawPdf(
    { size: 'LETTER', margin: 0, title: `Packing slip of ${shipment.shipmentNo}`, madeAt: madeAtOf(shipment) },
    (pdf) => {
      pdf.addPage();
      const cursor = { y: drawHead(pdf, shipment, order) };
      for (const pack of shipment.packages) drawPackage(pdf, cursor, pack, shipment, order);
      room(pdf, cursor, 20);
      lineAt(pdf, `${shipment.packages.length} package(s)`, left, cursor.y + 6, 300, 9, bold);
      numberPages(pdf);
    },
  );
}

function drawHead(pdf: Pdf, shipment: Shipment, order: LabelOrder): number {
  lineAt(pdf, 'Packing slip', left, 40, 300, 20, bold);
  lineAt(pdf, shipment.shipmentNo, right - 200, 46, 200, 12, bold);
  for (const [heading, party, x] of [
    ['SHIP FROM', shipment.shipFrom, left],
    ['SHIP TO', shipment.shipTo, left + 190],
  ] as const) {
    lineAt(pdf, heading, x, 78, 180, 7, bold);
    for (const [index, line] of partyLines(party).slice(0, 7).entries())
      lineAt(pdf, line, x, 90 + index * 12, 180, 9.5);
  }
  const facts: [string, string | undefined][] = [
    ['Purchase order', order.customerPo],
    ['Our order', order.orderNo],
    ['Shipped', (shipment.shippedAt ?? shipment.packedAt)?.slice(0, 10)],
    ['Carrier', [shipment.carrier ?? shipment.scac, shipment.service].filter(Boolean).join(' ') || undefined],
    ['PRO', shipment.proNo],
    ['Bill of lading', shipment.bol],
  ];
  let y = 78;
  for (const [heading, value] of facts) {
    if (value === undefined) continue;
    lineAt(pdf, heading, left + 380, y, 70, 8, bold);
    lineAt(pdf, value, left + 450, y, right - left - 450, 9);
    y += 14;
  }
  return 190;
}

function room(pdf: Pdf, cursor: Cursor, wanted: number): void {
  if (cursor.y + wanted <= bottom) return;
  pdf.addPage();
  cursor.y = 40;
}

function drawPackage(pdf: Pdf, cursor: Cursor, pack: ShipmentPackage, shipment: Shipment, order: LabelOrder): void {
  room(pdf, cursor, 60);
  pdf.moveTo(left, cursor.y).lineTo(right, cursor.y).lineWidth(0.8).stroke();
  const marks = [
    `Package ${pack.packageNo} of ${shipment.packages.length}`,
    pack.sscc && `SSCC (00) ${pack.sscc}`,
    pack.tracking && `Tracking ${pack.tracking}`,
    pack.weightGrams !== undefined && `${(pack.weightGrams / 1000).toFixed(3)} kg`,
  ].filter((mark) => typeof mark === 'string');
  lineAt(pdf, marks.join('   '), left, cursor.y + 6, right - left, 9.5, bold);
  cursor.y += 24;
  drawRow(pdf, cursor.y, ['Line', 'Item', 'Description', 'Shipped', 'Lot, expiry, serial numbers'], bold, 7.5);
  cursor.y += 13;
  for (const content of pack.contents) drawContent(pdf, cursor, content, lineOf(order, content.lineNo));
  cursor.y += 8;
}

/** A substitute stands under the buyer's line. */
function lineOf(order: LabelOrder, lineNo: number): { line?: SalesOrderLine; customerLineNo: string } {
  const line = order.lines.find((candidate) => candidate.lineNo === lineNo);
  const ordered = order.lines.find((candidate) => candidate.lineNo === line?.substitutedFor) ?? line;
  return { line, customerLineNo: ordered?.customerLineNo ?? String(ordered?.lineNo ?? lineNo) };
}

function drawContent(
  pdf: Pdf,
  cursor: Cursor,
  content: ShipmentPackage['contents'][number],
  { line, customerLineNo }: ReturnType<typeof lineOf>,
): void {
  const item = [line?.buyerItem, content.sku].filter(Boolean).join(' / ');
  const trace = [content.lot, content.expiry].filter((part) => part !== undefined).join(', ');
  room(pdf, cursor, 13);
  drawRow(
    pdf,
    cursor.y,
    [customerLineNo, item, line?.description ?? '', `${content.quantity} ${content.uom}`, trace],
    regular,
    9,
  );
  cursor.y += 13;
  const serials = content.serials ?? [];
  for (let at = 0; at < serials.length; at += 4) {
    room(pdf, cursor, 11);
    lineAt(pdf, serials.slice(at, at + 4).join(', '), columns.description, cursor.y, right - columns.description, 8);
    cursor.y += 11;
  }
}

function drawRow(pdf: Pdf, y: number, cells: readonly string[], font: string, size: number): void {
  const starts = Object.values(columns);
  for (const [index, cell] of cells.entries()) {
    const x = starts[index] as number;
    lineAt(pdf, cell, x, y, (starts[index + 1] ?? right) - x - 6, size, font);
  }
}

function numberPages(pdf: Pdf): void {
  const { count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    pdf.switchToPage(page);
    lineAt(pdf, `Page ${page + 1} of ${count}`, right - 80, 756, 80, 8);
  }
}
