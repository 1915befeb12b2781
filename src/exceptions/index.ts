/** Problems that want an owner, and promises that fall due. */
import type { Tx } from '../platform/index.ts';
import type {
  ExceptionFilter,
  ExceptionRecord,
  NewException,
  NewObligation,
  Obligation,
  ObligationKind,
} from './exceptions-types.ts';

export * from './exception-catalog.ts';
export type * from './exceptions-types.ts';

/** Opens exceptions; one whose dedupeKey is open already is only counted. Answers ids in the order given. */
export declare function openExceptions(
  tx: Tx,
  exceptions: readonly NewException[],
  now: Date,
): Promise<{ id: string; opened: boolean }[]>;
/** Resolves what is open of the given keys or ids; answers what it resolved. */
export declare function resolveExceptions(
  tx: Tx,
  what: { dedupeKeys?: readonly string[]; ids?: readonly string[]; resolution: string; by: string },
  now: Date,
): Promise<ExceptionRecord[]>;
export declare function getException(tx: Tx, id: string): Promise<ExceptionRecord | undefined>;
export declare function lockException(tx: Tx, id: string): Promise<ExceptionRecord | undefined>;
export declare function listExceptions(
  tx: Tx,
  filter: ExceptionFilter,
  page: { limit: number; after?: string },
): Promise<{ rows: ExceptionRecord[]; next?: string }>;
/** Open exceptions per order, for the `exception` overlay. */
export declare function countOpenByOrder(tx: Tx, orderIds: readonly string[]): Promise<Map<string, number>>;
/** @throws HubError NOT_FOUND, PRECONDITION_FAILED */
export declare function assignException(
  tx: Tx,
  change: { id: string; assignee: string | null; expectedVersion?: number },
  now: Date,
): Promise<ExceptionRecord>;
export declare function snoozeException(
  tx: Tx,
  change: { id: string; until: Date; expectedVersion?: number },
  now: Date,
): Promise<ExceptionRecord>;

export declare function openObligations(tx: Tx, obligations: readonly NewObligation[], now: Date): Promise<void>;
/** Marks obligations met; those that were overdue get their exception resolved. */
export declare function closeObligations(
  tx: Tx,
  closed: readonly { kind: ObligationKind; subject: string }[],
  now: Date,
  outcome?: 'met' | 'withdrawn',
): Promise<Obligation[]>;
/** Obligations past due that were not yet known to be: marks them and opens one exception each. */
export declare function markOverdueObligations(tx: Tx, now: Date, limit: number): Promise<Obligation[]>;
export declare function listObligations(
  tx: Tx,
  filter: { state?: Obligation['state']; kind?: ObligationKind; orderId?: string; partner?: string },
  limit: number,
): Promise<Obligation[]>;
