/**
 * The message ledger: everything that crossed the boundary with its bytes, the documents in it, what was answered, and
 * what goes out.
 */
export { acknowledgeInterchange, type AcknowledgmentRequest } from './acknowledge-interchange.ts';
export {
  type AcknowledgedDocuments,
  acknowledgeDocuments,
  awaitAgain,
  markOverdueDocuments,
  sentGroupExists,
  sentInInterchange,
} from './acknowledged-documents.ts';
export type {
  AdmittedAcknowledgment,
  AdmittedDocument,
  Admission,
  AdmissionProblem,
  AdmitOptions,
} from './admission.ts';
export { admitInterchanges } from './admit-interchanges.ts';
export { changeMessages, countTries, type MessageChange } from './change-messages.ts';
export { pruneDedupeKeys } from './dedupe-arrivals.ts';
export {
  type ControlKind,
  type ControlSeries,
  type ControlGap,
  findControlGaps,
  listControlNumbers,
  seedControlNumber,
  skipControlNumbers,
  takeControlNumbers,
} from './control-number.ts';
export {
  type ConnectionDirectory,
  type ConnectionSettings,
  createDeliverer,
  type DelivererOptions,
  type Hydrate,
} from './deliverer.ts';
export {
  type AckState,
  adoptDocument,
  changeDocuments,
  type Document,
  type DocumentChange,
  type DocumentFilter,
  type DocumentState,
  insertDocuments,
  listDocuments,
  type NewDocument,
  orderDocuments,
  planDocuments,
  plannedKeys,
} from './document.ts';
export {
  type ClaimResult,
  claimIdempotencyKeys,
  newIdempotencyKeys,
  completeIdempotencyKeys,
  type IdempotencyClaim,
  pruneIdempotencyKeys,
} from './idempotency.ts';
export { ediTerms } from './edi-terms.ts';
export {
  changeInterchange,
  addressText,
  findEarlier,
  heldInterchangeMessages,
  type Interchange,
  interchangesOf,
  lockSender,
  type NewInterchange,
  recordInterchange,
} from './interchange.ts';
export {
  getMessage,
  type InboundMessage,
  listMessages,
  loadBytes,
  loadForTranslation,
  loadMessageStates,
  loadMessages,
  type MessageFilter,
  type MessageState,
  type OutputMessage,
  type ReceivedMessage,
  claimArrivals,
  newArrivals,
  receive,
  recordOutputs,
  sha256,
  type StoredMessage,
} from './message.ts';
export { FUNCTIONAL_IDS, type OutgoingInterchange, renderInterchange } from './render-interchange.ts';
export { documentTypeOf, recordSent, SEND_INTERCHANGE } from './render-delivery.ts';
export { localDateTime } from './local-time.ts';
export {
  type FoundDocument,
  type FoundInterchange,
  type FoundInterchanges,
  readInterchanges,
} from './read-interchanges.ts';
export { ensureLedgerPartitions } from './maintain-partitions.ts';
export { type EnvelopeMarks, readEnvelopeMarks, renumberInterchange, soleDocument } from './renumber-interchange.ts';
export { renderTrial, storeRenumbered, type Trial } from './render-trial.ts';
export { messagesTouchStock, refuseStock, type StockSubject, touchesStock } from './touches-stock.ts';
