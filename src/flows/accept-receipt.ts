import { listPositions, lockItems, type StockMovement } from '../inventory/index.ts';
import { isPositiveDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Act } from './act-on-exception.ts';
import { applyStockMovements } from './apply-stock.ts';
import type { Hub } from './flow.ts';
import { settleExceptions } from './raise-exceptions.ts';
import type { Finding } from './report-receipt.ts';

/** What a receipt brought beyond its order is ours after all: it leaves the quarantine and may be sold. */
export async function acceptReceipt(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const { id, data, correlationId } = act.record;
  const { location, document } = data as { location: string; document: string };
  const beyond = ((data.findings ?? []) as Finding[]).filter(({ kind }) => kind === 'beyondOrder');
  const findings = await stillThere(tx, location, beyond);
  const movements = findings.flatMap((finding, index): StockMovement[] => {
    const { sku, lot, quantity } = finding;
    const common = {
      type: 'statusChange' as const,
      sku,
      location,
      lot,
      reason: 'overReceiptAccepted',
      docRef: document,
      source: act.actor,
      actor: act.actor,
      occurredAt: hub.clock.now(),
    };
    const key = `accept-receipt:${id}:${index}`;
    return [
      { ...common, key: `${key}:from`, status: 'quarantine', quantity: subtractDecimals('0', quantity) },
      { ...common, key: `${key}:to`, status: 'available', quantity },
    ];
  });
  await applyStockMovements(tx, hub, movements, { correlationId: correlationId ?? id });
  await settleExceptions(tx, hub, { ids: [id], resolution: act.reason, by: act.actor });
  if (findings.length === 0) return ['The exception is closed; nothing is in quarantine for being beyond its order'];
  return findings.map(({ sku, lot, quantity }) => {
    const of = lot === undefined ? sku : `${sku} lot ${lot}`;
    return `${quantity} of ${of} at ${location} leave the quarantine and may be sold`;
  });
}

/** Some of it may have been sent back, or been found missing, since. */
async function stillThere(tx: Tx, location: string, beyond: readonly Finding[]): Promise<Finding[]> {
  await lockItems(
    tx,
    beyond.map(({ sku }) => sku),
  );
  const left = new Map<string, string>();
  for (const sku of new Set(beyond.map((finding) => finding.sku))) {
    const { rows } = await listPositions(tx, { sku, location, limit: 10_000 });
    for (const { lot, status, onHand } of rows) if (status === 'quarantine') left.set(keyOf(sku, lot), onHand);
  }
  return beyond.flatMap((finding) => {
    const key = keyOf(finding.sku, finding.lot);
    const quantity = minDecimal(finding.quantity, left.get(key) ?? '0');
    if (!isPositiveDecimal(quantity)) return [];
    left.set(key, subtractDecimals(left.get(key)!, quantity));
    return [{ ...finding, quantity }];
  });
}

const keyOf = (sku: string, lot: string | undefined): string => JSON.stringify([sku, lot ?? '']);
