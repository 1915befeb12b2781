import { addDecimals, isZeroDecimal, subtractDecimals } from '../model/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { fillInUnsaid, keyOf, type PositionKey, type Quantities } from './fill-in-unsaid.ts';
import type { BaseSnapshot, SnapshotResult } from './inventory-types.ts';
import { lockItems } from './lock-items.ts';
import { postTransactions, type StockTransaction } from './post-transactions.ts';

/**
 * Replaces a location's positions of the items that a snapshot names: position = snapshot + Σ transactions that are later
 * than it. Judged per item: a snapshot whose asOfSeq is not above the newest one applied is stale and changes nothing.
 * The difference to the book is logged as a count, so that a position stays the sum of its log.
 */
export async function applySnapshots(tx: Tx, snapshots: readonly BaseSnapshot[], now: Date): Promise<SnapshotResult[]> {
  await lockItems(
    tx,
    snapshots.flatMap((snapshot) => snapshot.positions.map((position) => position.sku)),
  );
  const results: SnapshotResult[] = [];
  // In order of age, so that of two snapshots of one location in a batch the newer one stays.
  for (const snapshot of [...snapshots].sort((a, b) => a.asOfSeq - b.asOfSeq)) {
    results.push(await applyOne(tx, snapshot, now));
  }
  return results;
}

async function applyOne(tx: Tx, snapshot: BaseSnapshot, now: Date): Promise<SnapshotResult> {
  const named = [...new Set(snapshot.positions.map((position) => position.sku))];
  const staleRows = await tx.query<{ sku: string }>(
    'SELECT sku FROM snapshot_mark WHERE location = $1 AND sku = ANY($2::text[]) AND as_of_seq >= $3',
    [snapshot.location, named, snapshot.asOfSeq],
  );
  const stale = new Set(staleRows.map((row) => row.sku));
  const applied = named.filter((sku) => !stale.has(sku));
  const target = targetOf(snapshot, new Set(applied));
  const later = await readLater(tx, snapshot, applied);
  const current = await readCurrent(tx, snapshot.location, applied);
  await completeFromBook(tx, snapshot, target, current, later);
  for (const [key, row] of later) {
    const there = target.get(key);
    target.set(key, there === undefined ? row : { ...there, quantity: addDecimals(there.quantity, row.quantity) });
  }
  const { transactions, increased } = differences(snapshot, target, current);
  await postTransactions(tx, transactions, now);
  await tx.query(
    `INSERT INTO snapshot_mark (location, sku, as_of, as_of_seq) SELECT $1, sku, $3, $4 FROM unnest($2::text[]) AS sku ORDER BY sku
     ON CONFLICT (tenant_id, location, sku) DO UPDATE SET as_of = EXCLUDED.as_of, as_of_seq = EXCLUDED.as_of_seq`,
    [snapshot.location, applied, snapshot.asOf, snapshot.asOfSeq],
  );
  return { location: snapshot.location, asOfSeq: snapshot.asOfSeq, applied, stale: [...stale], increased };
}

function targetOf(snapshot: BaseSnapshot, applied: ReadonlySet<string>): Quantities {
  const target: Quantities = new Map();
  for (const position of snapshot.positions) {
    if (!applied.has(position.sku)) continue;
    const key = {
      sku: position.sku,
      lot: position.lot ?? '',
      owner: position.owner ?? '',
      status: position.status ?? ('available' as const),
    };
    const before = target.get(keyOf(key));
    if (before !== undefined && before.expiry !== (position.expiry ?? null)) {
      throw new HubError('VALIDATION_FAILED', {
        message: `Lot ${key.lot} of ${key.sku} is given with two expiry dates`,
      });
    }
    const quantity = addDecimals(before?.quantity ?? '0', position.quantity);
    target.set(keyOf(key), { ...key, quantity, expiry: position.expiry ?? null });
  }
  return target;
}

/** Σ of the transactions that the snapshot does not contain yet. */
async function readLater(tx: Tx, snapshot: BaseSnapshot, skus: readonly string[]): Promise<Quantities> {
  const rows = await tx.query<PositionKey & { quantity: string }>(
    `SELECT sku, lot, owner, status, trim_scale(sum(on_hand_delta))::text AS quantity FROM inventory_transaction
     WHERE location = $1 AND sku = ANY($2::text[]) AND source <> 'snapshot' AND on_hand_delta <> 0
       AND ((source_seq IS NULL AND occurred_at >= $3) OR (source_seq IS NOT NULL AND source_seq > $4))
     GROUP BY sku, lot, owner, status`,
    [snapshot.location, skus, snapshot.asOf, snapshot.asOfSeq],
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** What the snapshot leaves unsaid of its items, as the book was then. */
async function completeFromBook(
  tx: Tx,
  { unsaid = [], location, asOf }: BaseSnapshot,
  target: Quantities,
  current: Quantities,
  later: Quantities,
): Promise<void> {
  const applied = new Set([...target.values()].map(({ sku }) => sku));
  const open = unsaid.filter(({ sku }) => applied.has(sku));
  if (open.length === 0) return;
  // On hold for a count is what could not be found: of that the site's own word counts.
  const missing = await tx.query<PositionKey & { quantity: string }>(
    `SELECT sku, lot, '' AS owner, 'hold' AS status, trim_scale(sum(held))::text AS quantity FROM count_task
     WHERE state = 'open' AND location = $1 AND sku = ANY($2::text[]) AND opened_at < $3 GROUP BY sku, lot`,
    [location, open.map(({ sku }) => sku), asOf],
  );
  const notThen = new Map(later);
  for (const row of missing) {
    const quantity = addDecimals(row.quantity, later.get(keyOf(row))?.quantity ?? '0');
    notThen.set(keyOf(row), { ...row, quantity });
  }
  for (const one of open) fillInUnsaid(one, target, current, notThen);
}

async function readCurrent(tx: Tx, location: string, skus: readonly string[]): Promise<Quantities> {
  const rows = await tx.query<PositionKey & { quantity: string; expiry: string | null }>(
    `SELECT sku, lot, owner, status, expiry, trim_scale(on_hand)::text AS quantity FROM inventory_position
     WHERE location = $1 AND sku = ANY($2::text[])`,
    [location, skus],
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function differences(snapshot: BaseSnapshot, target: Quantities, current: Quantities) {
  const transactions: StockTransaction[] = [];
  const increased = new Set<string>();
  for (const key of new Set([...target.keys(), ...current.keys()])) {
    const wanted = target.get(key);
    const book = current.get(key);
    const row = wanted ?? book!;
    const delta = subtractDecimals(wanted?.quantity ?? '0', book?.quantity ?? '0');
    const sameExpiry = wanted?.expiry === undefined || wanted.expiry === null || wanted.expiry === book?.expiry;
    // A position that is known for the first time is written even if it is empty: "none left" is a statement.
    if (isZeroDecimal(delta) && book !== undefined && sameExpiry) continue;
    if (row.status === 'available' && !delta.startsWith('-')) increased.add(row.sku);
    transactions.push({
      type: 'count',
      sku: row.sku,
      location: snapshot.location,
      lot: row.lot,
      owner: row.owner,
      status: row.status,
      expiry: row.expiry,
      onHand: delta,
      reason: 'integration',
      docRef: `snapshot:${snapshot.location}:${snapshot.asOfSeq}`,
      source: 'snapshot',
      occurredAt: snapshot.asOf,
      force: true,
    });
  }
  return { transactions, increased: [...increased] };
}
