import type { ExceptionAction, ExceptionCode, OwnerRole } from './exception-catalog.ts';

export interface EntityRef {
  readonly kind: string;
  readonly id: string;
  /** What a person calls it: an order number, a SKU. */
  readonly label?: string;
}

export interface NewException {
  readonly code: ExceptionCode;
  /** One open exception per key: opening it again changes nothing but its count. */
  readonly dedupeKey: string;
  readonly entityRefs: readonly EntityRef[];
  readonly orderId?: string;
  readonly correlationId?: string;
  readonly messageId?: string;
  readonly deliveryId?: string;
  /** Plain words: what is wrong here. */
  readonly cause: string;
  readonly suggestedFix?: string;
  /** Default: the catalog's. */
  readonly severity?: 'low' | 'medium' | 'high' | 'critical';
  readonly moneyAtRiskMinor?: number;
  readonly currency?: string;
  /** What the actions need; shown to people as fields. `blamedSystem` overrides the catalog's. */
  readonly data?: Record<string, unknown>;
}

export type ExceptionState = 'open' | 'autoRetry' | 'assigned' | 'waitingPartner' | 'resolved' | 'suppressed';

export interface ExceptionRecord {
  readonly id: string;
  readonly code: ExceptionCode;
  readonly class: 'business' | 'technical' | 'data';
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly ownerRole: OwnerRole;
  /** The desk inside the company that usually knows. */
  readonly desk: string;
  readonly title: string;
  readonly explanation: string;
  readonly blamedSystem?: string;
  readonly dedupeKey: string;
  readonly entityRefs: readonly EntityRef[];
  readonly orderId?: string;
  readonly correlationId?: string;
  readonly messageId?: string;
  readonly deliveryId?: string;
  readonly cause: string;
  readonly suggestedFix: string;
  readonly moneyAtRiskMinor?: number;
  readonly currency?: string;
  readonly state: ExceptionState;
  readonly assignee?: string;
  readonly snoozedUntil?: Date;
  readonly slaDue: Date;
  readonly allowedActions: readonly ExceptionAction[];
  readonly resolution?: string;
  readonly resolvedBy?: string;
  /** What its end has made, e.g. an order. */
  readonly outcomeRefs?: readonly EntityRef[];
  readonly data: Record<string, unknown>;
  readonly occurrences: number;
  readonly openedAt: Date;
  readonly updatedAt: Date;
  readonly resolvedAt?: Date;
  /** ETag. */
  readonly version: number;
}

/** `newest`: by opening. `due` and `severity` (then due) are orders of what is not resolved. */
export type ExceptionSort = 'newest' | 'due' | 'severity';

export interface ExceptionFilter {
  /** `open`: everything unresolved. */
  readonly state?: ExceptionState;
  readonly code?: string;
  readonly class?: string;
  readonly ownerRole?: string;
  readonly orderId?: string;
  readonly messageId?: string;
  readonly deliveryId?: string;
  /** Any of these names; null: nobody. */
  readonly assignees?: readonly string[] | null;
  /** True: only what is past due; false: only what is not. */
  readonly overdue?: boolean;
  /** True: only what is snoozed until later; false leaves it out. */
  readonly snoozed?: boolean;
  /** Words of the title, the cause or an entity's label; or about one of these orders. */
  readonly text?: { readonly words: string; readonly orderIds?: readonly string[] };
}

export interface NewObligation {
  readonly kind: ObligationKind;
  /** What it is about: a control number, an order id; one open obligation per (kind, subject). */
  readonly subject: string;
  readonly dueAt: Date;
  readonly orderId?: string;
  readonly correlationId?: string;
  readonly partner?: string;
  /** What a person calls it: a number that stands on a document or a screen. */
  readonly label?: string;
  readonly data?: Record<string, unknown>;
}

export type ObligationKind = '997' | '855' | 'release' | '856' | '810' | 'tracking' | 'erpOrder';

export interface Obligation extends NewObligation {
  readonly id: string;
  readonly state: 'open' | 'met' | 'overdue' | 'withdrawn';
  readonly openedAt: Date;
  readonly closedAt?: Date;
}
