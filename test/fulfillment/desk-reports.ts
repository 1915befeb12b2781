import { listExceptions } from '../../src/exceptions/index.ts';
import { applyFacts } from '../../src/flows/apply-facts.ts';
import { applyPacked, applyShipments } from '../../src/flows/apply-shipments.ts';
import { applyTracking } from '../../src/flows/apply-tracking.ts';
import { fillBackorders } from '../../src/flows/fill-backorders.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { labelShipment } from '../../src/flows/label-shipment.ts';
import { notifyShipment } from '../../src/flows/notify-shipment.ts';
import { postInvoices } from '../../src/flows/post-invoice.ts';
import { processOrder } from '../../src/flows/process-order.ts';
import { publishAvailability } from '../../src/flows/publish-availability.ts';
import { recheckHolds } from '../../src/flows/recheck-holds.ts';
import { releaseOrder } from '../../src/flows/release-order.ts';
import { listFulfillmentOrders } from '../../src/fulfillment/index.ts';
import type { FulfillmentOrder, OrderLineInput, ShipmentPackage } from '../../src/model/index.ts';
import { loadCustomers, putCustomers } from '../../src/parties/index.ts';
import type { ShippingDesk } from './shipping-desk.ts';

/** Everything between an accepted order and a paid invoice. */
export const shippingFlows: readonly Flow[] = [
  processOrder,
  recheckHolds,
  releaseOrder,
  labelShipment,
  notifyShipment,
  fillBackorders,
  publishAvailability,
];

export function line(sku: string, value: string, uom = 'EA'): OrderLineInput {
  return { sku, quantity: { value, uom } };
}

/** The warehouse's side: what it reports about one release. */
export function warehouse(desk: ShippingDesk, release: FulfillmentOrder) {
  const source = release.location === 'DC1' ? 'wms-dc1' : 'wms-dc2';
  const at = desk.clock.now().toISOString();
  const say = async (kind: 'picked' | 'short', quantity: string, sequence: number, lineNo = 1): Promise<void> => {
    const { fulfillmentNo } = release;
    const fact = { source, document: fulfillmentNo, fulfillmentNo, lineNo, kind, quantity, uom: 'EA', sequence };
    await desk.tx((tx) => applyFacts(tx, desk.hub, [{ ...fact, occurredAt: at }]));
    await desk.settle();
  };
  const report = (document: string, packages: ShipmentPackage[], sequence: number) => ({
    source,
    document,
    sequence,
    fulfillmentNo: release.fulfillmentNo,
    packages,
  });
  return {
    pick: (quantity: string, sequence = 1) => say('picked', quantity, sequence),
    short: (quantity: string, sequence = 2) => say('short', quantity, sequence),
    async pack(packages: ShipmentPackage[], document = `PK-${release.fulfillmentNo}`, sequence = 3): Promise<void> {
      await desk.tx((tx) => applyPacked(tx, desk.hub, [{ ...report(document, packages, sequence), packedAt: at }]));
      await desk.settle();
    },
    async ship(packages: ShipmentPackage[], document = `PK-${release.fulfillmentNo}`, sequence = 4): Promise<void> {
      await desk.tx((tx) => applyShipments(tx, desk.hub, [{ ...report(document, packages, sequence), shippedAt: at }]));
      await desk.settle();
    },
  };
}

export function box(
  packageNo: number,
  sku: string,
  quantity: string,
  more: Partial<ShipmentPackage['contents'][number]> = {},
) {
  return { packageNo, contents: [{ lineNo: 1, sku, quantity, uom: 'EA', ...more }] };
}

export async function releasesOf(desk: ShippingDesk, orderId: string): Promise<FulfillmentOrder[]> {
  return desk.tx((tx) => listFulfillmentOrders(tx, [orderId]));
}

export async function openExceptionsOf(desk: ShippingDesk, code: string) {
  const { rows } = await desk.tx((tx) => listExceptions(tx, { state: 'open', code }, { limit: 50 }));
  return rows;
}

export async function delivered(desk: ShippingDesk, tracking: string, sequence = 5): Promise<void> {
  const at = desk.clock.now().toISOString();
  const report = {
    source: 'carrier',
    tracking,
    status: 'delivered' as const,
    occurredAt: at,
    sequence,
    nativeCode: 'DL',
  };
  await desk.tx((tx) => applyTracking(tx, desk.hub, [report]));
  await desk.settle();
}

export interface Billed {
  quantity: string;
  uom?: string;
  amountMinor: number;
  invoiceNo?: string;
  currency?: string;
}

export async function bill(desk: ShippingDesk, orderNo: string, billed: Billed): Promise<void> {
  const { quantity, uom = 'EA', amountMinor, invoiceNo = `INV-${orderNo}`, currency = 'USD' } = billed;
  const report = {
    source: 'erp',
    invoiceNo,
    orderNo,
    invoiceDate: '2026-06-01',
    currency,
    lines: [
      {
        lineNo: 1,
        quantity: { value: quantity, uom },
        unitPrice: { value: '18.00', currency: 'USD', perQty: '1', uom: 'EA' },
        amountMinor,
      },
    ],
    taxMinor: 0,
    freightMinor: 0,
    totalMinor: amountMinor,
    postedAt: desk.clock.now().toISOString(),
  };
  await desk.tx((tx) => postInvoices(tx, desk.hub, [report]));
  await desk.settle();
}

export function countSent(desk: ShippingDesk): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of desk.sent) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

export async function setShelfLife(desk: ShippingDesk, accountNo: string, minShelfDays: number): Promise<void> {
  await desk.tx(async (tx) => {
    const customer = (await loadCustomers(tx, [accountNo])).get(accountNo)!.value;
    await putCustomers(tx, [{ ...customer, minShelfDays }], { now: desk.clock.now() });
  });
}
