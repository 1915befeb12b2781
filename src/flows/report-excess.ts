import type { NewException } from '../exceptions/index.ts';
import { compareDecimals } from '../model/index.ts';
import type { FactResult, LineChange, OrderAggregate } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';

/** That more of a line was picked, packed or shipped than was ordered is told, until it is corrected. */
export async function reportExcess(tx: Tx, hub: Hub, result: FactResult): Promise<void> {
  const exceeding = result.changes.filter((change) => exceeds(change, change.after, result));
  await raiseExceptions(
    tx,
    hub,
    exceeding.map((change) => overException(change, result.orders.get(change.orderId)!)),
  );
  const corrected = result.changes.filter(
    (change) => exceeds(change, change.before, result) && !exceeds(change, change.after, result),
  );
  if (corrected.length === 0) return;
  const resolution = 'The report was corrected';
  await settleExceptions(tx, hub, { dedupeKeys: corrected.map(overKey), resolution, by: 'hub' });
}

const executed: readonly string[] = ['picked', 'packed', 'shipped'];

function exceeds(change: LineChange, quantity: string, { orders }: FactResult): boolean {
  const line = orders.get(change.orderId)?.document.lines[change.lineNo - 1];
  return line !== undefined && executed.includes(change.kind) && compareDecimals(quantity, line.orderedBase) > 0;
}

const overKey = ({ orderId, lineNo, kind }: LineChange): string => `over:${orderId}:${lineNo}:${kind}`;

function overException(change: LineChange, aggregate: OrderAggregate): NewException {
  const { lineNo, kind, after } = change;
  const { sku, baseUom, orderedBase } = aggregate.document.lines[lineNo - 1]!;
  return {
    ...about(aggregate),
    code: 'OVER_SHIPMENT',
    dedupeKey: overKey(change),
    cause: `${after} ${baseUom} of ${sku} are reported ${kind} on line ${lineNo}, of which ${orderedBase} were ordered.`,
    data: { lineNo, sku, kind, quantity: after, ordered: orderedBase },
  };
}

function about({ id, orderNo, document }: OrderAggregate) {
  return {
    entityRefs: [{ kind: 'order' as const, id, label: orderNo }],
    orderId: id,
    correlationId: document.correlationId,
  };
}
