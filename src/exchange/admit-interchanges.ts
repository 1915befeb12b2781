import type { PartyId } from '../edi/index.ts';
import { findAgreements, getAgreement, type Terms } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import { acknowledgeInterchange } from './acknowledge-interchange.ts';
import { admitAcknowledgment, admitDocuments, controlsOf, writtenAt } from './admit-documents.ts';
import type { Admission, AdmissionProblem, AdmitOptions, Admitting } from './admission.ts';
import { type Document, listDocuments } from './document.ts';
import {
  addressText,
  changeInterchange,
  findEarlier,
  type Interchange,
  interchangesOf,
  lockSender,
  recordInterchange,
} from './interchange.ts';
import { loadMessageStates, type StoredMessage } from './message.ts';
import { type FoundInterchange, readInterchanges } from './read-interchanges.ts';

/**
 * Reads a message as EDI and decides per interchange: which agreement governs it, whether it was here before, what
 * acknowledgment it is owed (rendered and stored here, once), and which of its documents go on to translation. A second
 * run over the same message takes up only what was held before. Several copies that arrive together take turns.
 */
export async function admitInterchanges(
  tx: Tx,
  message: StoredMessage & { bytes: Uint8Array },
  options: AdmitOptions,
): Promise<Admission> {
  const admission: Admission = {
    rows: [],
    documents: [],
    acknowledgments: [],
    outputs: [],
    problems: [],
    outcomes: [],
    test: false,
  };
  const { interchanges, issues, beyond } = await readInterchanges(message.bytes, options);
  if (beyond !== undefined) {
    admission.problems.push(tooLarge(message, beyond));
    admission.outcomes.push('held');
    return admission;
  }
  if (interchanges.length === 0) {
    // A byte-order mark or the like may have been told first; it is not why nothing can be read.
    const fault = issues.find(({ severity }) => severity === 'error') ?? issues[0];
    admission.problems.push({ code: 'EDI_UNREADABLE', cause: fault?.message ?? 'The bytes hold no EDI interchange' });
    admission.outcomes.push('rejected');
    return admission;
  }
  const work: Admitting = {
    tx,
    ...options,
    message,
    admission,
    judged: new Map(),
    previous: await interchangesOf(tx, message.id),
    previousDocuments: await listDocuments(tx, { messageIds: [message.id], direction: 'in' }),
    ...(message.inReplyTo === undefined ? {} : { parent: await parentOf(tx, message.inReplyTo) }),
  };
  const single = interchanges.reduce((sum, found) => sum + found.documents.length, 0) === 1;
  for (const found of interchanges) {
    const before = work.previous.find((interchange) => interchange.ordinal === found.ordinal);
    admission.outcomes.push(await admitOne(work, found, before, single));
  }
  return admission;
}

async function admitOne(
  work: Admitting,
  found: FoundInterchange,
  before: Interchange | undefined,
  single: boolean,
): Promise<Interchange['outcome']> {
  const { tx, message, admission } = work;
  const anew = before?.outcome === 'held' || (before?.outcome === 'rejected' && work.readmit === true);
  if (before !== undefined && !anew) return takeUp(work, found, before);
  const { interchange } = found.checked;
  const record = async (
    outcome: Interchange['outcome'],
    change: { agreement?: string; reason?: string; acknowledgmentId?: string } = {},
  ): Promise<Interchange['outcome']> => {
    if (before !== undefined) await changeInterchange(tx, before.id, { outcome, ...change });
    else await recordInterchange(tx, { ...identityOf(message.id, found), outcome, ...change });
    return outcome;
  };
  const candidates = await findAgreements(tx, interchange.standard, interchange.sender, interchange.receiver);
  if (candidates.length === 0) {
    admission.problems.push(unknownPartner(interchange.sender, interchange.receiver, interchange.standard));
    return record('held', { reason: 'UNKNOWN_PARTNER' });
  }
  const stranger = strangerAt(work, candidates[0] as Terms, found);
  if (stranger !== undefined) {
    admission.problems.push(stranger);
    return record('held', { reason: 'SENDER_MISMATCH' });
  }
  const usage = interchange.usage === 'T' ? 'test' : 'production';
  const terms = candidates.find((candidate) => candidate.agreement.usage === usage);
  if (terms === undefined) {
    const other = candidates[0] as Terms;
    admission.partner = other.agreement.partner;
    admission.problems.push({
      code: 'TEST_IN_PRODUCTION',
      cause: `Interchange ${interchange.control} is marked ${usage}, but the agreement ${other.agreement.id} is for ${other.agreement.usage}`,
      data: { agreement: other.agreement.id, usage: interchange.usage },
    });
    await answer(work, other, found, { ta105: '020' });
    return record('rejected', { agreement: other.agreement.id, reason: 'TEST_IN_PRODUCTION' });
  }
  admission.partner = terms.agreement.partner;
  admission.test ||= usage === 'test';
  return admitUnder(work, await judgeUnder(work, found, terms), terms, record, single);
}

/** How strictly to judge, and by whose guide, is the agreement's choice, which only the first reading could find. */
async function judgeUnder(work: Admitting, found: FoundInterchange, terms: Terms): Promise<FoundInterchange> {
  const strict = terms.agreement.strict === true;
  const lookup = terms.lookup();
  if (!strict && lookup === undefined) return found;
  const { id } = terms.agreement;
  const { documentsMax } = work;
  const judged =
    work.judged.get(id) ??
    (await readInterchanges(work.message.bytes, { strict, documentsMax, ...(lookup === undefined ? {} : { lookup }) }));
  work.judged.set(id, judged);
  return judged.interchanges[found.ordinal - 1] ?? found;
}

async function admitUnder(
  work: Admitting,
  found: FoundInterchange,
  terms: Terms,
  record: (
    outcome: Interchange['outcome'],
    change?: { agreement?: string; reason?: string; acknowledgmentId?: string },
  ) => Promise<Interchange['outcome']>,
  single: boolean,
): Promise<Interchange['outcome']> {
  const { admission } = work;
  const agreement = terms.agreement.id;
  const { interchange } = found.checked;
  const earlier = await findDuplicate(work, found, terms);
  if (earlier.exact !== undefined) {
    // The very bytes again: the very answer again, and nothing else.
    const acknowledgmentId = earlier.exact.acknowledgmentId;
    if (acknowledgmentId !== undefined) admission.outputs.push({ messageId: acknowledgmentId, terms });
    return record('duplicate', { agreement, acknowledgmentId, reason: `Repeats message ${earlier.exact.messageId}` });
  }
  if (earlier.control !== undefined && terms.duplicates.interchange === 'refuse') {
    admission.problems.push({
      code: 'CONFLICTING_DUPLICATE',
      cause: `Interchange ${interchange.control} from ${terms.agreement.partner} was used before, with other content`,
      data: { interchangeControl: interchange.control, earlierMessageId: earlier.control.messageId },
    });
    const acknowledgmentId = await answer(work, terms, found, { ta105: '025' });
    return record('rejected', { agreement, acknowledgmentId, reason: 'CONFLICTING_DUPLICATE' });
  }
  const acknowledgmentId = await answer(work, terms, found);
  const broken = found.checked.interchange.status === 'rejected';
  const accepted = await admitDocuments(work, found, terms, broken, single);
  for (const acknowledgment of found.acknowledgments) admitAcknowledgment(work, found, terms, acknowledgment);
  // An interchange of which nothing could be used does not stand in the way of its own correction.
  const usable = accepted > 0 || found.documents.length === 0;
  return record(usable && !broken ? 'processed' : 'rejected', { agreement, acknowledgmentId });
}

async function findDuplicate(
  work: Admitting,
  found: FoundInterchange,
  terms: Terms,
): Promise<{ exact?: Interchange; control?: Interchange }> {
  // An edited copy carries its parent's control number and is no repetition of it.
  if (terms.duplicates.interchange === 'off' || work.parent !== undefined) return {};
  const identity = identityOf(work.message.id, found);
  await lockSender(work.tx, identity.sender, identity.receiver);
  const since = new Date(work.at.getTime() - terms.duplicates.days * 86_400_000);
  return findEarlier(work.tx, { ...identity, since, notMessage: work.message.id, notOrdinal: found.ordinal });
}

/** Renders what is owed and plans its sending. @returns the id of the stored acknowledgment */
async function answer(
  work: Admitting,
  terms: Terms,
  found: FoundInterchange,
  refuse?: { ta105: string },
): Promise<string | undefined> {
  if (work.parent?.answered === true) return undefined;
  const made = await acknowledgeInterchange(work.tx, {
    terms,
    checked: found.checked,
    refuse,
    inReplyTo: work.message.id,
    correlationId: work.message.correlationId,
    traceparent: work.message.traceparent,
    connection: work.connectionOf(terms),
    at: work.at,
  });
  if (made !== undefined) work.admission.outputs.push({ messageId: made.messageId, terms });
  return made?.messageId;
}

/** An interchange that was taken in before: its held documents are tried again, everything else stays as it is. */
async function takeUp(work: Admitting, found: FoundInterchange, before: Interchange): Promise<Interchange['outcome']> {
  const held = new Map(work.previousDocuments.filter((row) => row.state === 'held').map((row) => [row.ordinal, row]));
  const terms = before.agreement === undefined ? undefined : await getAgreement(work.tx, before.agreement);
  if (terms === undefined) return before.outcome;
  work.admission.partner = terms.agreement.partner;
  for (const entry of found.documents) {
    const row = held.get(entry.ordinal);
    if (row === undefined) continue;
    const { id, correlationId } = row;
    const named = { controls: controlsOf(found, entry), written: writtenAt(found, entry) };
    work.admission.documents.push({ id, terms, document: entry.document, correlationId, ...named });
  }
  return before.outcome;
}

/** What an edited copy needs to know of the message that it corrects, and of those that this one corrected. */
async function parentOf(tx: Tx, parentId: string): Promise<NonNullable<Admitting['parent']>> {
  const done = new Set<string>();
  let answered = false;
  for (let id: string | undefined = parentId, generation = 0; id !== undefined && generation < 50; generation++) {
    const [interchanges, documents, messages]: [Interchange[], Document[], StoredMessage[]] = [
      await interchangesOf(tx, id),
      await listDocuments(tx, { messageIds: [id], direction: 'in' }),
      await loadMessageStates(tx, [id]),
    ];
    answered ||= interchanges.some((interchange) => interchange.outcome !== 'held');
    for (const { state, groupControl, control } of documents)
      if (state === 'translated') done.add(`${groupControl}/${control}`);
    id = messages[0]?.inReplyTo;
  }
  return { answered, done };
}

function identityOf(messageId: string, found: FoundInterchange) {
  const { interchange } = found.checked;
  return {
    messageId,
    direction: 'in' as const,
    ordinal: found.ordinal,
    standard: interchange.standard,
    sender: addressText(interchange.sender),
    receiver: addressText(interchange.receiver),
    usage: interchange.usage,
    control: interchange.control,
    sha256: found.sha256,
  };
}

/**
 * The interchange of one partner at the door of another. Addresses are no secret: whoever may write into a folder could order
 * as anybody else who has an agreement, and be believed.
 */
function strangerAt(
  { message, isSharedDoor, acceptSenders }: Admitting,
  { agreement }: Terms,
  found: FoundInterchange,
): AdmissionProblem | undefined {
  const { doorPartner } = message;
  const { partner } = agreement;
  if (doorPartner === undefined || doorPartner === partner) return undefined;
  if (acceptSenders?.includes(partner) === true || isSharedDoor?.(doorPartner) === true) return undefined;
  const { control, sender } = found.checked.interchange;
  return {
    code: 'SENDER_MISMATCH',
    subject: partner,
    cause: `Interchange ${control} is from ${addressText(sender)}, which is ${partner}, but it came by the door of ${doorPartner}`,
    data: { doorPartner, partner, agreement: agreement.id, interchangeControl: control, sender: addressText(sender) },
  };
}

function tooLarge(message: StoredMessage, beyond: string): AdmissionProblem {
  return {
    code: 'EDI_TOO_LARGE',
    cause: `The message holds ${beyond}; nothing of it was taken in and nothing answered`,
    data: { beyond, byteSize: message.byteSize },
  };
}

function unknownPartner(sender: PartyId, receiver: PartyId, standard: string): AdmissionProblem {
  const [them, us] = [addressText(sender), addressText(receiver)];
  return {
    code: 'UNKNOWN_PARTNER',
    cause: `No agreement covers interchanges from ${them} to ${us}`,
    suggestedFix: `Set up an agreement with them = ${them} and us = ${us}; the message is then worked by itself.`,
    data: { standard, sender: them, receiver: us },
  };
}
