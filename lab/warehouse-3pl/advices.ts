import { formatDecimal, parseDecimal } from '../decimal.ts';
import type { Carton } from '../wms/pack-cartons.ts';
import type { Segment } from '../x12-text.ts';
import type { ShippingOrder } from './shipping-order.ts';
import type { Position } from './stock-book.ts';

/** The warehouse's own clock: its documents say the day and hour in Reno. */
const reno = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Los_Angeles',
  dateStyle: 'short',
  timeStyle: 'medium',
  hourCycle: 'h23',
});

/** `20260601` and `060000`. */
function dayAndTime(at: Date): { day: string; time: string } {
  const digits = reno.format(at).replace(/\D/g, '');
  return { day: digits.slice(0, 8), time: digits.slice(8, 14) };
}

const site: Segment = ['N1', 'WH', 'Sierra Logistics Reno', '92', 'DC2'];

const sumOf = (quantities: readonly string[]): string =>
  formatDecimal(quantities.reduce((sum, quantity) => sum + parseDecimal(quantity), 0n));

export interface MarkedCarton extends Carton {
  sscc: string;
  trackingNumber?: string;
}

/** What a 945 says of one line: CC complete, CP less or nothing, and no more to come, BP the rest is to come, CU cancelled. */
export interface AdvisedLine {
  lineNo: number;
  sku: string;
  uom: string;
  status: 'CC' | 'CP' | 'BP' | 'CU';
  ordered: string;
  shipped: string;
}

export interface Advice {
  /** W0604: the warehouse's own number. */
  shipmentNo: string;
  cartons: MarkedCarton[];
  lines: AdvisedLine[];
}

/** 945. Each carton is a load with its marks; a line that several cartons share says its difference with the last. */
export function shippingAdvice(order: ShippingOrder, advice: Advice, control: string, at: Date): Segment[] {
  const left = new Map(advice.lines.map((line) => [line.lineNo, { ...line }]));
  const loads = advice.cartons.map(({ sscc, trackingNumber, contents }, index) => [
    ['LX', String(index + 1)],
    ['MAN', 'GM', `00${sscc}`],
    ...(trackingNumber === undefined ? [] : [['MAN', 'CP', trackingNumber]]),
    ...contents.flatMap(({ lineNo, sku, qty, uom, lot, serials }) => {
      const line = left.get(lineNo) ?? { status: 'CC', ordered: qty, shipped: qty };
      const isLast = line.shipped === qty;
      const ordered = isLast ? line.ordered : qty;
      line.ordered = formatDecimal(parseDecimal(line.ordered) - parseDecimal(qty));
      line.shipped = formatDecimal(parseDecimal(line.shipped) - parseDecimal(qty));
      const missing = isLast ? line.ordered : '0';
      return [
        ['W12', line.status, ordered, qty, missing === '0' ? '' : missing, uom, '', 'VN', sku, lot ?? ''],
        ['N9', 'LI', String(lineNo)],
        ...(serials ?? []).map((serial) => ['N9', 'SE', serial]),
      ];
    }),
  ]);
  const nothing = advice.lines.filter(({ shipped }) => shipped === '0');
  const withheld = nothing.flatMap(({ lineNo, sku, uom, status, ordered }) => [
    ['W12', status, ordered, '0', ordered, uom, '', 'VN', sku],
    ['N9', 'LI', String(lineNo)],
  ]);
  const { day, time } = dayAndTime(at);
  return [
    ['ST', '945', control],
    ['W06', 'F', order.releaseNo, day, advice.shipmentNo, '', order.poNumber ?? ''],
    ...(order.shipTo ? [['N1', 'ST', order.shipTo]] : []),
    site,
    ['N9', 'BM', `BOL-${advice.shipmentNo}`],
    ['G62', '11', day, '8', time],
    ['W27', 'M', order.scac ?? 'UPSN', order.service ?? ''],
    ...loads.flat(),
    ...(withheld.length === 0 ? [] : [['LX', String(loads.length + 1)], ...withheld]),
    ['W03', sumOf(advice.cartons.flatMap(({ contents }) => contents.map(({ qty }) => qty)))],
  ];
}

/** 824: the warehouse can read the order and does not take it. */
export function orderRefusal(releaseNo: string, adviceNo: string, why: string, control: string, at: Date): Segment[] {
  return [
    ['ST', '824', control],
    ['BGN', '11', adviceNo, dayAndTime(at).day],
    ['OTI', 'TR', 'TN', releaseNo],
    ['TED', 'ZZZ', why],
  ];
}

export interface Received {
  sku: string;
  lot?: string;
  /** All that came, damaged goods with it. */
  quantity: string;
  uom: string;
  damaged?: string;
  /** What was announced and did not come. */
  short?: string;
}

export interface Receipt {
  receiptNo: string;
  poNumber?: string;
  shipmentNo?: string;
  depositorOrderNo?: string;
  lines: Received[];
}

/** 944. */
export function stockReceipt(receipt: Receipt, control: string, at: Date): Segment[] {
  const { day } = dayAndTime(at);
  return [
    ['ST', '944', control],
    ['W17', 'F', day, receipt.receiptNo, receipt.depositorOrderNo ?? '', receipt.shipmentNo ?? ''],
    site,
    ...(receipt.poNumber ? [['N9', 'PO', receipt.poNumber]] : []),
    ...receipt.lines.flatMap(({ sku, lot, quantity, uom, damaged, short }) => [
      ['W07', quantity, uom, '', 'VN', sku, '', '', lot ?? ''],
      ...(damaged ? [['W13', damaged, uom, '01']] : []),
      ...(short ? [['W13', short, uom, '02']] : []),
    ]),
    ['W14', sumOf(receipt.lines.map(({ quantity }) => quantity))],
  ];
}

export interface Adjustment {
  adjustmentNo: string;
  lines: { sku: string; lot?: string; quantity: string; uom: string; reason: string }[];
}

/** 947. */
export function stockAdjustment(adjustment: Adjustment, control: string, at: Date): Segment[] {
  return [
    ['ST', '947', control],
    ['W15', dayAndTime(at).day, adjustment.adjustmentNo],
    site,
    ...adjustment.lines.map(({ sku, lot, quantity, uom, reason }) => [
      'W19',
      reason,
      quantity,
      uom,
      '',
      'VN',
      sku,
      '',
      '',
      lot ?? '',
    ]),
  ];
}

/** 846: all that lies there, lot by lot, at one moment. What is picked is there until it leaves. */
export function inventoryReport(
  reportNo: string,
  positions: readonly Position[],
  control: string,
  at: Date,
): Segment[] {
  const { day, time } = dayAndTime(at);
  return [
    ['ST', '846', control],
    ['BIA', '00', 'MM', reportNo, day, time],
    site,
    ...positions.flatMap(({ sku, lot, uom, good, damaged }, index) => [
      ['LIN', String(index + 1), 'VN', sku, ...(lot === undefined ? [] : ['LT', lot])],
      ['QTY', '17', formatDecimal(good + damaged), uom],
      ...(damaged === 0n ? [] : [['QTY', '20', formatDecimal(damaged), uom]]),
    ]),
    ['CTT', String(positions.length)],
  ];
}
