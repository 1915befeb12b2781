import type { ExpectedSupply } from '../model/index.ts';
import type { Clock, Db, Tx } from '../platform/index.ts';
import { type AvailabilityFacts, loadAvailabilityFacts } from './availability.ts';
import { listExpectedSupply } from './expected-supply.ts';
import {
  changesKeptMs,
  changesSince,
  everyItem,
  hearStockChanges as hearOwnChanges,
  type StockListener,
} from './stock-change-log.ts';

/** An item's stock as it was read, with room for what is worked out from it. */
export interface ItemFacts extends AvailabilityFacts {
  readonly sku: string;
  readonly supply: readonly ExpectedSupply[];
  /** Answers that were worked out from these facts, by what was asked; they go when the facts do. */
  readonly answers: Map<string, unknown>;
}

export interface StockView {
  readonly item: ItemFacts;
  /** Everything that was committed before this instant (of this process's clock) is in it. */
  readonly asOf: Date;
}

/**
 * Each tenant's stock in memory, as far as it is asked for. What this process commits is seen by the next read; what
 * others commit within `staleMs`. For answers only: whoever decides about stock locks the items and reads the database.
 */
export interface StockDirectory {
  /**
   * At once where the item is known and fresh enough. Otherwise all who ask meanwhile share one look at the database:
   * what has changed since the last one, and the items that are wanted.
   * @param options.fresh reads the item from the database whatever is known of it
   */
  read(tenantId: string, sku: string, options?: { fresh?: boolean }): StockView | Promise<StockView>;
  stop(): void;
}

export interface StockDirectoryOptions {
  db: Db;
  clock: Clock;
  /** How old what other processes have changed may be in an answer. */
  staleMs?: number;
  /** An item is read again after this time in any case: what is changed past the hub's own code heals by it. */
  rereadMs?: number;
  /** Items kept over all tenants; those that came first leave first. */
  mostItems?: number;
  hear?: (listener: StockListener) => () => void;
}

interface Entry {
  readonly facts: ItemFacts;
  readonly readMs: number;
}

interface Shelf {
  readonly entries: Map<string, Entry>;
  /** The database's snapshot of the last look; null: nothing is known. */
  snapshot: string | null;
  /** Monotonic and wall time at which the last look began. */
  lookedMs: number;
  asOf: Date;
  /** This process has committed a change since the last look began. */
  dirty: boolean;
  wanted: Set<string>;
  reread: Set<string>;
  running: Promise<void> | undefined;
  next: Promise<void> | undefined;
}

export function createStockDirectory(options: StockDirectoryOptions): StockDirectory {
  const { db, clock, staleMs = 250, rereadMs = 60_000, mostItems = 10_000, hear = hearOwnChanges } = options;
  const shelves = new Map<string, Shelf>();
  const deaf = hear((tenantId) => {
    const shelf = shelves.get(tenantId);
    if (shelf !== undefined) shelf.dirty = true;
  });

  const shelfOf = (tenantId: string): Shelf => {
    const known = shelves.get(tenantId);
    if (known !== undefined) return known;
    const shelf = emptyShelf(clock);
    shelves.set(tenantId, shelf);
    return shelf;
  };

  const freshEnough = (shelf: Shelf, entry: Entry): boolean => {
    if (shelf.dirty || shelf.snapshot === null) return false;
    const nowMs = clock.monotonicMs();
    return nowMs - shelf.lookedMs <= staleMs && nowMs - entry.readMs <= rereadMs;
  };

  /** One look at a time: what is read in it is never older than what the look before knew. */
  const look = async (tenantId: string, shelf: Shelf): Promise<void> => {
    const { wanted, reread } = shelf;
    const beganMs = clock.monotonicMs();
    const asOf = clock.now();
    Object.assign(shelf, { wanted: new Set(), reread: new Set(), dirty: false, next: undefined });
    if (beganMs - shelf.lookedMs > changesKeptMs / 2) forget(shelf);
    try {
      await db.tx(tenantId, async (tx) => {
        const missing = [...wanted].filter((sku) => {
          const entry = shelf.entries.get(sku);
          return entry === undefined || reread.has(sku) || beganMs - entry.readMs > rereadMs;
        });
        // All in one wait, the changes first: what is read behind them has seen them, and what came between is found by
        // the next look. An item that was known and has changed is read by the next look, too.
        const [{ snapshot, skus }, items] = await Promise.all([
          changesSince(tx, shelf.snapshot),
          loadItems(tx, missing),
          tx.commitWith([]),
        ]);
        if (skus.includes(everyItem)) shelf.entries.clear();
        for (const sku of skus) shelf.entries.delete(sku);
        for (const facts of items) shelf.entries.set(facts.sku, { facts, readMs: beganMs });
        Object.assign(shelf, { snapshot, lookedMs: beganMs, asOf });
      });
    } catch (error) {
      forget(shelf);
      throw error;
    }
  };

  const joinLook = (tenantId: string, shelf: Shelf): Promise<void> => {
    if (shelf.next !== undefined) return shelf.next;
    const before = shelf.running ?? Promise.resolve();
    const next = before.catch(() => {}).then(() => look(tenantId, shelf));
    shelf.next = next;
    shelf.running = next;
    // Behind the readers of this look: it may have been what they asked for that is one too many.
    void next.then(
      () => queueMicrotask(() => evict(shelf)),
      () => {},
    );
    return next;
  };

  const evict = (keep: Shelf): void => {
    let size = 0;
    for (const shelf of shelves.values()) size += shelf.entries.size;
    for (const shelf of [...shelves.values()].sort((a, b) => Number(a === keep) - Number(b === keep))) {
      for (const sku of shelf.entries.keys()) {
        if (size <= mostItems) return;
        shelf.entries.delete(sku);
        size -= 1;
      }
    }
  };

  const readLater = async (tenantId: string, shelf: Shelf, sku: string, fresh: boolean): Promise<StockView> => {
    shelf.wanted.add(sku);
    if (fresh) shelf.reread.add(sku);
    await joinLook(tenantId, shelf);
    const entry = shelf.entries.get(sku);
    // Another reader of this look has made room for its own item.
    if (entry === undefined) return readLater(tenantId, shelf, sku, false);
    return { item: entry.facts, asOf: shelf.asOf };
  };

  return {
    read(tenantId, sku, { fresh = false } = {}) {
      const shelf = shelfOf(tenantId);
      const entry = shelf.entries.get(sku);
      return fresh || entry === undefined || !freshEnough(shelf, entry)
        ? readLater(tenantId, shelf, sku, fresh)
        : { item: entry.facts, asOf: shelf.asOf };
    },
    stop: deaf,
  };
}

function emptyShelf(clock: Clock): Shelf {
  return {
    entries: new Map(),
    snapshot: null,
    lookedMs: clock.monotonicMs(),
    asOf: clock.now(),
    dirty: false,
    wanted: new Set(),
    reread: new Set(),
    running: undefined,
    next: undefined,
  };
}

function forget(shelf: Shelf): void {
  shelf.entries.clear();
  shelf.snapshot = null;
}

async function loadItems(tx: Tx, skus: readonly string[]): Promise<ItemFacts[]> {
  if (skus.length === 0) return [];
  const [{ stock, details }, supply] = await Promise.all([
    loadAvailabilityFacts(tx, skus),
    listExpectedSupply(tx, { skus }),
  ]);
  const positions = Map.groupBy(stock.positions, (row) => row.sku);
  const policies = Map.groupBy(stock.policies, (row) => row.sku);
  const waiting = Map.groupBy(stock.waiting, (row) => row.sku);
  const marks = Map.groupBy(details.marks, (row) => row.sku);
  const picks = Map.groupBy(details.picks, (row) => row.sku);
  const supplies = Map.groupBy(supply, ({ value }) => value.sku);
  return skus.map((sku) => ({
    sku,
    stock: {
      positions: positions.get(sku) ?? [],
      policies: policies.get(sku) ?? [],
      waiting: waiting.get(sku) ?? [],
    },
    details: { marks: marks.get(sku) ?? [], picks: picks.get(sku) ?? [] },
    supply: supplies.get(sku)?.map(({ value }) => value) ?? [],
    answers: new Map(),
  }));
}
