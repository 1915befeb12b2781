import { type Item, type PriceRule, toGtin14 } from '../model/index.ts';
import type { Clock, Db } from '../platform/index.ts';

export interface CatalogSnapshot {
  itemBySku(sku: string): Item | undefined;
  /** Any GTIN of any of the item's units, 8 to 14 digits; the unit it identifies comes with it. */
  itemByGtin(gtin: string): { item: Item; uom: string } | undefined;
  pricesOf(sku: string): readonly PriceRule[];
}

/** The catalog of each tenant in memory, so that taking in an order reads nothing. */
export interface CatalogDirectory {
  /** Loads the tenant on first use; at once from then on. */
  open(tenantId: string): CatalogSnapshot | Promise<CatalogSnapshot>;
  /** Picks up what has been committed since; call it after a commit that wrote items or prices. */
  refresh(tenantId: string): Promise<void>;
  stop(): void;
}

class Shelf implements CatalogSnapshot {
  readonly #items = new Map<string, Item>();
  readonly #units = new Map<string, { sku: string; uom: string }>();
  readonly #rules = new Map<string, PriceRule>();
  readonly #prices = new Map<string, PriceRule[]>();
  revision = 0;

  itemBySku(sku: string): Item | undefined {
    return this.#items.get(sku);
  }

  itemByGtin(gtin: string): { item: Item; uom: string } | undefined {
    const unit = this.#units.get(toGtin14(gtin));
    const item = unit === undefined ? undefined : this.#items.get(unit.sku);
    return unit === undefined || item === undefined ? undefined : { item, uom: unit.uom };
  }

  pricesOf(sku: string): readonly PriceRule[] {
    return this.#prices.get(sku) ?? [];
  }

  putItem(item: Item): void {
    for (const { gtin } of this.#items.get(item.sku)?.uoms ?? []) {
      // It may have passed to another item in the same write.
      if (gtin !== undefined && this.#units.get(toGtin14(gtin))?.sku === item.sku) this.#units.delete(toGtin14(gtin));
    }
    this.#items.set(item.sku, item);
    for (const uom of item.uoms) {
      if (uom.gtin !== undefined) this.#units.set(toGtin14(uom.gtin), { sku: item.sku, uom: uom.code });
    }
  }

  putRule(rule: PriceRule): void {
    const former = this.#rules.get(rule.id);
    if (former !== undefined) {
      this.#prices.set(
        former.sku,
        this.pricesOf(former.sku).filter((other) => other.id !== rule.id),
      );
    }
    this.#rules.set(rule.id, rule);
    this.#prices.set(rule.sku, [...this.pricesOf(rule.sku), rule]);
  }
}

/** Other processes' writes are seen within `pollMs` by the tenant's revision; see the customer directory. */
export function createCatalogDirectory(options: { db: Db; clock: Clock; pollMs?: number }): CatalogDirectory {
  const { db, clock, pollMs = 2_000 } = options;
  /** Promises only until they are loaded: who asks afterwards waits for nothing. */
  const shelves = new Map<string, Shelf | Promise<Shelf>>();
  const reads = new Map<string, Promise<void>>();
  let stopped = false;
  let cancelPoll: (() => void) | undefined;

  async function readInto(tenantId: string, shelf: Shelf): Promise<Shelf> {
    const rows = await db.query<{ revision: number; item: Item | null; rule: PriceRule | null }>(
      tenantId,
      {
        name: 'catalog-since',
        text: `SELECT revision, document AS item, NULL::jsonb AS rule FROM item WHERE revision > $1
          UNION ALL SELECT revision, NULL, document FROM price_rule WHERE revision > $1 ORDER BY revision`,
      },
      [shelf.revision],
    );
    for (const row of rows) {
      if (row.item !== null) shelf.putItem(row.item);
      if (row.rule !== null) shelf.putRule(row.rule);
      shelf.revision = Math.max(shelf.revision, row.revision);
    }
    return shelf;
  }

  function load(tenantId: string): Promise<Shelf> {
    const shelf = readInto(tenantId, new Shelf());
    shelf.then(
      (loaded) => shelves.set(tenantId, loaded),
      () => shelves.delete(tenantId),
    );
    shelves.set(tenantId, shelf);
    return shelf;
  }

  function refresh(tenantId: string): Promise<void> {
    const shelf = shelves.get(tenantId);
    if (shelf === undefined) return Promise.resolve();
    const next = reads.get(tenantId) ?? Promise.resolve();
    const read = next.then(async () => void (await readInto(tenantId, await shelf)));
    reads.set(
      tenantId,
      read.catch(() => {}),
    );
    return read;
  }

  function schedulePoll(): void {
    if (stopped) return;
    cancelPoll = clock.setTimeout(() => {
      void Promise.allSettled([...shelves.keys()].map(refresh)).then(schedulePoll);
    }, pollMs);
  }
  schedulePoll();

  return {
    open: (tenantId) => shelves.get(tenantId) ?? load(tenantId),
    refresh,
    stop() {
      stopped = true;
      cancelPoll?.();
    },
  };
}
