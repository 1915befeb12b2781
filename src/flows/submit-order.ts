import type { CatalogDirectory } from '../catalog/index.ts';
import type { NewEvent } from '../events/index.ts';
import {
  claimIdempotencyKeys,
  completeIdempotencyKeys,
  type IdempotencyClaim,
  type InboundMessage,
  newArrivals,
  newIdempotencyKeys,
  receive,
  sha256,
} from '../exchange/index.ts';
import type { OrderSubmission, SalesOrder } from '../model/index.ts';
import {
  type InsertResult,
  insertOrders,
  type JudgeContext,
  type Judgement,
  judgeSubmission,
  loadInitialOrder,
  newOrders,
  type OrderDocument,
} from '../orders/index.ts';
import type { CustomerDirectory } from '../parties/index.ts';
import {
  type Clock,
  type CommittableTx,
  type Db,
  type ErrorCode,
  type ErrorDetail,
  HubError,
  isUniqueViolation,
  joined,
  type Tx,
  uuidv7,
} from '../platform/index.ts';
import { createGroupCommit, type GroupCommit } from '../queue/index.ts';
import type { Hub } from './flow.ts';
import { factsForSubmissions, factsFromMemory } from './gather-order-facts.ts';
import { duplicateException, refusalException, refusalKeys, resentEvents, settleRefusals } from './order-refusals.ts';
import { raiseExceptions } from './raise-exceptions.ts';
import { trimSubmission } from './trim-submission.ts';

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

export interface DuplicateOrder {
  outcome: 'duplicate';
  code: 'DUPLICATE_ORDER';
  existingId: string;
  existingOrderNo: string;
  /** With other lines, so that a person has to decide: ORDER_CHANGE_REVIEW was opened instead of DUPLICATE_ORDER. */
  differs: boolean;
  message: string;
  exceptionId?: string;
  replayed: boolean;
}

export type SubmitResult =
  | { outcome: 'created'; order: SalesOrder; replayed: boolean }
  /** The customer has sent this PO before. */
  | DuplicateOrder
  /** Nothing was recorded but the message and an exception. */
  | { outcome: 'refused'; code: ErrorCode; message: string; errors: ErrorDetail[]; exceptionId?: string }
  | { outcome: 'conflict'; code: 'IDEMPOTENCY_KEY_REUSED' | 'IDEMPOTENCY_IN_FLIGHT'; message: string };

/** The synchronous door: group-committed, answers after COMMIT. */
export interface OrderIntake {
  submit(tenantId: string, request: SubmitRequest): Promise<SubmitResult>;
  /** Resolves when nothing is waiting. */
  idle(): Promise<void>;
}

interface Judged {
  request: SubmitRequest;
  /** Of the archived bytes, where these are the idempotency key's request, too. */
  sha256?: Uint8Array;
  context: JudgeContext;
  judgement: Judgement;
}

/**
 * Takes in orders translated inside a flow's transaction, judged with what the database holds now. Exceptions for refusals
 * and duplicates are opened here, with the message's id; the caller only settles the message's state by the outcome.
 */
export async function submitOrders(tx: Tx, hub: Hub, requests: readonly SubmitRequest[]): Promise<SubmitResult[]> {
  const judged = requests.map(prepare);
  await judgeInDatabase(tx, hub, judged);
  return record(tx, hub, judged);
}

function prepare(given: SubmitRequest): Judged {
  const request: SubmitRequest = { ...given, submission: trimSubmission(given.submission) };
  const sourceMessageId = request.sourceMessageId ?? (request.message === undefined ? undefined : uuidv7());
  const { correlationId, traceparent, instance } = request;
  const context: JudgeContext = { orderId: uuidv7(), correlationId, traceparent, sourceMessageId, instance };
  // Judged by one of the two functions below before anybody looks.
  const { message, idempotency } = request;
  const hash = message !== undefined && message.bytes === idempotency?.request ? sha256(message.bytes) : undefined;
  const unjudged: Judgement = { outcome: 'refused', code: 'INTERNAL', message: '', errors: [] };
  return { request, sha256: hash, context, judgement: unjudged };
}

async function judgeInDatabase(tx: Tx, hub: Hub, judged: readonly Judged[]): Promise<void> {
  if (judged.length === 0) return;
  const submissions = judged.map(({ request }) => request.submission);
  const facts = await factsForSubmissions(tx, hub.tenantId, hub.clock.now(), hub.timeZone, submissions);
  for (const one of judged) one.judgement = judgeSubmission(one.request.submission, facts, one.context);
}

/** Memory knows no cross-references and can be a moment old: what it would refuse or hold for that is judged again. */
function needsDatabase(judgement: Judgement): boolean {
  if (judgement.outcome === 'refused') return true;
  return judgement.document.holds.some((hold) => hold.code === 'SHIPTO_INVALID');
}

/**
 * The usual batch: every order new, every key unused. Its statements do not wait for each other's answers, so they travel
 * together, with COMMIT behind them, and the batch costs one round trip (measured: a third of the processor time per order of
 * the step-by-step way; and a transaction whose COMMIT is sent later waits for it while other requests are read).
 * What is not new after all fails on a unique index; the batch is rolled back and recorded step by step.
 */
async function recordNew(tx: CommittableTx, hub: Hub, judged: readonly Judged[]): Promise<SubmitResult[]> {
  const keyed = judged.filter(({ request }) => request.idempotency !== undefined);
  const group = joined(
    newOrders(judged.map(documentOf), hub.clock.now()),
    newIdempotencyKeys(keyed.map(claimOf)),
    newArrivals(arrivalsOf(hub, judged, 'processed')),
    await hub.events.prepare(tx, judged.map(receivedEvent)),
  );
  const [orders] = group.read(await tx.commitWith(group.statements));
  return orders.map((order): SubmitResult => ({ outcome: 'created', order, replayed: false }));
}

function mayBeNew(judged: readonly Judged[]): boolean {
  return judged.every(({ judgement, request }) => judgement.outcome === 'order' && refusalKeys(request).length === 0);
}

/** What was created is answered again from its immutable document: no second copy of the response is kept. */
function claimOf({ request, context, sha256: requestHash }: Judged): IdempotencyClaim {
  return { ...request.idempotency!, requestHash, status: 201, response: { orderId: context.orderId } };
}

/** Records judged orders: one statement per table whatever their number. Results are in the order given. */
async function record(tx: Tx, hub: Hub, judged: readonly Judged[]): Promise<SubmitResult[]> {
  const results = new Map<Judged, SubmitResult>();
  const claimed = await claim(tx, judged, results);
  const documents = claimed.map((one) => documentOf(one));
  const inserted = await insertOrders(tx, documents, hub.clock.now());
  const created: Judged[] = [];
  const taken: { request: SubmitRequest; order: SalesOrder }[] = [];
  const duplicates: { one: Judged; found: Extract<InsertResult, { outcome: 'duplicate' }> }[] = [];
  for (const [index, one] of claimed.entries()) {
    const found = inserted[index]!;
    if (found.outcome === 'duplicate') {
      duplicates.push({ one, found });
      continue;
    }
    created.push(one);
    taken.push({ request: one.request, order: found.order });
    results.set(one, { outcome: 'created', order: found.order, replayed: false });
  }
  await archive(tx, hub, created, 'processed');
  if (created.length > 0) await hub.events.publish(tx, created.map(receivedEvent));
  await settleRefusals(tx, hub, taken);
  await recordDuplicates(tx, hub, duplicates, results);
  await recordRefusals(tx, hub, judged, results);
  return judged.map((one) => results.get(one)!);
}

function documentOf(one: Judged): OrderDocument {
  if (one.judgement.outcome !== 'order') throw new HubError('INTERNAL', { message: 'A refused order is not recorded' });
  return one.judgement.document;
}

function receivedEvent({ request, context }: Judged): NewEvent {
  return {
    type: 'sales.order.received',
    entity: { kind: 'order', id: context.orderId },
    key: context.orderId,
    orderId: context.orderId,
    correlationId: context.correlationId,
    causationId: context.sourceMessageId,
    traceparent: request.traceparent,
    version: 1,
  };
}

/** Claims the idempotency keys of what is not refused; answers those whose turn it is, and settles the others. */
async function claim(tx: Tx, judged: readonly Judged[], results: Map<Judged, SubmitResult>): Promise<Judged[]> {
  const valid = judged.filter(({ judgement }) => judgement.outcome === 'order');
  const keyed = valid.filter(({ request }) => request.idempotency !== undefined);
  const answers = await claimIdempotencyKeys(tx, keyed.map(claimOf));
  const turned = new Set<Judged>();
  for (const [index, one] of keyed.entries()) {
    const answer = answers[index]!;
    if (answer.outcome === 'claimed') continue;
    turned.add(one);
    if (answer.outcome === 'replay') results.set(one, await replay(tx, answer.response as StoredAnswer));
    else results.set(one, conflict(answer.outcome));
  }
  return valid.filter((one) => !turned.has(one));
}

type StoredAnswer = { orderId: string } | { duplicate: DuplicateOrder };

async function replay(tx: Tx, stored: StoredAnswer): Promise<SubmitResult> {
  if ('duplicate' in stored) return { ...stored.duplicate, replayed: true };
  const order = await loadInitialOrder(tx, stored.orderId);
  if (order === undefined) throw new HubError('INTERNAL', { message: 'The order of a used idempotency key is gone' });
  return { outcome: 'created', order, replayed: true };
}

function conflict(outcome: 'reused' | 'in_flight'): SubmitResult {
  return outcome === 'reused'
    ? { outcome: 'conflict', code: 'IDEMPOTENCY_KEY_REUSED', message: 'The key was used with another body' }
    : { outcome: 'conflict', code: 'IDEMPOTENCY_IN_FLIGHT', message: 'The first request is still being worked on' };
}

type ArchivedState = 'processed' | 'refused';

async function archive(tx: Tx, hub: Hub, judged: readonly Judged[], state: ArchivedState, reason?: string) {
  const rows = arrivalsOf(hub, judged, state, reason);
  if (rows.length > 0) await receive(tx, rows);
}

function arrivalsOf(hub: Hub, judged: readonly Judged[], state: ArchivedState, reason?: string): InboundMessage[] {
  return judged.flatMap(({ request, context, sha256: hash }) => {
    if (request.message === undefined) return [];
    const { correlationId, traceparent, actor } = request;
    const partner = request.submission.customer;
    const receivedAt = hub.clock.now();
    const common = { id: context.sourceMessageId, correlationId, traceparent, actor, partner, receivedAt };
    return [{ ...request.message, ...common, sha256: hash, topic: 'order', state, reason }];
  });
}

async function recordDuplicates(
  tx: Tx,
  hub: Hub,
  duplicates: readonly { one: Judged; found: Extract<InsertResult, { outcome: 'duplicate' }> }[],
  results: Map<Judged, SubmitResult>,
): Promise<void> {
  if (duplicates.length === 0) return;
  await archive(
    tx,
    hub,
    duplicates.map(({ one }) => one),
    'processed',
    'DUPLICATE_ORDER',
  );
  const exceptionIds = await raiseExceptions(
    tx,
    hub,
    duplicates.map(({ one, found }) => duplicateException(one.request, documentOf(one), found)),
  );
  await hub.events.publish(tx, resentEvents(duplicates));
  const answers = duplicates.map(({ one, found }, index) => {
    const { existingId, existingOrderNo, differs } = found;
    const po = one.request.submission.customerPo;
    const message = differs
      ? `Purchase order ${po} is order ${existingOrderNo}, with other lines; a person has to decide what was meant`
      : `Purchase order ${po} is already order ${existingOrderNo}`;
    const exceptionId = exceptionIds[index];
    const answer: DuplicateOrder = {
      outcome: 'duplicate',
      code: 'DUPLICATE_ORDER',
      existingId,
      existingOrderNo,
      differs,
      message,
      exceptionId,
      replayed: false,
    };
    results.set(one, answer);
    return { one, answer };
  });
  await completeIdempotencyKeys(
    tx,
    answers.flatMap(({ one, answer }) => {
      const { idempotency } = one.request;
      if (idempotency === undefined) return [];
      return [{ scope: idempotency.scope, key: idempotency.key, status: 409, response: { duplicate: answer } }];
    }),
  );
}

async function recordRefusals(
  tx: Tx,
  hub: Hub,
  judged: readonly Judged[],
  results: Map<Judged, SubmitResult>,
): Promise<void> {
  const refused = judged.flatMap((one) =>
    one.judgement.outcome === 'refused' ? [{ one, refusal: one.judgement }] : [],
  );
  if (refused.length === 0) return;
  for (const { one, refusal } of refused) await archive(tx, hub, [one], 'refused', refusal.code);
  const exceptionIds = await raiseExceptions(
    tx,
    hub,
    refused.map(({ one, refusal }) => refusalException(one.request, one.context, refusal)),
  );
  for (const [index, { one, refusal }] of refused.entries()) {
    const { code, message, errors } = refusal;
    results.set(one, { outcome: 'refused', code, message, errors, exceptionId: exceptionIds[index] });
  }
}

export interface OrderIntakeOptions {
  db: Db;
  clock: Clock;
  customers: Pick<CustomerDirectory, 'open'>;
  catalog: Pick<CatalogDirectory, 'open'>;
  hub: (tenantId: string) => Hub;
  /** Orders per transaction at most. Default 100. */
  maxBatch?: number;
  /** Transactions of one tenant at once. Default 2. */
  maxInFlight?: number;
}

/**
 * Coalesces concurrent submissions of a tenant into transactions of up to 100, two of them in flight. Judged from memory
 * before the transaction; what memory would refuse is judged again inside it.
 */
export function createOrderIntake(options: OrderIntakeOptions): OrderIntake {
  const { db, clock, hub, maxBatch = 100, maxInFlight = 2 } = options;
  const commits = new Map<string, GroupCommit<Judged, SubmitResult>>();

  async function runOnce(tenantId: string, batch: readonly Judged[]): Promise<SubmitResult[]> {
    if (mayBeNew(batch) && !batch.some(({ judgement }) => needsDatabase(judgement))) {
      try {
        return await db.tx(tenantId, (tx) => recordNew(tx, hub(tenantId), batch));
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
      }
    }
    return db.tx(tenantId, async (tx) => {
      await judgeInDatabase(
        tx,
        hub(tenantId),
        batch.filter(({ judgement }) => needsDatabase(judgement)),
      );
      return record(tx, hub(tenantId), batch);
    });
  }

  async function run(tenantId: string, batch: Judged[]): Promise<SubmitResult[]> {
    const results = await runOnce(tenantId, batch);
    // A key that came twice in one batch: the first one has committed by now, so the others learn its answer.
    const again = batch.filter((_, index) => isInFlight(results[index]!));
    if (again.length === 0 || again.length === batch.length) return results;
    const answers = await runOnce(tenantId, again);
    return results.map((result, index) => answers[again.indexOf(batch[index]!)] ?? result);
  }

  function commitOf(tenantId: string): GroupCommit<Judged, SubmitResult> {
    let commit = commits.get(tenantId);
    if (commit === undefined) {
      const refuse = (): HubError => new HubError('OVERLOADED');
      commit = createGroupCommit({ maxBatch, maxInFlight, run: (batch) => run(tenantId, batch), refuse });
      commits.set(tenantId, commit);
    }
    return commit;
  }

  return {
    async submit(tenantId, request) {
      const [customers, catalog] = await Promise.all([
        options.customers.open(tenantId),
        options.catalog.open(tenantId),
      ]);
      const judged = prepare(request);
      const facts = factsFromMemory(tenantId, clock.now(), options.hub(tenantId).timeZone, customers, catalog);
      judged.judgement = judgeSubmission(judged.request.submission, facts, judged.context);
      return commitOf(tenantId).submit(judged);
    },
    async idle() {
      await Promise.all([...commits.values()].map((commit) => commit.idle()));
    },
  };
}

function isInFlight(result: SubmitResult): boolean {
  return result.outcome === 'conflict' && result.code === 'IDEMPOTENCY_IN_FLIGHT';
}
