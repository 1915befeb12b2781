import type { SearchResult } from '../api/index.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { HubClient } from './hub-client.ts';

/** The order that an identifier has to do with: PO, order, SSCC, tracking, invoice, ISA13 … @throws CommandFailure notFound */
export async function findOrder(client: HubClient, id: string): Promise<{ orderId: string }> {
  const { body: found } = await client.request<SearchResult>(`/v1/search?q=${encodeURIComponent(id)}`);
  const hit = found.hits.find((entry) => entry.orderId !== undefined);
  if (hit?.orderId !== undefined) return { orderId: hit.orderId };
  const others = found.hits.map((entry) => `${entry.kind} ${entry.label}`);
  const hint = others.length === 0 ? '' : `; it names ${others.join(', ')}`;
  throw new CommandFailure(exitCodes.notFound, `No order has to do with ${id}${hint}`, found);
}
