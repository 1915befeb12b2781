/** Checks of X12 envelope segments' own fields. */
import { isDateText, isTimeText } from './calendar.ts';
import { type Group, type Interchange, sameNumber } from './envelope.ts';
import { type Issue, type IssueCode, issue, type Severity } from './issue.ts';
import type { Definition } from './schema.ts';
import type { SegmentView } from './segment-view.ts';
import { functionalIdOf } from './x12/index.ts';

/** Interchange id qualifiers (I05). */
const QUALIFIERS = new Set(
  '01 02 03 04 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 AM NR SA SN ZZ'.split(
    ' ',
  ),
);

/** Faults of ST and SE that the envelope has already told are not told again by their elements. */
export function envelopeFaultsOnce(issues: Issue[]): Issue[] {
  const told = new Set<string>();
  for (const found of issues)
    if (found.level === 'document' && found.segmentId !== undefined)
      told.add(`${found.segmentId}${found.elementPosition ?? ''}`);
  // SE02 repeats ST02: its fault is the same fault.
  if (told.has('ST2')) told.add('SE2');
  if (told.size === 0) return issues;
  return issues.filter(
    (found) =>
      !(found.level === 'element' && told.has(`${found.segmentId}${found.elementPosition ?? ''}`)) &&
      !(found.code === 'SEGMENT_MISSING' && told.has(found.segmentId ?? '')),
  );
}

/**
 * Faults of GS. `strict` makes errors of what a tolerant receiver only notes; `repeated` tells that the interchange has had a
 * group of this type and number.
 */
export function groupIssues(group: Group, strict: boolean, repeated: boolean): Issue[] {
  const issues: Issue[] = [];
  const where = { segmentId: 'GS', byteOffset: group.byteOffset };
  const report = (code: IssueCode, message: string, elementPosition: number, value: string) =>
    issues.push(issue(code, message, { ...where, elementPosition, value }));
  if (!/^[A-Z0-9]{2}$/.test(group.type))
    issues.push(
      issue('GROUP_UNSUPPORTED', `GS01 "${group.type}" is no functional identifier`, {
        ...where,
        elementPosition: 1,
        value: group.type,
      }),
    );
  if (!/^\d{1,9}$/.test(group.control))
    report('GROUP_CONTROL_INVALID', `GS06 "${group.control}" is not a number of one to nine digits`, 6, group.control);
  if (!/^\d{6}/.test(group.version))
    report(
      'GROUP_VERSION_UNSUPPORTED',
      `GS08 "${group.version}" is no version, release and industry code`,
      8,
      group.version,
    );
  const note = (code: IssueCode, message: string, elementPosition: number, value: string) =>
    issues.push(issue(code, message, { ...where, elementPosition, value, severity: strict ? 'error' : 'warning' }));
  if (group.sender === '') note('GROUP_HEADER_INVALID', 'GS02, the sender, is missing', 2, '');
  if (group.receiver === '') note('GROUP_HEADER_INVALID', 'GS03, the receiver, is missing', 3, '');
  if (!(group.date.length === 8 && isDateText(group.date)))
    note('GROUP_HEADER_INVALID', `GS04 "${group.date}" is no date`, 4, group.date);
  if (!isTimeText(group.time)) note('GROUP_HEADER_INVALID', `GS05 "${group.time}" is no time`, 5, group.time);
  if (!/^[TX]$/.test(group.agency))
    note('GROUP_HEADER_INVALID', `GS07 "${group.agency}" is neither T nor X`, 7, group.agency);
  if (repeated)
    note('GROUP_DUPLICATE', `Group ${group.type} ${group.control} occurs twice in the interchange`, 6, group.control);
  return issues;
}

/** Versions that ISA12 names: 2 to 4 to 8, each with its releases. */
export const CONTROL_VERSION = /^00(20[0-4]|[3-8]0\d)$/;

/** Faults of ISA's own fields; numbers are TA105 notes. `strict` makes errors of what a tolerant receiver only notes. */
export function headerIssues(fields: readonly string[], byteOffset: number, strict: boolean): Issue[] {
  const issues: Issue[] = [];
  const report = (elementPosition: number, ta105: string, message: string, severity: Severity = 'error') =>
    issues.push(
      issue('INTERCHANGE_HEADER_INVALID', message, {
        segmentId: 'ISA',
        byteOffset,
        elementPosition,
        value: fields[elementPosition - 1] ?? '',
        severity,
        ack: { ta105 },
      }),
    );
  const field = (n: number) => fields[n - 1] ?? '';
  if (!/^0[0-8]$/.test(field(1))) report(1, '010', 'ISA01 is no authorization qualifier');
  else if (field(1) !== '00' && field(2).trim() === '') report(2, '011', 'ISA02 is empty, which ISA01 says it is not');
  if (!/^0[01]$/.test(field(3))) report(3, '012', 'ISA03 is no security qualifier');
  else if (field(3) === '01' && field(4).trim() === '') report(4, '013', 'ISA04 is empty, which ISA03 says it is not');
  if (!QUALIFIERS.has(field(5).trim())) report(5, '005', 'ISA05 is no interchange id qualifier');
  if (field(6).trim() === '') report(6, '006', 'ISA06, the sender, is empty');
  if (!QUALIFIERS.has(field(7).trim())) report(7, '007', 'ISA07 is no interchange id qualifier');
  if (field(8).trim() === '') report(8, '008', 'ISA08, the receiver, is empty');
  if (!(field(9).length === 6 && isDateText(field(9)))) report(9, '014', 'ISA09 is no date');
  if (!(field(10).length === 4 && isTimeText(field(10)))) report(10, '015', 'ISA10 is no time');
  // Up to 00401 ISA11 names the standard; senders leave all kinds of things there, and the documents are X12 all the same.
  if (field(12) < '00402' && field(11) !== 'U') {
    const note = strict ? 'error' : 'warning';
    if (/^[A-Z0-9]$/.test(field(11))) report(11, '002', `ISA11 names a standard "${field(11)}" that is not X12`, note);
    else report(11, '016', 'ISA11 names no standard', note);
  }
  if (!/^\d{5}$/.test(field(12))) report(12, '017', 'ISA12 is no version');
  else if (!CONTROL_VERSION.test(field(12))) report(12, '003', `ISA12 ${field(12)} is no version that there is`);
  if (!/^\d{9}$/.test(field(13))) report(13, '018', 'ISA13 is not nine digits');
  if (!/^[01]$/.test(field(14))) report(14, '019', 'ISA14 is neither 0 nor 1');
  if (!/^[PTI]$/.test(field(15))) report(15, '020', 'ISA15 is none of P, T and I');
  return issues;
}

/** Faults of ST. `repeated` is the severity of a control number that has occurred before, false when it has not. */
export function documentIssues(
  doc: { type: string; control: string; offset: number; definition: Definition | undefined },
  groupType: string,
  repeated: Severity | false,
): Issue[] {
  const issues: Issue[] = [];
  const where = { segmentId: 'ST', segmentOrdinal: 1, byteOffset: doc.offset };
  const report = (code: IssueCode, elementPosition: number, message: string) =>
    issues.push(issue(code, message, { ...where, elementPosition }));
  const functionalId = doc.definition?.functionalId ?? functionalIdOf(doc.type);
  if (!/^\d{3}$/.test(doc.type))
    report(
      'DOCUMENT_ID_INVALID',
      1,
      doc.type === '' ? 'ST01 names no transaction set' : `ST01 "${doc.type}" is no transaction set id`,
    );
  else if (functionalId !== undefined && groupType !== '' && functionalId !== groupType)
    report('DOCUMENT_ID_INVALID', 1, `Transaction set ${doc.type} belongs in group ${functionalId}, not ${groupType}`);
  if (!/^[\x20-\x7e]{4,9}$/.test(doc.control))
    report(
      'DOCUMENT_CONTROL_INVALID',
      2,
      doc.control === '' ? 'ST02 is missing' : `ST02 "${doc.control}" is not 4 to 9 characters long`,
    );
  else if (repeated !== false) {
    const message = `Control number ${doc.control} occurs twice in its group`;
    issues.push(issue('DOCUMENT_CONTROL_REPEATED', message, { ...where, elementPosition: 2, severity: repeated }));
  }
  return issues;
}

/** Faults of IEA. An interchange of TA1 alone has no group, yet many senders count one: `ta1` tells that it may. */
export function trailerIssues(view: SegmentView, interchange: Interchange, ta1: boolean): Issue[] {
  const issues: Issue[] = [];
  const [declared, control] = [view.element(1).trim(), view.element(2).trim()];
  const where = { segmentId: 'IEA', byteOffset: view.offset };
  if (!/^\d+$/.test(declared) || Number(declared) !== interchange.groupCount) {
    const message = `IEA01 says ${declared === '' ? 'nothing' : declared} groups, there are ${interchange.groupCount}`;
    const severity: Severity = ta1 && interchange.groupCount === 0 && declared === '1' ? 'warning' : 'error';
    issues.push(
      issue('INTERCHANGE_COUNT_MISMATCH', message, { ...where, elementPosition: 1, value: declared, severity }),
    );
  }
  const at = { ...where, elementPosition: 2 };
  const known = interchange.control;
  if (!sameNumber(control, known))
    issues.push(
      issue('INTERCHANGE_CONTROL_MISMATCH', `IEA02 ${control} is not ISA13 ${known}`, { ...at, value: control }),
    );
  else if (control !== known)
    issues.push(issue('HEADER_WIDTH', `IEA02 ${control} is not written as ISA13 ${known}`, at));
  return issues;
}
