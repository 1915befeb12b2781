import { findFulfillments, loadFulfillmentRecords } from '../fulfillment/index.ts';
import type { InboundResult } from '../maps/index.ts';
import { getAgreement, type Terms } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';

/**
 * Why a partner's document cannot tell of the release that it names: another partner has it. Releases that did not go out by
 * EDI may be told of by whoever is allowed to send such documents.
 */
export async function foreignRelease(
  tx: Tx,
  results: readonly InboundResult[],
  { agreement }: Terms,
): Promise<string | undefined> {
  const refs = await findFulfillments(tx, [...new Set(results.flatMap(releasesOf))]);
  if (refs.size === 0) return undefined;
  for (const record of await loadFulfillmentRecords(tx, { ids: [...refs.values()].map(({ id }) => id) })) {
    if (record.agreement === undefined || record.agreement === agreement.id) continue;
    // A partner may have moved to another agreement since.
    const sentTo = (await getAgreement(tx, record.agreement))?.agreement.partner;
    if (sentTo === agreement.partner) continue;
    return `It tells of release ${record.order.fulfillmentNo}, which went to ${sentTo ?? record.order.location}`;
  }
  return undefined;
}

function releasesOf(result: InboundResult): string[] {
  switch (result.kind) {
    case 'facts':
      return result.value.flatMap(({ fulfillmentNo }) => fulfillmentNo ?? []);
    case 'packed':
    case 'shipment':
    case 'void':
      return [result.value.fulfillmentNo];
    default:
      return [];
  }
}
