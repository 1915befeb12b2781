import type { Action, Role } from '../security/index.ts';
import { type ExceptionAction, exceptionActions } from './exception-catalog.ts';
import type { ExceptionRecord } from './exceptions-types.ts';

/** Whoever acts: what they may do, and the roles that they have it from. */
export interface Actor {
  readonly actions: ReadonlySet<Action>;
  readonly roles: readonly Role[];
}

type Judged = Pick<ExceptionRecord, 'allowedActions' | 'code' | 'orderId' | 'ownerRole'>;

/** What somebody may do about an exception as it stands; the rest is for others. */
export function permittedActions(actor: Actor, record: Judged): ExceptionAction[] {
  return record.allowedActions.filter((action) => mayAct(actor, record, action));
}

export function mayAct(actor: Actor, record: Judged, action: ExceptionAction): boolean {
  if (!actor.actions.has('exception.act')) return false;
  const { needs, ownersOwn } = needsOf(record, action);
  if (needs === undefined || needs.some((need) => actor.actions.has(need))) return true;
  if (actor.roles.includes('admin')) return true;
  return ownersOwn === true && actor.roles.includes(record.ownerRole);
}

function needsOf(record: Judged, action: ExceptionAction): { needs?: readonly Action[]; ownersOwn?: true } {
  // To reject an order that there is, is to cancel it.
  if (action === 'reject' && record.orderId !== undefined) return exceptionActions.cancel_order;
  // What a person holds is released by who may hold.
  if (action === 'release_hold' && record.code === 'MANUAL_HOLD') return { needs: ['order.hold'] };
  // To retry what may have been carried out, is to decide that it was not.
  if (action === 'retry_delivery' && record.code === 'OUTCOME_UNKNOWN') return exceptionActions.confirm_delivered;
  return exceptionActions[action];
}
