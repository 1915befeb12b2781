import type { NewException } from '../exceptions/index.ts';
import { findFulfillments, markOrphans, type ParkedReport } from '../fulfillment/index.ts';
import { markInvoiceOrphans } from '../invoicing/index.ts';
import type { VoidReport } from '../model/index.ts';
import { markFactOrphans, type ParkedFacts } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';
import { orphanKey } from './take-parked.ts';

const parkedForMs = 24 * 3_600_000;

/** At most so many facts are spelled out for a person; the exception's data has them all. */
const factsTold = 5;

/**
 * Facts, reports and invoices that have waited a day for what they are about become exceptions; they still apply when it
 * appears after all, and the exception resolves then. A chore: every few minutes. Answers how many exceptions that makes.
 */
export async function sweepParked(tx: Tx, hub: Hub, limit = 200): Promise<number> {
  const now = hub.clock.now();
  const before = new Date(now.getTime() - parkedForMs);
  const facts = await markFactOrphans(tx, before, now, limit);
  const reports = await markOrphans(tx, before, now, limit);
  const invoices = await markInvoiceOrphans(tx, before, now, limit);
  const orphans = [
    ...facts.map(({ parent, facts: said }) => orphan(parent, factsText(said), parent, { facts: said })),
    ...reports
      .filter(({ kind }) => kind !== 'void')
      .map(({ id, kind, parentKey, report }) => orphan(id, `A report (${kind})`, parentKey, { report })),
    ...(await orphanVoids(tx, reports)),
    ...invoices.map(({ id, orderNo, report }) => orphan(id, `Invoice ${report.invoiceNo}`, orderNo, { report })),
  ];
  await raiseExceptions(tx, hub, orphans);
  return orphans.length;
}

function orphan(key: string, what: string, about: string, data: Record<string, unknown>): NewException {
  return {
    code: 'ORPHAN_EVENT',
    dedupeKey: orphanKey(key),
    entityRefs: [],
    cause: `${what} named ${about}, which has not appeared within 24 hours.`,
    data: { parent: about, ...data },
  };
}

/** Their release is mostly here, and with it an order that somebody can look at; what they void has not come. */
async function orphanVoids(tx: Tx, parked: readonly ParkedReport[]): Promise<NewException[]> {
  const voids = parked.filter(({ kind }) => kind === 'void') as ParkedReport<VoidReport>[];
  if (voids.length === 0) return [];
  const refs = await findFulfillments(
    tx,
    voids.map(({ report }) => report.fulfillmentNo),
  );
  return voids.map(({ id, report }): NewException => {
    const { source, document, fulfillmentNo } = report;
    const ref = refs.get(fulfillmentNo);
    return {
      code: 'ORPHAN_EVENT',
      dedupeKey: orphanKey(id),
      entityRefs: ref === undefined ? [] : [{ kind: 'order', id: ref.orderId, label: ref.orderNo }],
      ...(ref === undefined ? {} : { orderId: ref.orderId, correlationId: ref.correlationId }),
      cause: `${source} voids document ${document} of release ${fulfillmentNo}, under which nothing has been packed or shipped here within 24 hours.`,
      data: { ...report },
    };
  });
}

/** Who said what: `A fact of wms-dc1 (line 1: 5 EA picked)`. */
function factsText(facts: ParkedFacts['facts']): string {
  const sources = [...new Set(facts.map((fact) => fact.source))].join(', ');
  const told = facts
    .slice(0, factsTold)
    .map(({ lineNo, quantity, uom, kind }) => `line ${lineNo}: ${quantity} ${uom} ${kind}`);
  const more = facts.length > factsTold ? `; and ${facts.length - factsTold} more` : '';
  return `${facts.length === 1 ? 'A fact' : `${facts.length} facts`} of ${sources} (${told.join('; ')}${more})`;
}
