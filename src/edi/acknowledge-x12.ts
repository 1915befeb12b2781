/** The segments of 997 and 999 for one received group, from its documents' issues. */
import type { CheckedGroup, DocumentResult } from './check.ts';
import type { ElementValue, Segment } from './document.ts';
import type { Issue } from './issue.ts';

export interface FunctionalOptions {
  /** AK2 (with AK5) for accepted documents too. Otherwise only for those with errors. */
  sendAk2ForAccepted: boolean;
  /** What to say about documents of a type we do not know. */
  unchecked: 'accept' | 'reject';
  /** The whole interchange is refused: nothing in it is accepted, whatever it is like in itself. */
  refused: boolean;
  kind: '997' | '999';
  /** The acknowledgment's own version: AK103 exists from 005010 on. */
  version: string;
  /** Characters that cannot stand in data. */
  forbidden: RegExp;
}

const CODES_PER_SEGMENT = 5;
const ELEMENTS_PER_SEGMENT = 99;

function segment(id: string, ...elements: ElementValue[]): Segment {
  return { id, elements };
}

/** Codes without repeats, at most five. */
function codes(list: (string | undefined)[]): string[] {
  return [...new Set(list.filter((code): code is string => code !== undefined))].slice(0, CODES_PER_SEGMENT);
}

const isError = (issue: Issue): boolean => issue.severity === 'error';

/** AK301 is two or three characters; what came may be longer. */
function segmentId(issue: Issue): string {
  const id = (issue.segmentId ?? '').replace(/[^A-Za-z0-9]/g, '').slice(0, 3);
  return id.length >= 2 ? id : id.padEnd(2, 'Z');
}

/** AK401: element, component and (from 005010) repetition. */
function elementPosition(issue: Issue, version: string): ElementValue {
  const parts = [String(issue.elementPosition ?? 1)];
  if (issue.componentPosition !== undefined) parts[1] = String(issue.componentPosition);
  if (issue.repetition !== undefined && version >= '005010') {
    parts[1] ??= '';
    parts[2] = String(issue.repetition);
  }
  return parts.length === 1 ? (parts[0] as string) : parts;
}

/** Only codes that the acknowledgment's version knows: repeats and components have no code before 004020. */
function elementCode(issue: Issue, version: string): string {
  const code = issue.ack?.ak403 ?? '7';
  return (code === '12' || code === '13') && version < '004020' ? '3' : code;
}

/** AK402, left out where our definition does not name the element. */
function elementRef(issue: Issue): string {
  const ref = issue.elementRef ?? '';
  return /^[1-9]\d{0,3}$/.test(ref) ? ref : '';
}

function elementSegment(issue: Issue, options: FunctionalOptions): Segment {
  const elements: ElementValue[] = [
    elementPosition(issue, options.version),
    elementRef(issue),
    elementCode(issue, options.version),
  ];
  const value = issue.value?.slice(0, 99) ?? '';
  if (value !== '' && !options.forbidden.test(value)) elements.push(value);
  return segment(options.kind === '999' ? 'IK4' : 'AK4', ...elements);
}

/** AK3 and AK4 for the faults of one segment. */
function segmentFaults(issues: readonly Issue[], options: FunctionalOptions): Segment[] {
  const ak3 = options.kind === '999' ? 'IK3' : 'AK3';
  const out: Segment[] = [];
  for (const fault of issues.filter((found) => found.level === 'segment')) {
    const ordinal = String(fault.segmentOrdinal ?? 1);
    out.push(segment(ak3, segmentId(fault), ordinal, loopId(fault, options), fault.ack?.ak304 ?? '2'));
  }
  const elements = issues.filter((found) => found.level === 'element');
  const first = elements[0];
  if (first === undefined) return out;
  out.push(segment(ak3, segmentId(first), String(first.segmentOrdinal ?? 1), loopId(first, options), '8'));
  const told = new Set<string>();
  for (const fault of elements) {
    const made = elementSegment(fault, options);
    const key = JSON.stringify([made.elements[0], made.elements[2]]);
    if (told.has(key) || told.size >= ELEMENTS_PER_SEGMENT) continue;
    told.add(key);
    out.push(made);
    if (options.kind === '999' && fault.triggerPosition !== undefined) {
      const place = [String(fault.segmentOrdinal ?? 1), loopId(fault, options), String(fault.triggerPosition)];
      out.push(segment('CTX', 'SITUATIONAL TRIGGER', segmentId(fault), ...place));
    }
  }
  return out;
}

/** 999 names the loop; 997's AK303 is only for loops bounded by LS and LE. */
function loopId(issue: Issue, options: FunctionalOptions): string {
  if (options.kind !== '999') return '';
  return (issue.loop ?? '').split('/').at(-1)?.slice(0, 4) ?? '';
}

/** What came, as far as it can be written; AK102, AK201 and AK202 are mandatory even where GS or ST left them out. */
function echo(text: string, longest: number, forbidden: RegExp, otherwise: string): string {
  const kept = Array.from(text)
    .filter((char) => !forbidden.test(char))
    .join('');
  return kept.slice(0, longest).trim() || otherwise;
}

function documentStatus(document: DocumentResult, options: FunctionalOptions): 'A' | 'E' | 'R' {
  if (options.refused || document.verdict === 'rejected') return 'R';
  if (document.verdict === 'accepted_with_errors') return 'E';
  return document.verdict === 'unchecked' && options.unchecked === 'reject' ? 'R' : 'A';
}

function documentSegments(document: DocumentResult, options: FunctionalOptions): Segment[] {
  const status = documentStatus(document, options);
  const errors = document.issues.filter(isError);
  const header: ElementValue[] = [
    echo(document.type, 3, options.forbidden, '000').padStart(3, '0'),
    echo(document.control, 9, options.forbidden, '0000'),
  ];
  if (document.association !== undefined && options.version >= '005010') header.push(document.association);
  const out: Segment[] = [segment('AK2', ...header)];
  const byOrdinal = new Map<number, Issue[]>();
  for (const fault of errors) {
    if (fault.level !== 'segment' && fault.level !== 'element') continue;
    const ordinal = fault.segmentOrdinal ?? 0;
    const list = byOrdinal.get(ordinal);
    if (list === undefined) byOrdinal.set(ordinal, [fault]);
    else list.push(fault);
  }
  for (const ordinal of [...byOrdinal.keys()].sort((a, b) => a - b))
    out.push(...segmentFaults(byOrdinal.get(ordinal) as Issue[], options));
  const notes = codes(errors.filter((found) => found.level === 'document').map((found) => found.ack?.ak502));
  if (document.verdict === 'unchecked' && status === 'R') notes.push('1');
  if (byOrdinal.size > 0 && !notes.includes('5')) notes.push('5');
  out.push(segment(options.kind === '999' ? 'IK5' : 'AK5', status, ...notes.slice(0, CODES_PER_SEGMENT)));
  return out;
}

/** Everything between ST and SE of the acknowledgment for one group. */
export function functionalSegments(checked: CheckedGroup, options: FunctionalOptions): Segment[] {
  const { documents, group } = checked;
  const head: ElementValue[] = [
    echo(group.type, 2, options.forbidden, 'ZZ'),
    echo(group.control, 9, options.forbidden, '0'),
  ];
  if (options.version >= '005010' && group.version !== '') head.push(group.version.slice(0, 12));
  const out: Segment[] = [segment('AK1', ...head)];
  let accepted = 0;
  let flawed = 0;
  for (const document of documents) {
    const status = documentStatus(document, options);
    if (status !== 'R') accepted++;
    if (status === 'E') flawed++;
    if (status !== 'A' || options.sendAk2ForAccepted) out.push(...documentSegments(document, options));
  }
  const notes = codes(group.issues.filter(isError).map((found) => found.ack?.ak905));
  const rejected = options.refused || group.issues.some(isError);
  if (rejected) accepted = 0;
  let status = 'A';
  if (rejected || (documents.length > 0 && accepted === 0)) status = 'R';
  else if (accepted < documents.length) status = 'P';
  else if (flawed > 0) status = 'E';
  const included = String(group.declaredCount ?? documents.length);
  out.push(segment('AK9', status, included.slice(0, 6), String(documents.length), String(accepted), ...notes));
  return out;
}
