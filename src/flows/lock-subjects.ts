import { findFulfillments, findTrackedOrders } from '../fulfillment/index.ts';
import { findOrderIds, lockOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';

/** By what reports name the orders they are about. */
export interface SubjectKey {
  fulfillmentNo?: string;
  tracking?: string;
  orderNo?: string;
}

/**
 * Locks every order that a batch of reports is about, at once and in order of id. Reports are applied kind by kind: were the
 * orders locked kind by kind too, two batches could each hold what the other wants.
 */
export async function lockSubjects(tx: Tx, keys: readonly SubjectKey[]): Promise<void> {
  const named = (pick: (key: SubjectKey) => string | undefined): string[] => [
    ...new Set(keys.flatMap((key) => pick(key) ?? [])),
  ];
  const fulfillments = await findFulfillments(
    tx,
    named((key) => key.fulfillmentNo),
  );
  const orderNos = named((key) => key.orderNo);
  const byNumber =
    orderNos.length === 0
      ? new Map<string, string>()
      : await findOrderIds(tx, { orderNos, erpOrderNos: orderNos, naturalKeys: orderNos });
  const tracked = await findTrackedOrders(
    tx,
    named((key) => key.tracking),
  );
  await lockOrders(tx, [
    ...[...fulfillments.values()].map((ref) => ref.orderId),
    ...byNumber.values(),
    ...tracked.map(({ orderId }) => orderId),
  ]);
}
