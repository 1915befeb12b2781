/**
 * Issues: what is wrong with a document, as values. Nothing in this folder throws because of bad data.
 *
 * A code is stable and names the fault once for both standards. The acknowledgment codes that follow from it
 * (TA105, AK304, AK403, AK502, AK905; EDIFACT 0085) are kept beside it, so that acknowledgments are made from issues alone.
 */

export type Severity = 'error' | 'warning' | 'info';

/** Acknowledgment codes that a fault maps to. Only those that apply are set. */
export interface AckCodes {
  /** TA105, interchange note. */
  ta105?: string;
  /** AK304 / IK304, segment syntax error. */
  ak304?: string;
  /** AK403 / IK403, element syntax error. */
  ak403?: string;
  /** AK502 / IK502, transaction set syntax error. */
  ak502?: string;
  /** AK905, functional group syntax error. */
  ak905?: string;
  /** EDIFACT 0085, syntax error. */
  syntax?: string;
}

/** Where a fault belongs; acknowledgments are built level by level. */
export type IssueLevel = 'interchange' | 'group' | 'document' | 'segment' | 'element';

export interface Issue {
  code: IssueCode;
  level: IssueLevel;
  severity: Severity;
  /** One sentence for a person. */
  message: string;
  segmentId?: string;
  /** Position within its document, ST or UNH being 1. */
  segmentOrdinal?: number;
  /** 1-based element position within the segment. */
  elementPosition?: number;
  /** 1-based component position within a composite. */
  componentPosition?: number;
  /** 1-based repetition. */
  repetition?: number;
  /** Element whose presence makes this one necessary or wrong. */
  triggerPosition?: number;
  /** Data element number, for AK402. */
  elementRef?: string;
  /** Offset of the segment or element from the start of the input, in bytes. */
  byteOffset?: number;
  /** Path of loops that contain the segment, e.g. `PO1/N1`. */
  loop?: string;
  /** The offending value, at most 99 characters. */
  value?: string;
  ack?: AckCodes;
}

interface CodeEntry {
  level: IssueLevel;
  severity: Severity;
  ack?: AckCodes;
}

const seg = (ak304: string, syntax: string): CodeEntry => ({
  level: 'segment',
  severity: 'error',
  ack: { ak304, syntax },
});
const elem = (ak403: string, syntax: string): CodeEntry => ({
  level: 'element',
  severity: 'error',
  ack: { ak403, syntax },
});
const envelope = (level: IssueLevel, ack: AckCodes): CodeEntry => ({ level, severity: 'error', ack });
const advice = (level: IssueLevel, severity: Severity = 'warning'): CodeEntry => ({ level, severity });

/** Every code this engine can report, with its usual severity and acknowledgment codes. */
export const ISSUE_CODES = {
  // The input as a whole
  UNREADABLE: advice('interchange', 'error'),
  JUNK_IGNORED: advice('interchange'),
  BYTE_ORDER_MARK: advice('interchange', 'info'),
  HEADER_WIDTH: advice('interchange'),
  TERMINATOR_DIFFERS: advice('interchange'),
  DELIMITERS_COLLAPSED: advice('interchange'),
  CHARSET_DIFFERS: advice('interchange'),
  // Interchange
  INTERCHANGE_HEADER_MISSING: envelope('interchange', { ta105: '022', syntax: '13' }),
  INTERCHANGE_HEADER_INVALID: envelope('interchange', { ta105: '024', syntax: '12' }),
  INTERCHANGE_UNSUPPORTED: envelope('interchange', { syntax: '2' }),
  INTERCHANGE_TRAILER_MISSING: envelope('interchange', { ta105: '023', syntax: '13' }),
  INTERCHANGE_CONTROL_MISMATCH: envelope('interchange', { ta105: '001', syntax: '28' }),
  INTERCHANGE_COUNT_MISMATCH: envelope('interchange', { ta105: '021', syntax: '29' }),
  INTERCHANGE_STRUCTURE: envelope('interchange', { ta105: '022', syntax: '15' }),
  INTERCHANGE_EMPTY: { level: 'interchange', severity: 'warning', ack: { syntax: '32' } },
  INTERCHANGE_DUPLICATE: envelope('interchange', { ta105: '025', syntax: '26' }),
  SYNTAX_VERSION: envelope('interchange', { ta105: '017', syntax: '2' }),
  SERVICE_CHARACTER: envelope('interchange', { ta105: '026', syntax: '20' }),
  // Group
  GROUP_TRAILER_MISSING: envelope('group', { ak905: '3', ta105: '022', syntax: '13' }),
  GROUP_HEADER_MISSING: envelope('group', { ta105: '022', syntax: '13' }),
  GROUP_HEADER_INVALID: envelope('group', { ak905: '6', ta105: '024', syntax: '12' }),
  GROUP_CONTROL_MISMATCH: envelope('group', { ak905: '4', syntax: '28' }),
  GROUP_CONTROL_INVALID: envelope('group', { ak905: '6', syntax: '12' }),
  GROUP_COUNT_MISMATCH: envelope('group', { ak905: '5', syntax: '29' }),
  GROUP_UNSUPPORTED: envelope('group', { ak905: '1', syntax: '14' }),
  GROUP_VERSION_UNSUPPORTED: envelope('group', { ak905: '2', syntax: '14' }),
  GROUP_MIXED: envelope('group', { ak905: '1', syntax: '31' }),
  GROUP_EMPTY: { level: 'group', severity: 'warning', ack: { syntax: '32' } },
  GROUP_AND_MESSAGE_MIXED: envelope('interchange', { syntax: '30' }),
  GROUP_DUPLICATE: envelope('group', { ak905: '6', syntax: '26' }),
  // Document
  DOCUMENT_UNSUPPORTED: envelope('document', { ak502: '1', syntax: '14' }),
  DOCUMENT_TRAILER_MISSING: envelope('document', { ak502: '2', syntax: '13' }),
  DOCUMENT_CONTROL_MISMATCH: envelope('document', { ak502: '3', syntax: '28' }),
  DOCUMENT_COUNT_MISMATCH: envelope('document', { ak502: '4', syntax: '29' }),
  DOCUMENT_ID_INVALID: envelope('document', { ak502: '6', syntax: '12' }),
  DOCUMENT_CONTROL_INVALID: envelope('document', { ak502: '7', syntax: '12' }),
  DOCUMENT_CONTROL_REPEATED: envelope('document', { ak502: '7', syntax: '26' }),
  DOCUMENT_EMPTY: { level: 'document', severity: 'warning', ack: { ak502: '5', syntax: '32' } },
  DOCUMENT_TOO_LARGE: advice('document'),
  TOO_MANY_ISSUES: advice('document'),
  // Segment
  SEGMENT_UNKNOWN: seg('1', '15'),
  SEGMENT_UNEXPECTED: seg('2', '15'),
  SEGMENT_MISSING: seg('3', '13'),
  LOOP_OVER_MAX: seg('4', '36'),
  SEGMENT_OVER_MAX: seg('5', '35'),
  SEGMENT_NOT_IN_SET: seg('6', '15'),
  SEGMENT_OUT_OF_ORDER: seg('7', '15'),
  SEGMENT_OUTSIDE_DOCUMENT: { level: 'segment', severity: 'error', ack: { ta105: '022', syntax: '33' } },
  SEGMENT_TOO_LONG: seg('8', '16'),
  SEGMENT_ID_INVALID: seg('1', '12'),
  SEGMENT_UNTERMINATED: advice('segment'),
  SEGMENT_EMPTY: advice('segment'),
  TRAILING_SEPARATOR: { level: 'segment', severity: 'warning', ack: { syntax: '45' } },
  LEADING_SPACE: advice('segment', 'info'),
  // Element
  ELEMENT_MISSING: elem('1', '13'),
  ELEMENT_CONDITION: elem('2', '48'),
  ELEMENT_TOO_MANY: elem('3', '16'),
  ELEMENT_TOO_SHORT: elem('4', '40'),
  ELEMENT_TOO_LONG: elem('5', '39'),
  ELEMENT_BAD_CHARACTER: elem('6', '21'),
  ELEMENT_NOT_NUMERIC: elem('6', '37'),
  ELEMENT_BAD_DECIMAL: elem('6', '19'),
  ELEMENT_BAD_CODE: elem('7', '12'),
  ELEMENT_BAD_DATE: elem('8', '12'),
  ELEMENT_BAD_TIME: elem('9', '12'),
  ELEMENT_EXCLUDED: elem('10', '48'),
  ELEMENT_NOT_USED: elem('10', '15'),
  ELEMENT_TOO_MANY_REPEATS: elem('12', '35'),
  ELEMENT_TOO_MANY_COMPONENTS: elem('13', '16'),
  ELEMENT_BLANK: advice('element'),
  ELEMENT_TRAILING_SPACE: advice('element', 'info'),
  CODE_NOT_LISTED: advice('element', 'info'),
  // Meaning
  LINE_COUNT_MISMATCH: elem('7', '29'),
  HASH_TOTAL_MISMATCH: advice('element'),
  CONTROL_TOTAL_MISMATCH: elem('7', '29'),
  STORE_QUANTITY_MISMATCH: advice('element'),
  CHECK_DIGIT: advice('element'),
  TOTAL_MISMATCH: advice('element'),
  HIERARCHY_ID_REPEATED: elem('7', '12'),
  HIERARCHY_PARENT_UNKNOWN: elem('7', '12'),
  HIERARCHY_LEVEL: advice('element'),
  HIERARCHY_CHILD_FLAG: advice('element'),
  BINARY_LENGTH: elem('5', '12'),
} as const satisfies Record<string, CodeEntry>;

export type IssueCode = keyof typeof ISSUE_CODES;

const ISSUE_VALUE_MAX = 99;

/** Make an issue with its catalogued level, severity and acknowledgment codes; `at` may override any of them. */
export function issue(code: IssueCode, message: string, at: Partial<Issue> = {}): Issue {
  const entry: CodeEntry = ISSUE_CODES[code];
  const made: Issue = { code, level: entry.level, severity: entry.severity, message, ...at };
  if (made.value !== undefined && made.value.length > ISSUE_VALUE_MAX)
    made.value = made.value.slice(0, ISSUE_VALUE_MAX);
  if (entry.ack !== undefined) made.ack = at.ack === undefined ? entry.ack : { ...entry.ack, ...at.ack };
  return made;
}

export type Verdict = 'accepted' | 'accepted_with_errors' | 'rejected' | 'unchecked';

/**
 * Faults of one value, which leave the document usable: a tolerant receiver takes it and says so (AK501 `E`).
 * A missing element or segment, a broken structure or a wrong count is never in this list.
 */
const TOLERABLE: ReadonlySet<IssueCode> = new Set<IssueCode>([
  'ELEMENT_TOO_MANY',
  'ELEMENT_TOO_SHORT',
  'ELEMENT_TOO_LONG',
  'ELEMENT_BAD_CHARACTER',
  'ELEMENT_BAD_CODE',
  'ELEMENT_BAD_DATE',
  'ELEMENT_BAD_TIME',
  'ELEMENT_EXCLUDED',
  'ELEMENT_NOT_USED',
  'ELEMENT_TOO_MANY_REPEATS',
  'ELEMENT_TOO_MANY_COMPONENTS',
  'SEGMENT_OVER_MAX',
  'LOOP_OVER_MAX',
  'LINE_COUNT_MISMATCH',
  'CONTROL_TOTAL_MISMATCH',
]);

/** The verdict on one document from its issues. Strict: any error rejects. Tolerant: faults of a single value do not. */
export function verdictOf(issues: readonly Issue[], strict: boolean): Verdict {
  let verdict: Verdict = 'accepted';
  for (const found of issues) {
    if (found.severity !== 'error') continue;
    if (strict || !TOLERABLE.has(found.code)) return 'rejected';
    verdict = 'accepted_with_errors';
  }
  return verdict;
}
