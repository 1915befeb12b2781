import { request } from 'undici';
import { delay } from './lab-server.ts';

/** A control call at the carrier, which warehouses meet at their dock; undefined when it is out of reach. */
async function ask(carrierUrl: string, path: string, body: unknown): Promise<unknown> {
  try {
    const reply = await request(`${carrierUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await reply.body.json();
    return reply.statusCode < 300 ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** The driver scans the cartons at the dock; should the carrier be out of reach, it starts by itself later. */
export async function handOver(carrierUrl: string | undefined, trackingNumbers: readonly string[]): Promise<void> {
  if (!carrierUrl || trackingNumbers.length === 0) return;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if ((await ask(carrierUrl, '/_pickup', { trackingNumbers })) !== undefined) return;
    await delay(500);
  }
}

/** Tracking numbers that a warehouse takes on its own account, the same ones again for the same shipment. */
export async function takeLabels(
  carrierUrl: string | undefined,
  shipment: { shipmentNo: string; carrier?: string; packages: number },
): Promise<string[]> {
  if (!carrierUrl) return [];
  const packages = Array.from({ length: shipment.packages }, (_, index) => ({ packageNo: index + 1 }));
  const { shipmentNo: key, carrier } = shipment;
  const made = (await ask(carrierUrl, '/_labels', { key, carrier, packages })) as
    | { packages: { trackingNumber: string }[] }
    | undefined;
  return made?.packages.map(({ trackingNumber }) => trackingNumber) ?? [];
}
