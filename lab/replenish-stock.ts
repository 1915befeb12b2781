import { formatDecimal, parseDecimal } from './decimal.ts';
import type { HubClient } from './hub-client.ts';

interface Position {
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

/** Takes goods in for each shelf that runs low, as the warehouse's goods receipt. */
export async function replenishStock(hub: HubClient): Promise<void> {
  for (const { location, sku, upTo, below, ...shelf } of shelves) {
    const { data } = (await hub.get(`/v1/inventory?sku=${sku}&location=${location}&limit=100`)) as { data: Position[] };
    const available = data.filter(({ status }) => status === 'available');
    const onHand = available.reduce((sum, { onHand }) => sum + parseDecimal(onHand), 0n);
    const [position] = data;
    if (position === undefined || onHand >= parseDecimal(below)) continue;
    const lot = 'lot' in shelf ? { lot: shelf.lot } : {};
    const quantity = formatDecimal(parseDecimal(upTo) - onHand);
    const receivedAt = new Date();
    await hub.post('/v1/stock-movements', {
      source: `wms-${location.toLowerCase()}`,
      document: `GR-${sku}-${receivedAt.getTime()}`,
      location,
      type: 'receipt',
      occurredAt: receivedAt.toISOString(),
      lines: [{ lineNo: 1, sku, ...lot, quantity, uom: position.uom }],
    });
  }
}
