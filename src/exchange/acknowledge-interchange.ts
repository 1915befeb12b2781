import {
  acknowledge,
  type AcknowledgeOptions,
  type Acknowledgment,
  type CheckedInterchange,
  readSync,
} from '../edi/index.ts';
import type { Terms } from '../partners/index.ts';
import { type Tx, uuidv7 } from '../platform/index.ts';
import { takeGroupNumber, takeInterchangeNumber, usageOf } from './agreement-numbers.ts';
import { insertDocuments, type NewDocument } from './document.ts';
import { localDateTime } from './local-time.ts';
import { recordOutputs } from './message.ts';
import { MEDIA_TYPES, recordSent } from './render-delivery.ts';
import { edifactDelimiters } from './render-edifact.ts';
import { unwritable } from './render-interchange.ts';

export interface AcknowledgmentRequest {
  terms: Terms;
  checked: CheckedInterchange;
  /** Refuses the interchange for a reason that its bytes do not show, e.g. TA105 025. */
  refuse?: { ta105: string };
  inReplyTo: string;
  correlationId: string;
  traceparent?: string;
  connection?: string;
  at: Date;
}

/**
 * Renders and stores the TA1 and 997, or the CONTRL, that an interchange is owed, once: sending it again sends these bytes. It inherits
 * the inbound versions and takes its control numbers from our series. Undefined when none is owed.
 */
export async function acknowledgeInterchange(
  tx: Tx,
  request: AcknowledgmentRequest,
): Promise<{ messageId: string; kinds: string[] } | undefined> {
  const { terms, checked, at } = request;
  const { agreement } = terms;
  const { date, time } = localDateTime(at, terms.timeZone);
  const { suffix } = terms.delimiters;
  const usage = usageOf(agreement);
  const common: Omit<AcknowledgeOptions, 'controls'> = {
    date,
    time,
    sendAk2ForAccepted: terms.ak2ForAccepted,
    unchecked: terms.unknownTypes,
    ta1: terms.ta1,
    functional: terms.functional,
    refuse: request.refuse && { ...request.refuse, syntax: SYNTAX_ERRORS[request.refuse.ta105] ?? '18' },
    delimiters: delimitersOf(request),
    lineEnding: suffix,
    usage,
  };
  // A first run tells whether anything is owed and how many groups it has: an unused number would be a gap.
  const trial = written(checked, { ...common, controls: { interchange: '1', group: '1' } });
  if (trial === undefined) return undefined;
  const controls = await takeControls(tx, request, trial);
  const control = controls.interchange;
  const made = written(checked, { ...common, controls });
  if (made === undefined) return undefined;
  const messageId = uuidv7();
  const label = made.kinds.join('-');
  await recordOutputs(tx, [
    {
      id: messageId,
      channel: 'edi',
      connector: agreement.standard,
      connection: request.connection,
      partner: agreement.partner,
      topic: label,
      contentType: MEDIA_TYPES[agreement.standard],
      fileName: `${label}-${control}`,
      bytes: made.bytes,
      correlationId: request.correlationId,
      traceparent: request.traceparent,
      inReplyTo: request.inReplyTo,
      test: usage === 'T',
    },
  ]);
  await recordSent(tx, messageId, terms, control, made.bytes);
  await insertDocuments(tx, acknowledgmentDocuments(request, messageId, control, made.bytes));
  return { messageId, kinds: made.kinds };
}

/** 0085 for the reasons that only we know: TA105 020 (test indicator) and 025 (duplicate). */
const SYNTAX_ERRORS: Readonly<Record<string, string>> = { '020': '25', '025': '26' };

function delimitersOf({ terms, checked }: AcknowledgmentRequest): AcknowledgeOptions['delimiters'] {
  const { version } = checked.interchange;
  if (terms.agreement.standard === 'edifact') return edifactDelimiters(terms, version.slice(-1));
  const { element, component, segment, repetition } = terms.delimiters;
  return { element, component, segment, ...(version >= '00402' ? { repetition } : {}) };
}

async function takeControls(
  tx: Tx,
  { terms: { agreement } }: AcknowledgmentRequest,
  trial: Acknowledgment,
): Promise<AcknowledgeOptions['controls']> {
  const interchange = await takeInterchangeNumber(tx, agreement);
  const groups = agreement.standard === 'edifact' ? 0 : countGroups(trial.bytes);
  return { interchange, group: groups === 0 ? '1' : await takeGroupNumber(tx, agreement, 'FA', groups) };
}

function written(checked: CheckedInterchange, options: AcknowledgeOptions): Acknowledgment | undefined {
  try {
    return acknowledge(checked, options);
  } catch (error) {
    throw unwritable(error);
  }
}

function countGroups(bytes: Uint8Array): number {
  let count = 0;
  for (const event of readSync(bytes, { keepDocuments: false })) if (event.kind === 'group') count++;
  return count;
}

/** Rows for what we sent, from its own bytes. Acknowledgments are never acknowledged, so nothing is awaited. */
function acknowledgmentDocuments(
  request: AcknowledgmentRequest,
  messageId: string,
  interchangeControl: string,
  bytes: Uint8Array,
): NewDocument[] {
  const documents: NewDocument[] = [];
  const { agreement } = request.terms;
  for (const event of readSync(bytes, { keepDocuments: false })) {
    if (event.kind !== 'document' && event.kind !== 'acknowledgment') continue;
    const functional = event.kind === 'document' ? event.document : undefined;
    documents.push({
      messageId,
      direction: 'out',
      ordinal: documents.length + 1,
      standard: agreement.standard,
      version: functional?.version ?? request.checked.interchange.version,
      type: functional?.type ?? 'TA1',
      agreement: agreement.id,
      partner: agreement.partner,
      functionalId: functional === undefined || agreement.standard === 'edifact' ? '' : 'FA',
      interchangeControl,
      groupControl: event.kind === 'document' ? (event.group?.control ?? '') : '',
      control: functional?.control ?? '',
      state: 'rendered',
      correlationId: request.correlationId,
    });
  }
  return documents;
}
