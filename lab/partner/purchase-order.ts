import type { Segment } from '../x12-text.ts';

export interface PurchaseOrderLine {
  sku?: string;
  gtin?: string;
  quantity: string;
  uom: string;
  /** Price per unit of measure. */
  price: string;
}

/** What the partner's buyers order; everything has a usual value but the lines. */
export interface PurchaseOrder {
  poNumber?: string;
  /** BEG01: 00 original, 05 replace … */
  purpose?: string;
  release?: string;
  shipToGln?: string;
  shipToName?: string;
  department?: string;
  /** Days from today. */
  requestedInDays?: number;
  cancelAfterDays?: number;
  lines: PurchaseOrderLine[];
}

const dayMs = 86_400_000;
const dateAfter = (at: Date, days: number): string =>
  new Date(at.getTime() + days * dayMs).toISOString().slice(0, 10).replaceAll('-', '');

/** The segments of an 850 (X12 004010 and 005010 agree on all that is used here). */
export function purchaseOrderSegments(order: PurchaseOrder, poNumber: string, control: string, at: Date): Segment[] {
  const lines = order.lines.map((line, index) => [
    'PO1',
    String(index + 1),
    line.quantity,
    line.uom,
    line.price,
    'PE',
    ...(line.gtin ? ['UK', line.gtin] : []),
    ...(line.sku ? ['VN', line.sku] : []),
  ]);
  return [
    ['ST', '850', control],
    ['BEG', order.purpose ?? '00', 'SA', poNumber, order.release ?? '', dateAfter(at, 0)],
    ['CUR', 'BY', 'USD'],
    ['REF', 'DP', order.department ?? '042'],
    ['REF', 'IA', '778120'],
    ['ITD', '01', '3', '', '', '', '', '30'],
    ['DTM', '002', dateAfter(at, order.requestedInDays ?? 3)],
    ...(order.cancelAfterDays === undefined ? [] : [['DTM', '001', dateAfter(at, order.cancelAfterDays)]]),
    ['N1', 'BY', 'Meridian Retail', '92', '100'],
    ['N1', 'ST', order.shipToName ?? 'Meridian Distribution Center 12', 'UL', order.shipToGln ?? '0614141900121'],
    ...lines,
    ['CTT', String(lines.length)],
  ];
}
