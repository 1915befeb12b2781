import { formatDecimal, parseDecimal } from '../decimal.ts';

/** A change of what lies in the warehouse; quantities are signed and in the unit that the goods are kept in. */
export interface Move {
  sku: string;
  lot?: string;
  quantity: string;
  uom: string;
  /** Absent: fit for sale. */
  status?: 'damaged';
}

export interface Position {
  sku: string;
  lot?: string;
  uom: string;
  good: bigint;
  damaged: bigint;
  /** Part of `good` that is picked for releases and has not left. */
  picked: bigint;
}

export interface Lot {
  lot?: string;
  qty: string;
}

/** The warehouse's own idea of its stock. The hub is told of it by documents alone, so that the two can differ. */
export class StockBook {
  readonly #positions = new Map<string, Position>();

  move(moves: readonly Move[]): void {
    for (const { sku, lot, quantity, uom, status } of moves) {
      this.#position({ sku, lot, uom })[status ?? 'good'] += parseDecimal(quantity);
    }
  }

  pick(moves: readonly Move[]): void {
    for (const move of moves) this.#position(move).picked += parseDecimal(move.quantity);
  }

  /** What may be picked of an item, lot by lot and no more than `wanted`; of `lots` only where some are named. */
  free(sku: string, uom: string, wanted: bigint, lots?: readonly string[]): Lot[] {
    const found: Lot[] = [];
    let rest = wanted;
    for (const position of this.#positions.values()) {
      if (position.sku !== sku || position.uom !== uom) continue;
      if (lots?.length && !(position.lot !== undefined && lots.includes(position.lot))) continue;
      const free = position.good - position.picked;
      const take = free < rest ? free : rest;
      if (take <= 0n) continue;
      found.push({ ...(position.lot === undefined ? {} : { lot: position.lot }), qty: formatDecimal(take) });
      rest -= take;
    }
    return found;
  }

  positions(): Position[] {
    return [...this.#positions.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  #position({ sku, lot, uom }: { sku: string; lot?: string; uom: string }): Position {
    const key = keyOf({ sku, lot });
    const found = this.#positions.get(key) ?? {
      sku,
      ...(lot === undefined ? {} : { lot }),
      uom,
      good: 0n,
      damaged: 0n,
      picked: 0n,
    };
    this.#positions.set(key, found);
    return found;
  }
}

const keyOf = ({ sku, lot }: { sku: string; lot?: string }): string => `${sku} ${lot ?? ''}`;

/** The first `wanted` of what lies in lots, and the rest. */
export function takeLots(lots: readonly Lot[], wanted: bigint): [taken: Lot[], rest: Lot[]] {
  const taken: Lot[] = [];
  const rest: Lot[] = [];
  let open = wanted;
  for (const lot of lots) {
    const there = parseDecimal(lot.qty);
    const take = there < open ? there : open;
    if (take > 0n) taken.push({ ...lot, qty: formatDecimal(take) });
    if (there > take) rest.push({ ...lot, qty: formatDecimal(there - take) });
    open -= take;
  }
  return [taken, rest];
}
