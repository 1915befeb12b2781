import type { NewException } from '../exceptions/index.ts';
import { markOrphans } from '../fulfillment/index.ts';
import { markInvoiceOrphans } from '../invoicing/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

const parkedForMs = 24 * 3_600_000;

/**
 * Reports that have waited a day for what they are about become exceptions; they still apply when it appears after all. A
 * chore: every few minutes.
 */
export async function sweepParked(tx: Tx, hub: Hub, limit = 200): Promise<number> {
  const now = hub.clock.now();
  const before = new Date(now.getTime() - parkedForMs);
  const reports = await markOrphans(tx, before, now, limit);
  const invoices = await markInvoiceOrphans(tx, before, now, limit);
  const orphans = [
    ...reports.map(({ id, kind, parentKey, report }) => ({ id, what: `A report (${kind})`, about: parentKey, report })),
    ...invoices.map(({ id, orderNo, report }) => ({
      id,
      what: `Invoice ${report.invoiceNo}`,
      about: orderNo,
      report: report as unknown,
    })),
  ];
  await raiseExceptions(
    tx,
    hub,
    orphans.map(
      ({ id, what, about, report }): NewException => ({
        code: 'ORPHAN_EVENT',
        dedupeKey: `parked:${id}`,
        entityRefs: [],
        cause: `${what} named ${about}, which has not appeared within 24 hours.`,
        data: { parent: about, report },
      }),
    ),
  );
  return orphans.length;
}
