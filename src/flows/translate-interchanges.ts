import { toGuide } from '../edi/index.ts';
import { type NewException, openObligations } from '../exceptions/index.ts';
import {
  type Admission,
  type AdmitOptions,
  type AdmissionProblem,
  type AdmittedDocument,
  admitInterchanges,
  changeDocuments,
  changeMessages,
  documentTypeOf,
  type DocumentChange,
  ediTerms,
  insertDocuments,
  type MessageState,
  SEND_INTERCHANGE,
  type StoredMessage,
} from '../exchange/index.ts';
import { indexMaps, type InboundResult } from '../maps/index.ts';
import { mapWithCrossReferences } from '../partners/index.ts';
import { localDate, type Tx } from '../platform/index.ts';
import { type Applied, applyResults, type Translated } from './apply-results.ts';
import { faultOfInput, misfitOf } from './check-results.ts';
import type { Hub } from './flow.ts';
import { isSharedMailbox } from './find-connection.ts';
import { foreignRelease } from './foreign-release.ts';
import { gatherProblems } from './gather-problems.ts';
import { applyAcknowledgments } from './match-acknowledgments.ts';
import { ediConnection } from './plan-document.ts';
import { raiseExceptions } from './raise-exceptions.ts';
import { earliest, spanOf } from './spans-of-time.ts';

type Message = StoredMessage & { bytes: Uint8Array };

const maps = indexMaps();

/**
 * One message of EDI: admitted and acknowledged by `exchange`, its documents translated one by one so that a bad one never
 * fails its neighbours, and what comes of them handed to the business.
 */
export async function translateInterchanges(
  tx: Tx,
  hub: Hub,
  message: Message,
  wishes: Pick<AdmitOptions, 'readmit' | 'acceptSenders'>,
): Promise<void> {
  const admission = await admitInterchanges(tx, message, {
    at: hub.clock.now(),
    connectionOf: (terms) => ediConnection(hub, terms),
    ...wishes,
    isSharedDoor: (partner) => isSharedMailbox(hub, partner),
    documentsMax: hub.config.ediDocumentsMax,
  });
  const outcomes = await translateDocuments(tx, hub, message, admission);
  await keepDocuments(tx, hub, admission, outcomes);
  await applyAcknowledgments(tx, hub, message, admission.acknowledgments);
  await sendOutputs(tx, hub, message, admission);
  await raiseExceptions(
    tx,
    hub,
    gatherProblems(message, admission.problems).map((problem) => exceptionOf(message, problem)),
  );
  const state = stateOf(admission, outcomes);
  const threads = new Set([...outcomes.values()].flatMap(({ applied }) => applied.correlationId ?? []));
  await changeMessages(tx, [
    {
      id: message.id,
      state: state.state,
      reason: state.reason,
      partner: admission.partner,
      test: admission.test || undefined,
      correlationId: threads.size === 1 ? [...threads][0] : undefined,
    },
  ]);
}

interface Outcome {
  document: AdmittedDocument;
  applied: Applied;
  canonical?: unknown;
}

/** Document row id → what became of it. */
async function translateDocuments(
  tx: Tx,
  hub: Hub,
  message: Message,
  admission: Admission,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const translated: { document: AdmittedDocument; item: Translated }[] = [];
  for (const document of admission.documents) {
    const mapped = await mapDocument(tx, hub, message, document);
    if ('problem' in mapped) {
      admission.problems.push(mapped.problem);
      outcomes.set(document.id, { document, applied: { state: 'held', reason: mapped.problem.cause } });
    } else {
      const { id, terms, controls, written, correlationId } = document;
      const { type, control } = document.document;
      const origin = { id, type, control, controls, written, terms };
      translated.push({ document, item: { message, correlationId, results: mapped.results, origin } });
    }
  }
  const applied = await applyResults(
    tx,
    hub,
    translated.map(({ item }) => item),
  );
  for (const [index, { document, item }] of translated.entries()) {
    const values = item.results.map((result) => result.value);
    const canonical = values.length === 1 ? values[0] : values;
    outcomes.set(document.id, { document, applied: applied[index] as Applied, canonical });
  }
  return outcomes;
}

async function mapDocument(
  tx: Tx,
  hub: Hub,
  message: Message,
  { terms, document, id, correlationId, written }: AdmittedDocument,
): Promise<{ results: InboundResult[] } | { problem: AdmissionProblem }> {
  const problem = (code: AdmissionProblem['code'], text: string, data?: Record<string, unknown>) => ({
    problem: {
      code,
      documentId: id,
      correlationId,
      cause: `${document.type} ${document.control} from ${terms.agreement.partner}: ${text}`,
      data,
    },
  });
  const map = maps.inbound(document.standard, document.type);
  const guide = toGuide(document);
  if (map === undefined || guide === undefined) return problem('NO_ROUTE', 'There is no map for it');
  const overlay = terms.overlay(`${document.standard}-${document.type.toLowerCase()}`);
  // The guide's nodes have no prototype; plain objects are what maps and overlays are written for.
  const body: unknown = JSON.parse(JSON.stringify(guide.body));
  const settings = ediTerms(terms);
  try {
    const today = localDate(hub.clock.now(), hub.timeZone);
    const results = await mapWithCrossReferences(tx, terms.agreement.partner, today, (lookup) => {
      const { receivedAt } = message;
      const span = written && spanOf(written.date, written.time, terms.timeZone);
      const writtenAt = earliest(span?.from, new Date(receivedAt)).toISOString();
      const context = { source: terms.agreement.id, settings, receivedAt, writtenAt, version: guide.version, lookup };
      const mapped = map.map(body, context);
      if (overlay === undefined) return mapped;
      return mapped.map((result) => ({ ...result, value: overlay(result.value, body, lookup) }) as InboundResult);
    });
    const misfit = misfitOf(results);
    if (misfit !== undefined) return problem('MAP_FAILED', misfit.text, { path: misfit.path });
    const foreign = await foreignRelease(tx, results, terms);
    return foreign === undefined ? { results } : problem('MAP_FAILED', foreign);
  } catch (error) {
    const fault = faultOfInput(error);
    if (fault === undefined) throw error;
    return problem('MAP_FAILED', fault.message, { code: fault.code, path: fault.path });
  }
}

/** Writes the documents' rows: new ones with their outcome, those of an earlier try changed to it. */
async function keepDocuments(
  tx: Tx,
  hub: Hub,
  admission: Admission,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<void> {
  const fresh = new Set(admission.rows.map((row) => row.id));
  await insertDocuments(
    tx,
    admission.rows.map((row) => {
      const outcome = outcomes.get(row.id);
      return outcome === undefined ? row : { ...row, ...rowChange(outcome), correlationId: threadOf(outcome) };
    }),
  );
  await changeDocuments(
    tx,
    [...outcomes]
      .filter(([id]) => !fresh.has(id))
      .map(([id, outcome]): DocumentChange => ({ id, ...rowChange(outcome) })),
  );
  await announce(tx, hub, admission, outcomes);
  await startClocks(tx, hub, outcomes);
}

const threadOf = ({ document, applied }: Outcome): string => applied.correlationId ?? document.correlationId;

function rowChange({ applied, canonical }: Outcome) {
  return {
    state: applied.state,
    reason: applied.reason,
    entityKind: applied.entity?.kind,
    entityId: applied.entity?.id,
    canonical,
  };
}

async function announce(tx: Tx, hub: Hub, admission: Admission, outcomes: ReadonlyMap<string, Outcome>): Promise<void> {
  const types = { translated: 'edi.document.parsed', duplicate: 'edi.document.duplicate' } as const;
  const rows = admission.rows.filter((row) => row.type !== 'TA1' && row.type !== 'CONTRL' && row.functionalId !== 'FA');
  await hub.events.publish(
    tx,
    rows.map((row) => {
      const outcome = outcomes.get(row.id);
      const state = outcome?.applied.state ?? row.state;
      const orderId = outcome?.applied.entity?.id;
      return {
        type:
          state === 'rejected'
            ? ('edi.document.rejected' as const)
            : (types[state as keyof typeof types] ?? ('edi.document.received' as const)),
        entity: { kind: 'document' as const, id: row.id },
        key: orderId ?? row.id,
        orderId,
        correlationId: outcome === undefined ? row.correlationId : threadOf(outcome),
        causationId: row.messageId,
        reason: outcome?.applied.reason ?? row.reason,
        data: {
          documentType: row.type,
          partner: row.partner,
          control: row.control,
          groupControl: row.groupControl,
          interchangeControl: row.interchangeControl,
          verdict: row.verdict,
          messageId: row.messageId,
        },
      };
    }),
  );
}

/** An order by EDI is owed an 855. */
async function startClocks(tx: Tx, hub: Hub, outcomes: ReadonlyMap<string, Outcome>): Promise<void> {
  const now = hub.clock.now();
  const owed = [...outcomes.values()].filter(
    ({ document, applied }) =>
      applied.state === 'translated' &&
      applied.entity !== undefined &&
      document.terms.outbound.includes(documentTypeOf(document.terms, 'order.acknowledge')),
  );
  await openObligations(
    tx,
    owed.map(({ document, applied }) => {
      const { agreement } = document.terms;
      const minutes = agreement.orderAcknowledgment?.warnAfterMinutes ?? 1440;
      return {
        kind: '855' as const,
        subject: applied.entity?.id as string,
        dueAt: new Date(now.getTime() + minutes * 60_000),
        orderId: applied.entity?.id,
        correlationId: applied.correlationId,
        partner: agreement.partner,
      };
    }),
    now,
  );
}

/** Acknowledgments are sent as they are stored; the same one may go several times, each time as a file of its own. */
async function sendOutputs(tx: Tx, hub: Hub, message: Message, admission: Admission): Promise<void> {
  const routed = admission.outputs.map((output) => ({ ...output, destination: ediConnection(hub, output.terms) }));
  for (const { terms, destination } of routed) {
    if (destination !== undefined) continue;
    admission.problems.push({
      code: 'NO_ROUTE',
      cause: `The acknowledgment for ${terms.agreement.partner} has nowhere to go: agreement ${terms.agreement.id} names no EDI connection.`,
    });
  }
  await hub.enqueue(
    tx,
    routed.flatMap(({ messageId, terms, destination }) => {
      if (destination === undefined) return [];
      return [
        {
          destination,
          key: `edi:${terms.agreement.id}`,
          operation: SEND_INTERCHANGE,
          payload: { kind: 'message' as const, entity: { kind: 'message' as const, id: messageId }, messageId },
          correlationId: message.correlationId,
          traceparent: message.traceparent,
        },
      ];
    }),
  );
}

function exceptionOf(message: Message, problem: AdmissionProblem): NewException {
  const { code, documentId, subject, correlationId, cause, suggestedFix, data } = problem;
  return {
    code,
    dedupeKey: `${code}:${documentId ?? message.id}${subject === undefined ? '' : `:${subject}`}`,
    entityRefs: [
      { kind: 'message', id: message.id, label: message.fileName },
      ...(documentId === undefined ? [] : [{ kind: 'document', id: documentId }]),
    ],
    correlationId: correlationId ?? message.correlationId,
    messageId: message.id,
    cause,
    suggestedFix,
    data,
  };
}

/** Why an interchange, or the message, waits as a whole. */
const HOLDING_CODES = ['SENDER_MISMATCH', 'UNKNOWN_PARTNER', 'EDI_TOO_LARGE'] as const;

/** Held before rejected before processed: the state that wants somebody's eyes most. */
function stateOf(
  admission: Admission,
  outcomes: ReadonlyMap<string, Outcome>,
): { state: MessageState; reason?: string } {
  const reasonOf = (code?: string): string | undefined =>
    admission.problems.find((problem) => code === undefined || problem.code === code)?.cause;
  const applied = [...outcomes.values()].map((outcome) => outcome.applied);
  const held = applied.find(({ state }) => state === 'held');
  if (held !== undefined) return { state: 'held', reason: held.reason };
  if (admission.outcomes.includes('held')) {
    const waitsFor = HOLDING_CODES.find((code) => reasonOf(code) !== undefined);
    return { state: 'held', reason: reasonOf(waitsFor) };
  }
  if (admission.outcomes.every((outcome) => outcome === 'rejected')) return { state: 'rejected', reason: reasonOf() };
  const repeated =
    admission.outcomes.every((outcome) => outcome === 'duplicate') ||
    (applied.length > 0 && applied.every(({ state }) => state === 'duplicate'));
  if (repeated) return { state: 'duplicate', reason: applied[0]?.reason };
  // What was done with the only document of a message is what was done with the message.
  return { state: 'processed', reason: reasonOf() ?? (applied.length === 1 ? applied[0]?.reason : undefined) };
}
