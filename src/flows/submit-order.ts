import type { OrderSubmission, SalesOrder } from '../model/index.ts';
import type { Clock, Db, ErrorCode, ErrorDetail, Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';

/** One order to take in, from whatever door. */
export interface SubmitRequest {
  submission: OrderSubmission;
  correlationId: string;
  traceparent?: string;
  actor?: string;
  /** The bytes as they came, archived with the order. Absent when the message is stored already. */
  message?: { channel: string; contentType: string; bytes: Uint8Array };
  /** The stored message that this order was translated from. */
  sourceMessageId?: string;
  idempotency?: { scope: string; key: string; request: Uint8Array | string };
  /** 2, 3 … when an operator accepted a repeated purchase order as a new one. */
  instance?: number;
}

export type SubmitResult =
  | { outcome: 'created'; order: SalesOrder; replayed: boolean }
  /** The customer has sent this PO before. `differs`: with other lines, so that a person has to decide. */
  | {
      outcome: 'duplicate';
      code: 'DUPLICATE_ORDER';
      existingId: string;
      existingOrderNo: string;
      differs: boolean;
      message: string;
      exceptionId?: string;
      replayed: boolean;
    }
  /** Nothing was recorded but the message and an exception. */
  | { outcome: 'refused'; code: ErrorCode; message: string; errors: ErrorDetail[]; exceptionId?: string }
  | { outcome: 'conflict'; code: 'IDEMPOTENCY_KEY_REUSED' | 'IDEMPOTENCY_IN_FLIGHT'; message: string };

/** The synchronous door: group-committed, answers after COMMIT. */
export interface OrderIntake {
  submit(tenantId: string, request: SubmitRequest): Promise<SubmitResult>;
  /** Resolves when nothing is waiting. */
  idle(): Promise<void>;
}

/**
 * The same for orders translated inside a flow's transaction. Exceptions for refusals and duplicates are opened here,
 * with the message's id; the caller only settles the message's state by the outcome.
 */
export declare function submitOrders(tx: Tx, hub: Hub, requests: readonly SubmitRequest[]): Promise<SubmitResult[]>;

export declare function createOrderIntake(options: { db: Db; clock: Clock }): OrderIntake;
