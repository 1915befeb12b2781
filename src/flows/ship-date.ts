import type { SalesOrder } from '../model/index.ts';

/** The day on which lots must still be good: today, or later where the buyer wants it later. Local ISO dates compare as text. */
export function shipDate(order: Pick<SalesOrder, 'windows'>, today: string): string {
  const wanted = order.windows.shipNotBefore ?? order.windows.requestedShip ?? today;
  return wanted > today ? wanted : today;
}
