import {
  acknowledge,
  type AcknowledgeOptions,
  type Acknowledgment,
  type CheckedInterchange,
  readSync,
} from '../edi/index.ts';
import type { Terms } from '../partners/index.ts';
import { type Tx, uuidv7 } from '../platform/index.ts';
import { groupScope, interchangeScope, takeControlNumbers } from './control-number.ts';
import { insertDocuments, type NewDocument } from './document.ts';
import { localDateTime } from './local-time.ts';
import { recordOutputs } from './message.ts';
import { recordSent } from './render-delivery.ts';
import { unwritable } from './render-interchange.ts';
import { addressText } from './interchange.ts';

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
 * Renders and stores the TA1 and 997 that an interchange is owed, once: sending it again sends these bytes. It inherits
 * the inbound versions and takes its control numbers from our series. Undefined when none is owed.
 */
export async function acknowledgeInterchange(
  tx: Tx,
  request: AcknowledgmentRequest,
): Promise<{ messageId: string; kinds: string[] } | undefined> {
  const { terms, checked, at } = request;
  const { agreement } = terms;
  const { date, time } = localDateTime(at, terms.timeZone);
  const { element, component, segment, suffix, repetition } = terms.delimiters;
  const usage = agreement.usage === 'production' ? 'P' : 'T';
  const common: Omit<AcknowledgeOptions, 'controls'> = {
    date,
    time,
    sendAk2ForAccepted: terms.ak2ForAccepted,
    ta1: terms.ta1,
    functional: terms.functional,
    refuse: request.refuse,
    delimiters: { element, component, segment, ...(checked.interchange.version >= '00402' ? { repetition } : {}) },
    lineEnding: suffix,
    usage,
  };
  // A first run tells whether anything is owed and how many groups it has: an unused number would be a gap.
  const trial = written(checked, { ...common, controls: { interchange: '1', group: '1' } });
  if (trial === undefined) return undefined;
  const us = addressText(agreement.us);
  const them = addressText(agreement.them);
  const interchange = await takeControlNumbers(tx, 'interchange', interchangeScope(us, them, usage));
  const groups = countGroups(trial.bytes);
  const scope = groupScope(agreement.groupUs ?? agreement.us.id, agreement.groupThem ?? agreement.them.id, 'FA');
  const group = groups === 0 ? 1 : await takeControlNumbers(tx, 'group', scope, groups);
  const control = String(interchange).padStart(9, '0');
  const made = written(checked, { ...common, controls: { interchange: control, group: String(group) } });
  if (made === undefined) return undefined;
  const messageId = uuidv7();
  const label = made.kinds.join('-');
  await recordOutputs(tx, [
    {
      id: messageId,
      channel: 'edi',
      connector: 'x12',
      connection: request.connection,
      partner: agreement.partner,
      topic: label,
      contentType: 'application/edi-x12',
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
      standard: 'x12',
      version: functional?.version ?? request.checked.interchange.version,
      type: functional?.type ?? 'TA1',
      agreement: agreement.id,
      partner: agreement.partner,
      functionalId: functional === undefined ? '' : 'FA',
      interchangeControl,
      groupControl: event.kind === 'document' ? (event.group?.control ?? '') : '',
      control: functional?.control ?? '',
      state: 'rendered',
      correlationId: request.correlationId,
    });
  }
  return documents;
}
