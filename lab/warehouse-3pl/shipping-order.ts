import type { ReadDocument, Segment } from '../x12-text.ts';

export interface OrderLine {
  /** N9*LI: how the depositor calls the line, to be said again in the 945. */
  lineNo: number;
  sku: string;
  qty: string;
  uom: string;
  lots: string[];
}

/** A 940 as the warehouse's clerk reads it. */
export interface ShippingOrder {
  /** W0501: N a new order, F or D the cancellation of one. */
  status: string;
  releaseNo: string;
  poNumber?: string;
  orderNo?: string;
  scac?: string;
  service?: string;
  shipTo?: string;
  lines: OrderLine[];
}

/** W01 has its item numbers in pairs of qualifier and number from the fourth element on. */
const itemPositions = [4, 6, 15];

export function readShippingOrder({ segments }: ReadDocument): ShippingOrder {
  const order: ShippingOrder = { status: '', releaseNo: '', lines: [] };
  let line: OrderLine | undefined;
  for (const segment of segments) {
    const at = (position: number): string | undefined => segment[position] || undefined;
    switch (segment[0]) {
      case 'W05':
        order.status = at(1) ?? '';
        order.releaseNo = at(2) ?? '';
        order.poNumber = at(3);
        break;
      case 'N1':
        if (at(1) === 'ST') order.shipTo = at(2);
        break;
      case 'W66':
        order.service = at(5);
        order.scac = at(10);
        break;
      case 'W01':
        line = { lineNo: 0, sku: itemOf(segment), qty: at(1) ?? '0', uom: at(2) ?? '', lots: [] };
        if (at(13)) line.lots.push(at(13) as string);
        order.lines.push(line);
        break;
      case 'N9':
        if (line === undefined) {
          if (at(1) === 'CO') order.orderNo = at(2);
        } else if (at(1) === 'LI') line.lineNo = Number(at(2));
        else if (at(1) === 'LT' && at(2) && !line.lots.includes(at(2) as string)) line.lots.push(at(2) as string);
        break;
    }
  }
  return order;
}

function itemOf(segment: Segment): string {
  const vendor = itemPositions.find((position) => segment[position] === 'VN');
  return segment[(vendor ?? 4) + 1] ?? '';
}
