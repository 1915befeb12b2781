import type { StoredMessage } from '../exchange/index.ts';
import { findFulfillments, loadFulfillmentRecords } from '../fulfillment/index.ts';
import type { ApplicationAdvice } from '../model/index.ts';
import { getAgreement } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Translated } from './apply-results.ts';
import type { Hub } from './flow.ts';
import { type Refusal, rejectReleases } from './settle-releases.ts';

/**
 * Application advice (824, APERAK) by which a warehouse refuses what it could read: a release, named by our number. Advice
 * about anything else is kept with its message.
 */
export async function takeAdvice(tx: Tx, hub: Hub, items: readonly Translated[]): Promise<void> {
  const refusing = items.flatMap(({ message, results }) =>
    results.flatMap((result) => {
      if (result.kind !== 'document' || result.schema !== 'application-advice') return [];
      const advice = result.value as ApplicationAdvice;
      return advice.verdict === 'rejected' ? [{ message, advice }] : [];
    }),
  );
  if (refusing.length === 0) return;
  const refs = await findFulfillments(
    tx,
    refusing.flatMap(({ advice }) => advice.reference ?? []),
  );
  const records = await loadFulfillmentRecords(tx, { ids: [...refs.values()].map((ref) => ref.id) });
  const refusals = new Map<string, Refusal>();
  for (const { message, advice } of refusing) {
    const record = records.find(({ order }) => order.fulfillmentNo === advice.reference);
    if (record?.agreement === undefined) continue;
    // Another partner may have a number like ours.
    const terms = await getAgreement(tx, record.agreement);
    if (terms?.agreement.partner === advice.partner)
      refusals.set(record.order.id, refusalOf(record.order, message, advice));
  }
  if (refusals.size > 0) await rejectReleases(tx, hub, refusals);
}

function refusalOf(
  order: Refusal['order'] & { fulfillmentNo: string },
  message: StoredMessage,
  { partner, errors }: ApplicationAdvice,
): Refusal {
  const said = (errors ?? []).map(({ code, text }) => [code, text].filter(Boolean).join(' ')).join('; ');
  return {
    order,
    cause: `${partner} refused release ${order.fulfillmentNo} (824): ${said || 'no reason given'}.`,
    messageId: message.id,
  };
}
