import { formatDecimal, parseDecimal } from './decimal.ts';
import type { HubClient } from './hub-client.ts';

interface Position {
  sku: string;
  location: string;
  lot?: string;
  expiry?: string;
  status: string;
  onHand: string;
  uom: string;
}

/** What a shelf is filled up to, and when: opening stock of the items that the traffic buys. */
const shelves = [
  { location: 'DC1', sku: 'LED', upTo: '50', below: '30' },
  { location: 'DC2', sku: 'LED', upTo: '20', below: '10' },
  { location: 'DC1', sku: 'BLT', upTo: '24000', below: '8000' },
  { location: 'DC1', sku: 'GLV', lot: 'L2', upTo: '600', below: '250' },
  { location: 'DC1', sku: 'CBL', upTo: '1000', below: '400' },
  { location: 'DC1', sku: 'FLT13', upTo: '100', below: '40' },
] as const;

/** Counts each shelf that runs low after a truck has been unloaded, and states the count as a stock snapshot. */
export async function replenishStock(hub: HubClient): Promise<void> {
  for (const { location, sku, upTo, below, ...shelf } of shelves) {
    const countedAt = new Date();
    const { data } = (await hub.get(`/v1/inventory?sku=${sku}&location=${location}&limit=100`)) as { data: Position[] };
    const available = data.filter(({ status }) => status === 'available');
    const onHand = available.reduce((sum, { onHand }) => sum + parseDecimal(onHand), 0n);
    if (onHand >= parseDecimal(below)) continue;
    const received = parseDecimal(upTo) - onHand;
    const lot = 'lot' in shelf ? shelf.lot : undefined;
    const target = data.find((position) => position.status === 'available' && position.lot === lot) ?? data[0];
    if (!target) continue;
    await hub.put(`/v1/stock-snapshots/${location}`, {
      location,
      asOf: countedAt.toISOString(),
      asOfSeq: Math.floor(countedAt.getTime() / 1000),
      positions: data.map((position) => ({
        sku,
        ...(position.lot ? { lot: position.lot } : {}),
        ...(position.expiry ? { expiry: position.expiry } : {}),
        status: position.status,
        quantity: formatDecimal(parseDecimal(position.onHand) + (position === target ? received : 0n)),
        uom: position.uom,
      })),
    });
  }
}
