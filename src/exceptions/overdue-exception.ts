import type { EntityRef, NewException, Obligation, ObligationKind } from './exceptions-types.ts';

/** What is promised, and who is to blame when it is late. One entry per kind. */
export const obligationCatalog: Readonly<
  Record<
    ObligationKind,
    { readonly title: string; readonly blamedSystem: 'partner' | 'erp' | 'wms' | 'carrier' | 'hub' }
  >
> = {
  '997': { title: 'Functional acknowledgment from the partner', blamedSystem: 'partner' },
  '855': { title: 'Purchase order acknowledgment to the partner', blamedSystem: 'hub' },
  release: { title: 'Release to the warehouse', blamedSystem: 'hub' },
  '856': { title: 'Ship notice to the partner', blamedSystem: 'hub' },
  '810': { title: 'Invoice to the partner', blamedSystem: 'erp' },
  tracking: { title: 'Tracking from the carrier', blamedSystem: 'carrier' },
  erpOrder: { title: 'Order in the ERP', blamedSystem: 'erp' },
};

/** "2026-06-01 14:00 UTC": for people who read it anywhere. */
export function readableInstant(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What an obligation becomes that was not met in time. `orderNo`: what people call its order. */
export function overdueException(obligation: Obligation, dedupeKey: string, orderNo: string | undefined): NewException {
  const { kind, subject, dueAt, orderId, correlationId } = obligation;
  const { title, blamedSystem } = obligationCatalog[kind];
  const label = textOf(obligation, 'label');
  const about = [label, orderNo && `order ${orderNo}`].filter(Boolean).join(', ') || subject;
  const late = {
    dedupeKey,
    orderId,
    correlationId,
    data: { ...obligation.data, kind, subject, dueAt: dueAt.toISOString(), blamedSystem },
  };
  if (kind === '997') return { ...late, ...unacknowledged(obligation, about, orderNo) };
  const partner = obligation.partner === undefined ? '' : ` ${obligation.partner}`;
  return {
    ...late,
    code: 'OBLIGATION_OVERDUE',
    entityRefs:
      orderId === undefined
        ? [{ kind: 'document', id: subject, label: about }]
        : [{ kind: 'order', id: orderId, label: orderNo ?? about }],
    cause: `${title}${partner} was due ${readableInstant(dueAt)}: ${about}.`,
  };
}

/** An acknowledgment that has not come: about the document first, by which the partner knows it. */
function unacknowledged(
  obligation: Obligation,
  about: string,
  orderNo: string | undefined,
): Pick<NewException, 'code' | 'entityRefs' | 'messageId' | 'deliveryId' | 'cause'> {
  const { partner, openedAt, dueAt, orderId } = obligation;
  const document: EntityRef = {
    kind: 'document',
    id: textOf(obligation, 'documentId') ?? obligation.subject,
    label: textOf(obligation, 'label') ?? obligation.subject,
  };
  const order: EntityRef[] = orderId === undefined ? [] : [{ kind: 'order', id: orderId, label: orderNo }];
  const minutes = Math.round((dueAt.getTime() - openedAt.getTime()) / 60_000);
  return {
    code: 'ACK_OVERDUE',
    entityRefs: [document, ...order],
    messageId: textOf(obligation, 'messageId'),
    deliveryId: textOf(obligation, 'deliveryId'),
    cause: `${partner ?? 'The partner'} has not acknowledged ${about}. It was sent ${readableInstant(openedAt)} and the acknowledgment was due ${readableInstant(dueAt)}, ${inWords(minutes)} later.`,
  };
}

function inWords(minutes: number): string {
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return `${Math.round(minutes / 60)} hours`;
}

function textOf({ data }: Obligation, name: string): string | undefined {
  const value = data?.[name];
  return typeof value === 'string' ? value : undefined;
}
