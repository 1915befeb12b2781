import { type ExceptionRecord, listExceptions } from '../exceptions/index.ts';
import type { Tx } from '../platform/index.ts';
import type { OperationsServices } from './operations-services.ts';

export interface Impact {
  orders: number;
  money: { currency: string; minor: number }[];
  siblings: number;
  waitingDeliveries: number;
  dueAt?: string;
  secondsLeft?: number;
}

const mostSiblings = 500;

/** What waits because of an exception, and for how long it may. */
export async function exceptionImpact(
  tx: Tx,
  services: Pick<OperationsServices, 'clock' | 'queue'>,
  exception: ExceptionRecord,
): Promise<Impact> {
  const siblings = await siblingsOf(tx, exception);
  const affected = [exception, ...siblings];
  const orders = new Set(affected.map((entry) => entry.orderId).filter((id) => id !== undefined));
  const open = exception.state !== 'resolved' && exception.state !== 'suppressed';
  return {
    orders: orders.size,
    money: sumMoney(affected),
    siblings: siblings.length,
    waitingDeliveries: await countWaiting(tx, services, exception),
    dueAt: exception.slaDue.toISOString(),
    ...(open ? { secondsLeft: Math.round((exception.slaDue.getTime() - services.clock.now().getTime()) / 1000) } : {}),
  };
}

/** Open exceptions that the same fix settles: same code, same cause. */
async function siblingsOf(tx: Tx, exception: ExceptionRecord): Promise<ExceptionRecord[]> {
  const causeKey = causeKeyOf(exception);
  const { rows } = await listExceptions(
    tx,
    { code: exception.code, state: 'open', includeSnoozed: true },
    { limit: mostSiblings },
  );
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
