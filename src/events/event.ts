import type { EntityKind } from '../queue/index.ts';
import type { EventType } from './event-catalog.ts';

/** A past-tense fact, published in the transaction that made it true. */
export interface NewEvent {
  type: EventType;
  entity: { kind: EntityKind; id: string };
  /** Id of the root business object (sales order, PO, RMA; item+channel for stock): what deliveries are ordered by. */
  key: string;
  orderId?: string;
  correlationId: string;
  causationId?: string;
  traceparent?: string;
  /** RFC 3339; when it happened out there. Default: now. */
  occurredAt?: string;
  data?: Record<string, unknown>;
  changed?: string[];
  previous?: Record<string, unknown>;
  reason?: string;
  /** Version of the entity that the event speaks of. */
  version?: number;
}

export interface HubEvent extends NewEvent {
  id: string;
  tenantId: string;
  /** Rises with every event of an entity, in commit order; not without gaps. */
  sequence: number;
  occurredAt: string;
  /** RFC 3339. */
  recordedAt: string;
}

/** Who gets a delivery of which events. */
export interface Subscription {
  /** `flow.<name>` or the id of a connection. */
  destination: string;
  on: readonly EventType[];
  /** Pure; runs in the publisher's transaction. */
  when?: (event: NewEvent) => boolean;
  /** Default: the type of the event. */
  operation?: string;
}
