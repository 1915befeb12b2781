/** Problems that want an owner, and promises that fall due. */
export {
  type ActionDefinition,
  type ExceptionAction,
  type ExceptionCode,
  type ExceptionDefinition,
  exceptionActions,
  exceptionCatalog,
  exceptionDefinition,
  titleInSentence,
  type OwnerRole,
} from './exception-catalog.ts';
export {
  assignException,
  countOpenByOrder,
  getException,
  linkOutcomes,
  listOrdersWithOpen,
  lockException,
  openExceptions,
  type Resolving,
  resolveExceptions,
  snoozeException,
  touchException,
} from './exceptions.ts';
export type * from './exceptions-types.ts';
export { type ExceptionPage, isPosition, listExceptions } from './list-exceptions.ts';
export { mayAct, permittedActions } from './permitted-actions.ts';
export {
  countOpenExceptions,
  mostUrgentOfOrders,
  type OpenExceptionCount,
  type UrgentException,
} from './open-exceptions.ts';
export {
  closeObligations,
  listObligations,
  markOverdueObligations,
  openObligations,
} from './obligations.ts';
export { deleteView, listViews, type SavedView, saveView } from './saved-views.ts';
export { obligationCatalog, readableInstant } from './overdue-exception.ts';
