import { randomUUID } from 'node:crypto';
import type { HubClient } from './hub-client.ts';
import { delay } from './lab-server.ts';
import type { Lab } from './supervisor.ts';

/** One of the eight things that go wrong once in the demo, for a visitor to find and solve. */
export interface PlannedException {
  name: string;
  /** Played so long after the traffic began; absent: with the others, at once. */
  afterMs?: number;
  play(lab: Lab, hub: HubClient): Promise<void>;
}

const led = { sku: 'LED', quantity: '2', uom: 'EA', price: '18.00' };
const poNumber = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 6).toUpperCase()}`;
const purchase = (lab: Lab, order: Record<string, unknown>) => lab.control('partner', 'POST', '/_orders', order);

async function order(hub: HubClient, sku: string, value: string, uom: string): Promise<void> {
  await hub.post('/v1/orders', {
    channel: 'portal',
    customer: 'C200',
    customerPo: poNumber('AH'),
    lines: [{ sku, quantity: { value, uom } }],
  });
}

async function badGtin(lab: Lab): Promise<void> {
  const unknown = { gtin: '00614141999996', quantity: '6', uom: 'EA', price: '18.00' };
  await purchase(lab, { poNumber: poNumber('MR-GTIN'), lines: [led, unknown] });
}

async function priceMismatch(lab: Lab): Promise<void> {
  const gloves = { sku: 'GLV', quantity: '100', uom: 'EA', price: '4.10' };
  await purchase(lab, { poNumber: poNumber('MR-PRICE'), lines: [gloves, led] });
}

async function duplicatePo(lab: Lab): Promise<void> {
  const number = poNumber('MR-TWICE');
  await purchase(lab, { poNumber: number, lines: [led] });
  await delay(4_000);
  await purchase(lab, { poNumber: number, lines: [{ ...led, quantity: '4' }] });
}

async function shortPick(lab: Lab, hub: HubClient): Promise<void> {
  await lab.dials('wms-dc1', { shortPick: { CBL: '40' } });
  await order(hub, 'CBL', '120', 'FT');
}

// The partner keeps one 855 for itself far beyond the time it has agreed to, then goes on as usual. An answer within minutes
// would close the exception before a visitor has seen it.
async function late997(lab: Lab): Promise<void> {
  await lab.dials('partner', { delaysMs: { acknowledge855: 12 * 3_600_000 } });
  const number = poNumber('MR-LATE');
  await purchase(lab, { poNumber: number, lines: [led] });
  for (let waitedMs = 0; waitedMs < 60_000 && !hasReceived855(lab, number); waitedMs += 1_000) await delay(1_000);
  await lab.dials('partner', { delaysMs: { acknowledge855: 2_000 } });
}

const hasReceived855 = (lab: Lab, number: string): boolean =>
  lab
    .logs('partner')
    .some((effect) => effect.kind === 'document.received' && effect.type === '855' && effect.key === number);

async function erpDown(lab: Lab, hub: HubClient): Promise<void> {
  await lab.dials('erp', { maintenance: true });
  try {
    await order(hub, 'BLT', '1', 'BX');
    // Longer than the breaker's alarm takes, so that the visitor finds an exception.
    await delay(90_000);
  } finally {
    await lab.dials('erp', { maintenance: false });
  }
}

async function unknownShipTo(lab: Lab): Promise<void> {
  await purchase(lab, {
    poNumber: poNumber('MR-STORE'),
    shipToGln: '0614141900206',
    shipToName: 'Meridian Store 206',
    lines: [led],
  });
}

const oversell = (_lab: Lab, hub: HubClient): Promise<void> => order(hub, 'PMP-220', '5', 'EA');

export const plannedExceptions: readonly PlannedException[] = [
  { name: 'bad GTIN', play: badGtin },
  { name: 'price mismatch', play: priceMismatch },
  { name: 'unknown ship-to', play: unknownShipTo },
  { name: 'oversell', play: oversell },
  { name: 'duplicate PO', play: duplicatePo },
  { name: 'short pick', play: shortPick },
  { name: 'late 997', play: late997 },
  // Not while a visitor watches his first orders walk: nothing ships meanwhile.
  { name: 'ERP down', afterMs: 5 * 60_000, play: erpDown },
];
