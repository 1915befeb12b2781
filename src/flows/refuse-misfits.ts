import type { NewException } from '../exceptions/index.ts';
import { findFulfillments, loadFulfillmentRecords } from '../fulfillment/index.ts';
import type { FulfillmentOrder, ShipmentPackage } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Translated } from './apply-results.ts';
import { mapFailed } from './check-results.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/**
 * Packages that cannot be of their release: they hold another item than the line that they name, or name a line that the release
 * has not. What has left instead, and out of which stock, is for a person to find out; until then the message waits.
 * @returns why, for those that wait
 */
export async function refuseMisfits(tx: Tx, hub: Hub, items: readonly Translated[]): Promise<Map<Translated, string>> {
  const reports = items.flatMap((item) =>
    item.results.flatMap((result) =>
      result.kind === 'packed' || result.kind === 'shipment' ? [{ item, report: result.value }] : [],
    ),
  );
  const misfits = new Map<Translated, string>();
  if (reports.length === 0) return misfits;
  const refs = await findFulfillments(
    tx,
    reports.map(({ report }) => report.fulfillmentNo),
  );
  const records = await loadFulfillmentRecords(tx, { ids: [...refs.values()].map(({ id }) => id) });
  const releases = new Map(records.map(({ order }) => [order.fulfillmentNo, order]));
  const problems: NewException[] = [];
  for (const { item, report } of reports) {
    const release = releases.get(report.fulfillmentNo);
    const text = release && misfitOf(release, report.packages);
    if (text === undefined) continue;
    misfits.set(item, text);
    problems.push(mapFailed(item.message, { code: 'ITEM_MISMATCH', text }));
  }
  await raiseExceptions(tx, hub, problems);
  return misfits;
}

function misfitOf(
  { fulfillmentNo, lines }: FulfillmentOrder,
  packages: readonly ShipmentPackage[],
): string | undefined {
  for (const { lineNo, sku } of packages.flatMap(({ contents }) => contents)) {
    const line = lines.find((each) => each.lineNo === lineNo);
    if (line === undefined) return `release ${fulfillmentNo} has no line ${lineNo}, under which ${sku} was shipped`;
    if (line.sku !== sku) {
      return `${sku} was shipped under line ${lineNo} of release ${fulfillmentNo}, which asks for ${line.sku}`;
    }
  }
  return undefined;
}
