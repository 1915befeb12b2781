/**
 * CONTRL for an EDIFACT interchange: UCI for the interchange, UCF for a group, UCM for a message, UCS and UCD for its segments
 * and elements. Action codes (0083): 4 rejected, 7 accepted, 8 interchange received.
 * Positions (0098) count the segment tag as 1. Syntax 4 (CONTRL 4:1) also names the repetition in error (0136).
 * No CONTRL answers an interchange of CONTRL alone.
 */
import type { AcknowledgeOptions, Acknowledgment } from './acknowledge.ts';
import { definesMessage } from './edifact/index.ts';
import type { CheckedGroup, CheckedInterchange, DocumentResult } from './check.ts';
import type { ElementValue, Segment } from './document.ts';
import type { Interchange, PartyId } from './envelope.ts';
import type { Issue } from './issue.ts';
import { write } from './write.ts';

const REJECTED = '4';
const ACCEPTED = '7';
const RECEIVED = '8';

/** Longest values that CONTRL can echo: 0004 and 0010, 0007, 0008, 0020 and its like, 0065, 0052, 0054, 0051, 0057. */
const ECHO = { party: 35, qualifier: 4, routing: 14, control: 14, type: 6, version: 3, agency: 2, association: 6 };

const isError = (found: Issue): boolean => found.severity === 'error';

function segment(id: string, ...elements: ElementValue[]): Segment {
  return { id, elements };
}

function partyElement(party: PartyId): ElementValue {
  return [
    party.id.slice(0, ECHO.party),
    party.qualifier.slice(0, ECHO.qualifier),
    (party.internal ?? '').slice(0, ECHO.routing),
  ];
}

/** S011: the segment tag counts as position 1, so the first element has position 2. */
function place(fault: Issue, syntax4: boolean): ElementValue {
  const parts = [String((fault.elementPosition ?? 0) + 1)];
  if (fault.componentPosition !== undefined) parts[1] = String(fault.componentPosition);
  if (syntax4 && fault.repetition !== undefined) {
    parts[1] ??= '';
    parts[2] = String(fault.repetition);
  }
  return parts.length === 1 ? (parts[0] as string) : parts;
}

/** 0085 and, when the fault lies in a service segment, its tag and the element within it. */
function faultElements(fault: Issue | undefined, syntax4: boolean): ElementValue[] {
  if (fault === undefined) return [];
  const code = fault.ack?.syntax ?? '18';
  const tag = fault.segmentId ?? '';
  if (!/^UN[A-Z]$/.test(tag)) return [code];
  return fault.elementPosition === undefined ? [code, tag] : [code, tag, place(fault, syntax4)];
}

function gravest(issues: readonly Issue[], level: Issue['level']): Issue | undefined {
  return issues.find((found) => isError(found) && found.level === level);
}

/** UCS with its UCDs, for the faults of one segment. */
function segmentFaults(ordinal: number, issues: readonly Issue[], syntax4: boolean): Segment[] {
  const whole = issues.find((found) => found.level === 'segment');
  const out = [segment('UCS', String(ordinal), ...(whole === undefined ? [] : [whole.ack?.syntax ?? '18']))];
  for (const fault of issues.filter((found) => found.level === 'element').slice(0, 99))
    out.push(segment('UCD', fault.ack?.syntax ?? '12', place(fault, syntax4)));
  return out;
}

/** 0085 14 at the type (0065), or at the release (0054) where we have the type in another one. */
function unsupported({ type }: DocumentResult): ElementValue[] {
  return ['14', 'UNH', ['3', definesMessage(type) ? '3' : '1']];
}

interface Wording {
  syntax4: boolean;
  /** What is said about messages that we have no definition of. */
  unchecked: AcknowledgeOptions['unchecked'];
}

function messageSegments(document: DocumentResult, agency: string, { syntax4, unchecked }: Wording): Segment[] {
  const refused = document.verdict === 'unchecked' && unchecked === 'reject';
  const rejected = document.verdict === 'rejected' || refused;
  const [version = '', release = ''] = (document.version ?? '').split('.');
  const identifier = [
    document.type.slice(0, ECHO.type),
    version.slice(0, ECHO.version),
    release.slice(0, ECHO.version),
    agency.slice(0, ECHO.agency),
    (document.association ?? '').slice(0, ECHO.association),
  ];
  const errors = document.issues.filter(isError);
  const fault = errors.find((found) => found.level === 'document' || found.level === 'group');
  const out = [
    segment(
      'UCM',
      document.control.slice(0, ECHO.control),
      identifier,
      rejected ? REJECTED : ACCEPTED,
      ...(refused ? unsupported(document) : rejected ? faultElements(fault, syntax4) : []),
    ),
  ];
  const byOrdinal = new Map<number, Issue[]>();
  for (const found of errors) {
    if (found.level !== 'segment' && found.level !== 'element') continue;
    const ordinal = found.segmentOrdinal ?? 1;
    byOrdinal.set(ordinal, [...(byOrdinal.get(ordinal) ?? []), found]);
  }
  for (const ordinal of [...byOrdinal.keys()].sort((a, b) => a - b).slice(0, 999))
    out.push(...segmentFaults(ordinal, byOrdinal.get(ordinal) as Issue[], syntax4));
  return out;
}

function groupSegments({ documents, group }: CheckedGroup, wording: Wording): Segment[] {
  const out: Segment[] = [];
  if (group.control !== '') {
    const fault = gravest(group.issues, 'group');
    const action = fault === undefined ? ACCEPTED : REJECTED;
    const control = group.control.slice(0, ECHO.control);
    const sender = group.sender.slice(0, ECHO.party);
    const receiver = group.receiver.slice(0, ECHO.party);
    out.push(segment('UCF', control, sender, receiver, action, ...faultElements(fault, wording.syntax4)));
    if (fault !== undefined) return out;
  }
  for (const document of documents) {
    if (document.type !== 'CONTRL')
      out.push(...messageSegments(document, group.agency === '' ? 'UN' : group.agency, wording));
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
  const refused = interchange.status === 'rejected' || options.refuse !== undefined;
  if (policy === 'never' || (policy === 'requested' && !interchange.ackRequested && !refused)) return undefined;
  // A fault of any level that stands with the interchange refuses it, such as a segment outside of every message.
  const fault = gravest(interchange.issues, 'interchange') ?? interchange.issues.find(isError);
  const refusal = options.refuse?.syntax;
  const syntax4 = (interchange.version.split(':')[1] ?? '') >= '4';
  const outcome: ElementValue[] = refusal === undefined ? faultElements(fault, syntax4) : [refusal];
  const receipt = options.contrl === 'receipt';
  const uci = segment(
    'UCI',
    interchange.control.slice(0, ECHO.control),
    partyElement(interchange.sender),
    partyElement(interchange.receiver),
    refused ? REJECTED : receipt ? RECEIVED : ACCEPTED,
    ...(refused ? outcome : []),
  );
  const wording = { syntax4, unchecked: options.unchecked };
  const body = refused || receipt ? [] : checked.groups.flatMap((group) => groupSegments(group, wording));
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
