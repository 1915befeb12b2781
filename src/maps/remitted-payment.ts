import type { Remittance } from '../model/index.ts';
import type { InboundContext, InboundResult } from './map.ts';

/** The payment that a remittance announces; nothing where it pays nothing. Each source numbers its own payments. */
export function remittedPayment(
  value: Record<string, unknown>,
  { source, receivedAt }: InboundContext,
): InboundResult[] {
  const remittance = value as Remittance;
  if (remittance.amountMinor < 1) return [];
  const applications = (remittance.applications ?? [])
    .filter(({ paidMinor }) => paidMinor !== 0)
    .map(({ invoiceNo, paidMinor }) => ({ invoiceNo, amountMinor: paidMinor }));
  return [
    {
      kind: 'payment',
      value: {
        source,
        paymentNo: remittance.paymentNo,
        customer: remittance.partner,
        amountMinor: remittance.amountMinor,
        currency: remittance.currency,
        receivedAt: remittance.paidOn === undefined ? receivedAt : `${remittance.paidOn}T00:00:00.000Z`,
        ...(applications.length === 0 ? {} : { applications }),
      },
    },
  ];
}
