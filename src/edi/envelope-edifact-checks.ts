/** UNB as it was sent, and checks of its fields. */
import { isDateText, isTimeText } from './calendar.ts';
import type { Group, Interchange } from './envelope.ts';
import { type Issue, type IssueCode, issue, type Severity } from './issue.ts';
import { END_ELEMENT, type SegmentView } from './segment-view.ts';

export function party(view: SegmentView, position: number): Interchange['sender'] {
  const internal = view.element(position, 3);
  const found = { qualifier: view.element(position, 2), id: view.element(position) };
  return internal === '' ? found : { ...found, internal };
}

/** Elements of UNB, components joined by `:`. */
export function headerElements(view: SegmentView): string[] {
  const elements: string[] = [];
  let parts: string[] = [];
  for (let token = 1; token < view.count && elements.length < 20; token++) {
    parts.push(view.text(token));
    if ((view.marks[token] as number) >= END_ELEMENT) {
      elements.push(parts.join(':'));
      parts = [];
    }
  }
  return elements;
}

export function headerIssues(interchange: Interchange, byteOffset: number, known: boolean): Issue[] {
  const issues: Issue[] = [];
  const report = (
    code: IssueCode,
    elementPosition: number,
    syntax: string,
    message: string,
    componentPosition?: number,
  ) =>
    issues.push(
      issue(code, message, {
        segmentId: 'UNB',
        byteOffset,
        elementPosition,
        ack: { syntax },
        ...(componentPosition === undefined ? {} : { componentPosition }),
      }),
    );
  const [syntaxId, syntax] = interchange.version.split(':');
  if (!known) report('SYNTAX_VERSION', 1, '46', `Syntax identifier "${syntaxId}" names no character set`, 1);
  if (syntax === undefined) report('SYNTAX_VERSION', 1, '13', 'UNB 0002, the syntax version, is missing', 2);
  else if (!/^[1-4]$/.test(syntax)) report('SYNTAX_VERSION', 1, '2', `Syntax version "${syntax}" is not supported`, 2);
  if (interchange.sender.id === '') report('INTERCHANGE_HEADER_INVALID', 2, '13', 'UNB 0004, the sender, is missing');
  if (interchange.receiver.id === '')
    report('INTERCHANGE_HEADER_INVALID', 3, '13', 'UNB 0010, the recipient, is missing');
  if (interchange.date === '') report('INTERCHANGE_HEADER_INVALID', 4, '13', 'UNB 0017, the date, is missing', 1);
  else if (!isDateText(interchange.date)) report('INTERCHANGE_HEADER_INVALID', 4, '12', 'UNB 0017 is no date', 1);
  if (interchange.time === '') report('INTERCHANGE_HEADER_INVALID', 4, '13', 'UNB 0019, the time, is missing', 2);
  else if (interchange.time.length !== 4 || !isTimeText(interchange.time))
    report('INTERCHANGE_HEADER_INVALID', 4, '12', 'UNB 0019 is no time', 2);
  if (interchange.control === '')
    report('INTERCHANGE_HEADER_INVALID', 5, '13', 'UNB 0020, the control reference, is missing');
  if (interchange.header.length > 11)
    report('INTERCHANGE_HEADER_INVALID', 12, '16', 'UNB has more than eleven elements');
  if (interchange.control.length > 14) report('INTERCHANGE_HEADER_INVALID', 5, '39', 'UNB 0020 is longer than 14');
  return issues;
}

/** The group that UNG begins. */
export function groupOf(view: SegmentView): Group {
  return {
    type: view.element(1),
    control: view.element(5),
    version: [view.element(7), view.element(7, 2)].filter((part) => part !== '').join('.'),
    sender: view.element(2),
    receiver: view.element(3),
    date: view.element(4),
    time: view.element(4, 2),
    agency: view.element(6),
    byteOffset: view.offset,
    declaredCount: undefined,
    receivedCount: 0,
    acceptedCount: 0,
    documentsWithErrors: 0,
    complete: false,
    status: 'accepted',
    issues: [],
  };
}

/** Faults of UNG. `strict` makes errors of what a tolerant receiver only notes. */
export function groupIssues(group: Group, strict: boolean, repeated: boolean): Issue[] {
  const issues: Issue[] = [];
  const report = (code: IssueCode, message: string, elementPosition: number, syntax: string, severity: Severity) =>
    issues.push(
      issue(code, message, {
        segmentId: 'UNG',
        byteOffset: group.byteOffset,
        elementPosition,
        ack: { syntax },
        severity,
      }),
    );
  const noted: Severity = strict ? 'error' : 'warning';
  if (group.control === '') report('GROUP_CONTROL_INVALID', 'UNG 0048 is missing', 5, '13', 'error');
  else if (repeated)
    report('GROUP_DUPLICATE', `Group ${group.control} occurs twice in the interchange`, 5, '26', noted);
  if (group.date !== '' && !isDateText(group.date))
    report('GROUP_HEADER_INVALID', 'UNG 0017 is no date', 4, '12', noted);
  if (group.time !== '' && !isTimeText(group.time))
    report('GROUP_HEADER_INVALID', 'UNG 0019 is no time', 4, '12', noted);
  return issues;
}

/** Faults of UNH. `repeated` is the severity of a reference that has occurred before, false when it has not. */
export function messageIssues(
  open: { type: string; version: string; control: string; offset: number },
  groupType: string | undefined,
  repeated: Severity | false,
): Issue[] {
  const issues: Issue[] = [];
  const where = { segmentId: 'UNH', segmentOrdinal: 1, byteOffset: open.offset };
  const report = (code: IssueCode, message: string, elementPosition: number, syntax: string) =>
    issues.push(issue(code, message, { ...where, elementPosition, ack: { syntax } }));
  if (open.control === '') report('DOCUMENT_CONTROL_INVALID', 'UNH 0062 is missing', 1, '13');
  else if (open.control.length > 14) report('DOCUMENT_CONTROL_INVALID', 'UNH 0062 is longer than 14', 1, '39');
  if (!/^[A-Z0-9]{1,6}$/.test(open.type) || open.version === '') {
    const message = `UNH names no message type and version ("${open.type}" "${open.version}")`;
    report('DOCUMENT_ID_INVALID', message, 2, open.type === '' ? '13' : '12');
  }
  // Older senders put names of their own into 0038; only another message type contradicts.
  if (groupType !== undefined && groupType !== open.type && /^[A-Z]{6}$/.test(groupType))
    report('GROUP_MIXED', `A ${open.type} stands in a group of ${groupType}`, 2, '31');
  if (repeated !== false) {
    const message = `Message reference ${open.control} occurs twice in the interchange`;
    issues.push(issue('DOCUMENT_CONTROL_REPEATED', message, { ...where, elementPosition: 1, severity: repeated }));
  }
  return issues;
}

/** Length of the object that follows UNO: the last of its elements that is a number. */
export function objectLength(view: SegmentView): number {
  for (let position = 4; position >= 2; position--) {
    const text = view.element(position);
    if (/^\d{1,12}$/.test(text)) return Number(text);
  }
  return 0;
}

/** What is told of an interchange that does not begin with UNB. */
export function headerlessIssue(view: SegmentView): Issue {
  const where = { segmentId: 'UNB', byteOffset: view.offset };
  if (view.id !== 'UIB') return issue('INTERCHANGE_HEADER_MISSING', 'UNB is missing', where);
  const message = 'UIB begins an interactive interchange; only batch interchanges (UNB) are read';
  return issue('INTERCHANGE_UNSUPPORTED', message, { ...where, segmentId: 'UIB' });
}
