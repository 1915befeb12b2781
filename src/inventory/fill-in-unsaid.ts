import { isPositiveDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import type { StockStatusName, Unsaid } from './inventory-types.ts';

export interface PositionKey {
  sku: string;
  lot: string;
  owner: string;
  status: StockStatusName;
}

/** By `keyOf`. */
export type Quantities = Map<string, PositionKey & { quantity: string; expiry?: string | null }>;

export const keyOf = (p: PositionKey): string => JSON.stringify([p.sku, p.lot, p.owner, p.status]);

/**
 * Completes what a snapshot states of an item by the book as it was when the snapshot was taken.
 * @param target what it states; completed in place
 * @param current the book as it is
 * @param later what of it was not there then: what has changed since, and what could not be found
 */
export function fillInUnsaid(unsaid: Unsaid, target: Quantities, current: Quantities, later: Quantities): void {
  const book = [...current.values()].flatMap((position) => {
    if (position.sku !== unsaid.sku) return [];
    const quantity = subtractDecimals(position.quantity, later.get(keyOf(position))?.quantity ?? '0');
    return isPositiveDecimal(quantity) ? [{ ...position, quantity }] : [];
  });
  for (const position of book) {
    if (!unsaid.statuses.includes(position.status)) continue;
    target.set(keyOf(position), position);
    if (unsaid.contained.includes(position.status)) takeOff(target, position);
  }
  if (unsaid.lots) spreadOverLots(unsaid.sku, target, book);
}

/** From what is available of the same lot, then of none, then of any. */
function takeOff(target: Quantities, { sku, lot, owner, quantity }: PositionKey & { quantity: string }): void {
  const available = { sku, owner, status: 'available' as const };
  const others = [...target].filter(([, one]) => one.sku === sku && one.status === 'available').map(([key]) => key);
  let left = quantity;
  for (const key of [keyOf({ ...available, lot }), keyOf({ ...available, lot: '' }), ...others]) {
    const position = target.get(key);
    if (position === undefined || !isPositiveDecimal(left)) continue;
    const taken = minDecimal(left, position.quantity);
    left = subtractDecimals(left, taken);
    target.set(key, { ...position, quantity: subtractDecimals(position.quantity, taken) });
  }
}

/** What is missing of the lots is taken from those that expire first, as they are picked; what is more is of no lot. */
function spreadOverLots(sku: string, target: Quantities, book: readonly (PositionKey & LotQuantity)[]): void {
  for (const [key, position] of [...target].filter(([, one]) => one.sku === sku && one.lot === '')) {
    const lots = book
      .filter((one) => one.lot !== '' && keyOf({ ...one, lot: '' }) === key && !target.has(keyOf(one)))
      .toSorted((a, b) => inOrder(b.expiry ?? 'never', a.expiry ?? 'never') || inOrder(b.lot, a.lot));
    let left = position.quantity;
    for (const lot of lots) {
      const quantity = minDecimal(lot.quantity, left);
      left = subtractDecimals(left, quantity);
      target.set(keyOf(lot), { ...lot, quantity });
    }
    target.set(key, { ...position, quantity: left });
  }
}

interface LotQuantity {
  quantity: string;
  expiry?: string | null;
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
