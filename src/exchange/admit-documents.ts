import { type EdiDocument, type Group, parseAcknowledgment } from '../edi/index.ts';
import type { Terms } from '../partners/index.ts';
import { isCalendarDay, uuidv7 } from '../platform/index.ts';
import type { AdmittedDocument, Admitting } from './admission.ts';
import type { NewDocument } from './document.ts';
import type { FoundDocument, FoundInterchange } from './read-interchanges.ts';

const FUNCTIONAL_ACKS = new Set(['997', '999', 'CONTRL']);

/** @returns how many documents are usable */
export async function admitDocuments(
  work: Admitting,
  found: FoundInterchange,
  terms: Terms,
  broken: boolean,
  single: boolean,
): Promise<number> {
  const repeated = await repeatedDocuments(work, found, terms);
  let usable = 0;
  for (const entry of found.documents) {
    const row = rowOf(work, found, terms, entry, single);
    work.admission.rows.push(row);
    const { document, group } = entry;
    const unknown = document.verdict === 'unchecked' && terms.unknownTypes === 'reject';
    if (broken || unknown || document.verdict === 'rejected' || group?.status === 'rejected') {
      reject(work, row, entry);
      continue;
    }
    usable++;
    if (FUNCTIONAL_ACKS.has(document.type)) {
      const parsed = parseAcknowledgment(document);
      if (parsed !== undefined) work.admission.acknowledgments.push({ documentId: row.id, terms, parsed });
      Object.assign(row, { state: 'translated' });
    } else if (repeated.has(entry)) {
      Object.assign(row, { state: 'duplicate', reason: 'The document’s control numbers were used before' });
    } else if (document.verdict === 'unchecked' || !terms.inbound.includes(document.type)) {
      leaveUnrouted(work, row, document);
    } else {
      const { id, correlationId } = row;
      const named = { controls: controlsOf(found, entry), written: writtenAt(found, entry) };
      work.admission.documents.push({ id, terms, document, correlationId, ...named });
    }
  }
  return usable;
}

export function controlsOf({ checked }: FoundInterchange, { group, document }: FoundDocument): string {
  return [checked.interchange.control, group?.control ?? '', document.control].join('/');
}

/** YYMMDD or CCYYMMDD, and HHMM with seconds or without. */
export function writtenAt({ checked }: FoundInterchange, { group }: FoundDocument): AdmittedDocument['written'] {
  const { date, time } = group ?? checked.interchange;
  const [, century = '20', year, month, day] = /^(\d\d)?(\d\d)(\d\d)(\d\d)$/.exec(date) ?? [];
  const [, hours, minutes, seconds] = /^(\d\d)(\d\d)(\d\d)?/.exec(time) ?? [];
  const iso = `${century}${year}-${month}-${day}`;
  if (!isCalendarDay(iso) || Number(hours ?? 24) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 59)
    return undefined;
  return { date: iso, time: [hours, minutes, ...(seconds === undefined ? [] : [seconds])].join(':') };
}

function rowOf(
  work: Admitting,
  found: FoundInterchange,
  terms: Terms,
  { ordinal, document, group }: FoundDocument,
  single: boolean,
): NewDocument & { id: string } {
  const id = uuidv7();
  const own = FUNCTIONAL_ACKS.has(document.type);
  return {
    id,
    messageId: work.message.id,
    direction: 'in',
    ordinal,
    standard: document.standard,
    version: document.version,
    type: document.type,
    agreement: terms.agreement.id,
    partner: terms.agreement.partner,
    functionalId: group?.type,
    interchangeControl: found.checked.interchange.control,
    groupControl: group?.control,
    control: document.control,
    verdict: document.verdict,
    issues: document.issues.length === 0 ? undefined : [...document.issues],
    state: 'held',
    // Each business document starts a thread of its own; alone in its message, it shares the message's.
    correlationId: single || own ? work.message.correlationId : id,
  };
}

function reject(work: Admitting, row: NewDocument & { id: string }, { document, group }: FoundDocument): void {
  const fault = document.issues.find((found) => found.severity === 'error') ?? group?.issues[0];
  const otherwise = document.verdict === 'unchecked' ? undefinedType(document) : 'Its interchange or group is broken';
  const reason = fault?.message ?? otherwise;
  Object.assign(row, { state: 'rejected', reason });
  work.admission.problems.push({
    code: 'EDI_REJECTED',
    documentId: row.id,
    correlationId: row.correlationId,
    cause: `${document.type} ${document.control} from ${row.partner}: ${reason}`,
    data: { issues: document.issues.slice(0, 20) },
  });
}

function leaveUnrouted(work: Admitting, row: NewDocument & { id: string }, document: EdiDocument): void {
  const unchecked = document.verdict === 'unchecked';
  const reason = unchecked ? undefinedType(document) : `The agreement takes in no ${document.type}`;
  Object.assign(row, { state: 'unrouted', reason });
  work.admission.problems.push({
    code: 'NO_ROUTE',
    documentId: row.id,
    correlationId: row.correlationId,
    cause: `${document.type} ${document.control} from ${row.partner}: ${reason}`,
  });
}

const undefinedType = ({ type, version }: EdiDocument): string =>
  `There is no definition of ${type} in version ${version}`;

export function admitAcknowledgment(
  work: Admitting,
  found: FoundInterchange,
  terms: Terms,
  acknowledgment: FoundInterchange['acknowledgments'][number],
): void {
  const parsed = parseAcknowledgment(acknowledgment);
  if (parsed === undefined) return;
  const id = uuidv7();
  work.admission.rows.push({
    id,
    messageId: work.message.id,
    direction: 'in',
    ordinal: 1000 + work.admission.rows.length,
    standard: 'x12',
    version: found.checked.interchange.version,
    type: 'TA1',
    agreement: terms.agreement.id,
    partner: terms.agreement.partner,
    interchangeControl: found.checked.interchange.control,
    control: acknowledgment.control,
    state: 'translated',
    correlationId: work.message.correlationId,
  });
  work.admission.acknowledgments.push({ documentId: id, terms, parsed });
}

/** Documents whose group or own control numbers came before, where the agreement asks to look. */
async function repeatedDocuments(
  work: Admitting,
  found: FoundInterchange,
  terms: Terms,
): Promise<ReadonlySet<FoundDocument>> {
  const { group: groupPolicy, document: documentPolicy } = terms.duplicates;
  const repeated = new Set<FoundDocument>();
  if (work.parent !== undefined) {
    for (const entry of found.documents)
      if (work.parent.done.has(`${entry.group?.control ?? ''}/${entry.document.control}`)) repeated.add(entry);
    return repeated;
  }
  if (groupPolicy !== 'refuse' && documentPolicy !== 'refuse') return repeated;
  for (const entry of found.documents) {
    if (entry.group === undefined) continue;
    const control = documentPolicy === 'refuse' && groupPolicy !== 'refuse' ? entry.document.control : undefined;
    if (await wasUsed(work, terms, entry.group, control)) repeated.add(entry);
  }
  return repeated;
}

async function wasUsed(work: Admitting, terms: Terms, group: Group, control: string | undefined): Promise<boolean> {
  const rows = await work.tx.query(
    {
      name: 'exchange-find-used-controls',
      text: `SELECT 1 FROM document WHERE tenant_id = current_setting('crossdock.tenant') AND direction = 'in'
        AND agreement = $1 AND functional_id = $2 AND group_control = $3 AND ($4::text IS NULL OR control = $4)
        AND state IN ('translated', 'duplicate') AND message_id <> $5 LIMIT 1`,
    },
    [terms.agreement.id, group.type, group.control, control ?? null, work.message.id],
  );
  return rows.length > 0;
}
