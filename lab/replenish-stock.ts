import { formatDecimal, parseDecimal } from './decimal.ts';
import type { HubClient } from './hub-client.ts';
import type { Lab } from './supervisor.ts';

interface Position {
  status: string;
  onHand: string;
  uom: string;
}

/** What a shelf of DC1 is filled up to, and when: opening stock of the items that the traffic buys. */
const shelves = [
  { sku: 'LED', upTo: '50', below: '30' },
  { sku: 'BLT', upTo: '24000', below: '8000' },
  { sku: 'GLV', lot: 'L2', upTo: '600', below: '250' },
  { sku: 'CBL', upTo: '1000', below: '400' },
  { sku: 'FLT13', upTo: '100', below: '40' },
] as const;

/** The same in Reno, whose warehouse goes by its own book. */
const renoShelves = [
  { sku: 'LED', upTo: '20', below: '10', uom: 'EA' },
  { sku: 'HLM', upTo: '200', below: '100', uom: 'EA' },
] as const;

/** Takes goods in for each shelf that runs low: in Columbus as the warehouse's goods receipt, in Reno by 944. */
export async function replenishStock(hub: HubClient, lab: Pick<Lab, 'control'>): Promise<void> {
  for (const { sku, upTo, below, ...shelf } of shelves) {
    const { data } = (await hub.get(`/v1/inventory?sku=${sku}&location=DC1&limit=100`)) as { data: Position[] };
    const available = data.filter(({ status }) => status === 'available');
    const onHand = available.reduce((sum, { onHand }) => sum + parseDecimal(onHand), 0n);
    const [position] = data;
    if (position === undefined || onHand >= parseDecimal(below)) continue;
    const lot = 'lot' in shelf ? { lot: shelf.lot } : {};
    const quantity = formatDecimal(parseDecimal(upTo) - onHand);
    const receivedAt = new Date();
    await hub.post('/v1/stock-movements', {
      source: 'wms-dc1',
      document: `GR-${sku}-${receivedAt.getTime()}`,
      location: 'DC1',
      type: 'receipt',
      occurredAt: receivedAt.toISOString(),
      lines: [{ lineNo: 1, sku, ...lot, quantity, uom: position.uom }],
    });
  }
  await replenishReno(lab);
}

async function replenishReno(lab: Pick<Lab, 'control'>): Promise<void> {
  const { stock } = (await lab.control('warehouse-3pl', 'GET', '/_state')) as {
    stock: { sku: string; good: string }[];
  };
  const lines = renoShelves.flatMap(({ sku, upTo, below, uom }) => {
    const good = parseDecimal(stock.find((position) => position.sku === sku)?.good ?? '0');
    return good >= parseDecimal(below) ? [] : [{ sku, quantity: formatDecimal(parseDecimal(upTo) - good), uom }];
  });
  if (lines.length > 0) await lab.control('warehouse-3pl', 'POST', '/_receipts', { lines });
}
