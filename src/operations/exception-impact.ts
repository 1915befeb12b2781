import { type ExceptionRecord, listExceptions } from '../exceptions/index.ts';
import { sumOrders } from '../orders/index.ts';
import { isUuid, type Tx } from '../platform/index.ts';
import type { OperationsServices } from './operations-services.ts';

export interface Impact {
  orders: number;
  money: { currency: string; minor: number }[];
  siblings: number;
  waitingDeliveries: number;
  /** More wait than were counted: orders, money and deliveries are at least so many. */
  isLowerBound?: true;
  dueAt?: string;
  secondsLeft?: number;
}

const mostSiblings = 500;
/** Of one destination; beyond it the number makes no difference to what has to be done. */
const mostWaiting = 20_000;

/** What waits because of an exception, and for how long it may. */
export async function exceptionImpact(
  tx: Tx,
  services: Pick<OperationsServices, 'clock' | 'queue'>,
  exception: ExceptionRecord,
): Promise<Impact> {
  const siblings = await siblingsOf(tx, exception);
  const open = exception.state !== 'resolved' && exception.state !== 'suppressed';
  const due = {
    dueAt: exception.slaDue.toISOString(),
    ...(open ? { secondsLeft: Math.round((exception.slaDue.getTime() - services.clock.now().getTime()) / 1000) } : {}),
  };
  const destination = destinationOf(exception);
  if (destination !== undefined) {
    const behind = open ? await behindDestination(tx, services, destination) : nothingWaits;
    return { ...behind, siblings: siblings.length, ...due };
  }
  const affected = [exception, ...siblings];
  const orders = new Set(affected.map((entry) => entry.orderId).filter((id) => id !== undefined));
  return {
    orders: orders.size,
    money: sumMoney(affected),
    siblings: siblings.length,
    waitingDeliveries: await countWaiting(tx, services, exception),
    ...due,
  };
}

const nothingWaits: Pick<Impact, 'orders' | 'money' | 'waitingDeliveries'> = {
  orders: 0,
  money: [],
  waitingDeliveries: 0,
};

/** The destination that an exception is about as a whole: one that is down, refuses us, or runs out of its quota. */
function destinationOf({ data, deliveryId, orderId }: ExceptionRecord): string | undefined {
  const { destination } = data;
  return deliveryId === undefined && orderId === undefined && typeof destination === 'string' ? destination : undefined;
}

/** Everything that waits for the destination, and the orders among it: flows send what belongs to an order under its id. */
async function behindDestination(
  tx: Tx,
  services: Pick<OperationsServices, 'queue'>,
  destination: string,
): Promise<typeof nothingWaits & Pick<Impact, 'isLowerBound'>> {
  const waiting = await services.queue.deliveries.waitingKeys(tx, destination, mostWaiting);
  const sums = await sumOrders(
    tx,
    [...waiting.keys()].filter((key) => isUuid(key)),
  );
  const waitingDeliveries = waiting.values().reduce((sum, count) => sum + count, 0);
  return {
    orders: sums.reduce((sum, row) => sum + row.orders, 0),
    money: sums.map(({ currency, amountMinor }) => ({ currency, minor: amountMinor })),
    waitingDeliveries,
    ...(waitingDeliveries < mostWaiting ? {} : { isLowerBound: true }),
  };
}

/** Open exceptions that the same fix settles: same code, same cause. */
async function siblingsOf(tx: Tx, exception: ExceptionRecord): Promise<ExceptionRecord[]> {
  const causeKey = causeKeyOf(exception);
  const { rows } = await listExceptions(tx, { code: exception.code, state: 'open' }, { limit: mostSiblings });
  return rows.filter((row) => row.id !== exception.id && causeKeyOf(row) === causeKey);
}

function causeKeyOf(exception: ExceptionRecord): string {
  const { causeKey } = exception.data;
  return typeof causeKey === 'string' ? causeKey : exception.cause;
}

/** Per currency, in order of size. An amount without a currency is left out rather than guessed. */
export function sumMoney(
  rows: readonly { moneyAtRiskMinor?: number; currency?: string }[],
): { currency: string; minor: number }[] {
  const sums = new Map<string, number>();
  for (const { moneyAtRiskMinor, currency } of rows) {
    if (moneyAtRiskMinor === undefined || currency === undefined) continue;
    sums.set(currency, (sums.get(currency) ?? 0) + moneyAtRiskMinor);
  }
  return [...sums].map(([currency, minor]) => ({ currency, minor })).sort((a, b) => b.minor - a.minor);
}

async function countWaiting(
  tx: Tx,
  services: Pick<OperationsServices, 'queue'>,
  exception: ExceptionRecord,
): Promise<number> {
  const { deliveries } = services.queue;
  const blocked = exception.deliveryId === undefined ? undefined : await deliveries.get(tx, exception.deliveryId);
  const key = blocked?.key ?? exception.orderId;
  if (key === undefined) return 0;
  const listed = await deliveries.list(tx, { key, limit: 500 });
  return listed.filter((delivery) => !['delivered', 'discarded'].includes(delivery.state)).length;
}
