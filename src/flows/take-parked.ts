import { type ParkedKind, type ParkedReport, takeParkedReports } from '../fulfillment/index.ts';
import { takeParkedInvoices } from '../invoicing/index.ts';
import type { InvoiceReport } from '../model/index.ts';
import { type OrderFact, takeParkedFacts } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { settleExceptions } from './raise-exceptions.ts';

/** Dedupe key of the ORPHAN_EVENT about something parked: a report or an invoice by its id, facts by what they wait for. */
export const orphanKey = (idOrParent: string): string => `parked:${idOrParent}`;

/** Facts that waited for these fulfilment or order numbers; apply them now. */
export async function takeFacts(tx: Tx, hub: Hub, awaited: readonly string[]): Promise<OrderFact[]> {
  const parked = await takeParkedFacts(tx, awaited);
  const parents = parked.map(({ parent }) => parent);
  await settleOrphans(tx, hub, parents);
  return parked.flatMap(({ facts }) => facts);
}

/** Reports that waited for these fulfilment or tracking numbers, in order of arrival; apply them now. */
export async function takeReports<R>(
  tx: Tx,
  hub: Hub,
  kinds: readonly ParkedKind[],
  parentKeys: readonly string[],
): Promise<ParkedReport<R>[]> {
  const parked = await takeParkedReports<R>(tx, kinds, parentKeys);
  await settleOrphans(tx, hub, idsOf(parked));
  return parked;
}

/** Invoices that waited for orders under these numbers, in order of arrival; post them now. */
export async function takeInvoices(tx: Tx, hub: Hub, orderNos: readonly string[]): Promise<InvoiceReport[]> {
  const parked = await takeParkedInvoices(tx, orderNos);
  await settleOrphans(tx, hub, idsOf(parked));
  return parked.map(({ report }) => report);
}

const idsOf = (parked: readonly { id: string }[]): string[] => parked.map(({ id }) => id);

/** What it is about is here now: nobody has to look for it any more. */
async function settleOrphans(tx: Tx, hub: Hub, taken: readonly string[]): Promise<void> {
  if (taken.length === 0) return;
  await settleExceptions(tx, hub, {
    dedupeKeys: taken.map(orphanKey),
    resolution: 'What it is about has appeared, and it was applied',
    by: 'hub',
  });
}
