/** What holds of every ship notice that goes out, whatever the standard. */
import { isSscc, type SalesOrder, type SalesOrderLine, type Shipment, type ShipmentPackage } from '../model/index.ts';
import { orderedLine } from './check-invoice.ts';
import { MapError } from './map.ts';

/** A shipment that has physically left, with the order it serves. */
export interface ShipNotice {
  order: SalesOrder;
  shipment: Shipment;
  /** Local date and time (`HH:MM`) of the notice, and the local date on which the goods left. */
  date: string;
  time: string;
  shippedOn: string;
  /** Absent: the original notice. `cancel` withdraws it, saying the same once more. */
  purpose?: 'cancel';
}

export type Content = ShipmentPackage['contents'][number];

/** @throws MapError for goods that are still here, and for an order that no buyer could find. */
export function checkNotice({ order, shipment }: ShipNotice): void {
  if (shipment.shippedAt === undefined)
    throw new MapError('NOT_SHIPPED', 'A ship notice goes only after the goods have left');
  if (order.customerPo === undefined) throw new MapError('PO_NUMBER_MISSING', 'The order has no purchase order number');
}

/** Outbound the check digit is enforced: a label that does not scan costs the buyer's receiving more than a late notice. */
export function checkedSscc(pack: ShipmentPackage): string | undefined {
  const { sscc } = pack;
  if (sscc !== undefined && !isSscc(sscc))
    throw new MapError('SSCC_INVALID', `Package ${pack.packageNo}: ${sscc} is not an SSCC`);
  return sscc;
}

/** The line that is in the box, and the buyer's line that it serves: another one where it is a substitute. */
export function shippedLine(order: SalesOrder, content: Content): { line: SalesOrderLine; ordered: SalesOrderLine } {
  const line = orderedLine(order, content.lineNo, 'shipment');
  return { line, ordered: order.lines.find((candidate) => candidate.lineNo === line.substitutedFor) ?? line };
}

export function totalGrams(shipment: Shipment): number {
  return shipment.packages.reduce((sum, pack) => sum + (pack.weightGrams ?? 0), 0);
}
