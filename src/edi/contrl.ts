/**
 * CONTRL for an EDIFACT interchange (syntax 3): UCI for the interchange, UCF for a group, UCM for a message, UCS and UCD for
 * its segments and elements. Action codes (0083): 4 rejected, 7 accepted, 8 interchange received.
 * No CONTRL answers an interchange of CONTRL alone.
 */
import type { AcknowledgeOptions, Acknowledgment } from './acknowledge.ts';
import type { CheckedGroup, CheckedInterchange, DocumentResult } from './check.ts';
import type { ElementValue, Segment } from './document.ts';
import type { Interchange, PartyId } from './envelope.ts';
import type { Issue } from './issue.ts';
import { write } from './write.ts';

const REJECTED = '4';
const ACCEPTED = '7';

const isError = (found: Issue): boolean => found.severity === 'error';

function segment(id: string, ...elements: ElementValue[]): Segment {
  return { id, elements };
}

function partyElement(party: PartyId): ElementValue {
  return [party.id, party.qualifier, party.internal ?? ''];
}

/** 0085 and, when the fault lies in a service segment, its tag and the element within it. */
function faultElements(fault: Issue | undefined): ElementValue[] {
  if (fault === undefined) return [];
  const code = fault.ack?.syntax ?? '18';
  const tag = fault.segmentId ?? '';
  if (!/^UN[A-Z]$/.test(tag)) return [code];
  if (fault.elementPosition === undefined) return [code, tag];
  const place = [String(fault.elementPosition)];
  if (fault.componentPosition !== undefined) place.push(String(fault.componentPosition));
  return [code, tag, place];
}

function gravest(issues: readonly Issue[], level: Issue['level']): Issue | undefined {
  return issues.find((found) => isError(found) && found.level === level);
}

/** UCS with its UCDs, for the faults of one segment. */
function segmentFaults(ordinal: number, issues: readonly Issue[]): Segment[] {
  const whole = issues.find((found) => found.level === 'segment');
  const out = [segment('UCS', String(ordinal), ...(whole === undefined ? [] : [whole.ack?.syntax ?? '18']))];
  for (const fault of issues.filter((found) => found.level === 'element').slice(0, 99)) {
    const place = [String((fault.elementPosition ?? 0) + 1)];
    if (fault.componentPosition !== undefined) place.push(String(fault.componentPosition));
    out.push(segment('UCD', fault.ack?.syntax ?? '12', place.length === 1 ? (place[0] as string) : place));
  }
  return out;
}

function messageSegments(document: DocumentResult, agency: string): Segment[] {
  const rejected = document.verdict === 'rejected';
  const [version = '', release = ''] = (document.version ?? '').split('.');
  const identifier = [document.type, version, release, agency, document.association ?? ''];
  const errors = document.issues.filter(isError);
  const fault = errors.find((found) => found.level === 'document' || found.level === 'group');
  const out = [
    segment(
      'UCM',
      document.control,
      identifier,
      rejected ? REJECTED : ACCEPTED,
      ...(rejected ? faultElements(fault) : []),
    ),
  ];
  const byOrdinal = new Map<number, Issue[]>();
  for (const found of errors) {
    if (found.level !== 'segment' && found.level !== 'element') continue;
    const ordinal = found.segmentOrdinal ?? 1;
    byOrdinal.set(ordinal, [...(byOrdinal.get(ordinal) ?? []), found]);
  }
  for (const ordinal of [...byOrdinal.keys()].sort((a, b) => a - b).slice(0, 999))
    out.push(...segmentFaults(ordinal, byOrdinal.get(ordinal) as Issue[]));
  return out;
}

function groupSegments({ documents, group }: CheckedGroup): Segment[] {
  const out: Segment[] = [];
  if (group.control !== '') {
    const fault = gravest(group.issues, 'group');
    const action = fault === undefined ? ACCEPTED : REJECTED;
    out.push(segment('UCF', group.control, group.sender, group.receiver, action, ...faultElements(fault)));
    if (fault !== undefined) return out;
  }
  for (const document of documents) {
    if (document.type !== 'CONTRL') out.push(...messageSegments(document, group.agency === '' ? 'UN' : group.agency));
  }
  return out;
}

/** The CONTRL that an interchange is owed, or undefined. */
export function acknowledgeEdifact(
  checked: CheckedInterchange,
  options: AcknowledgeOptions,
): Acknowledgment | undefined {
  const { interchange } = checked;
  const documents = checked.groups.flatMap((one) => one.documents);
  if (documents.length > 0 && documents.every(({ type }) => type === 'CONTRL')) return undefined;
  const policy = options.ta1 ?? 'requested';
  if (policy === 'never' || (policy === 'requested' && !interchange.ackRequested)) return undefined;
  const fault = gravest(interchange.issues, 'interchange');
  const refusal = options.refuse?.syntax;
  const refused = fault !== undefined || options.refuse !== undefined;
  const outcome: ElementValue[] = refusal === undefined ? faultElements(fault) : [refusal];
  const uci = segment(
    'UCI',
    interchange.control.slice(0, 14),
    partyElement(interchange.sender),
    partyElement(interchange.receiver),
    refused ? REJECTED : ACCEPTED,
    ...(refused ? outcome : []),
  );
  const body = refused ? [] : checked.groups.flatMap(groupSegments);
  return { bytes: writeContrl(interchange, [uci, ...body], options), kinds: ['CONTRL'], refused };
}

function writeContrl(interchange: Interchange, segments: Segment[], options: AcknowledgeOptions): Uint8Array {
  const [syntaxId = '', syntax = ''] = interchange.version.split(':');
  const known = /^UNO[A-Y]$/.test(syntaxId) ? syntaxId : 'UNOC';
  const version = `${known === 'UNOA' || known === 'UNOB' ? 'UNOC' : known}:${/^[1-4]$/.test(syntax) ? syntax : '3'}`;
  return write({
    envelope: {
      standard: 'edifact',
      sender: interchange.receiver,
      receiver: interchange.sender,
      usage: options.usage ?? (interchange.usage === 'T' ? 'T' : 'P'),
      version,
      control: options.controls.interchange,
      date: options.date,
      time: options.time,
      substitute: '.',
      ...(options.delimiters === undefined ? {} : { delimiters: options.delimiters }),
      ...(options.lineEnding === undefined ? {} : { lineEnding: options.lineEnding }),
    },
    groups: [
      {
        functionalId: '',
        control: '',
        version: syntax >= '4' ? '4.1' : 'D.3',
        documents: [{ type: 'CONTRL', control: options.controls.document ?? '1', segments }],
      },
    ],
  });
}
