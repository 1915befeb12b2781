/** What the two standards' envelopes have in common. */
import { type Issue, issue, type Verdict } from './issue.ts';
import type { Delimiters } from './scanner.ts';
import type { Standard } from './schema.ts';
import type { SegmentView } from './segment-view.ts';

export interface PartyId {
  /** ISA05/07, UNB 0007. */
  qualifier: string;
  id: string;
  /** EDIFACT internal routing address. */
  internal?: string;
}

export type Status = 'accepted' | 'accepted_with_errors' | 'rejected';

export interface Interchange {
  standard: Standard;
  /** ISA12, or syntax identifier and version (`UNOC:3`). */
  version: string;
  sender: PartyId;
  receiver: PartyId;
  /** ISA13, UNB 0020. */
  control: string;
  /** As sent: YYMMDD or CCYYMMDD, and HHMM. */
  date: string;
  time: string;
  /** `P` production, `T` test, `I` information. */
  usage: string;
  ackRequested: boolean;
  /** ISA01 to ISA16, or the elements of UNB with components joined by `:`. */
  header: string[];
  delimiters: Delimiters;
  charset: string;
  byteOffset: number;
  /** Groups and documents seen so far. */
  groupCount: number;
  documentCount: number;
  /** True when the trailer came. */
  complete: boolean;
  /** From the issues of the envelope; final at `interchange-end`. */
  status: Status;
  /** Faults of the interchange's own envelope. */
  issues: Issue[];
}

export interface Group {
  /** GS01 (`PO`), UNG 0038. */
  type: string;
  /** GS06, UNG 0048. */
  control: string;
  /** GS08. */
  version: string;
  sender: string;
  receiver: string;
  date: string;
  time: string;
  agency: string;
  byteOffset: number;
  /** GE01 as sent; undefined when the trailer is missing or holds no number. */
  declaredCount: number | undefined;
  receivedCount: number;
  acceptedCount: number;
  documentsWithErrors: number;
  complete: boolean;
  status: Status;
  issues: Issue[];
}

/** TA1 as received. */
export interface InterchangeAcknowledgment {
  control: string;
  date: string;
  time: string;
  /** A, E or R. */
  status: string;
  note: string;
  byteOffset: number;
}

/** One open interchange: takes its segments, knows when it is over. */
export interface Envelope {
  readonly closed: boolean;
  segment(view: SegmentView): void;
  /** A segment longer than the limit was passed over. */
  overlong(byteOffset: number): void;
  /** The input or the interchange ended without a trailer. */
  end(): void;
}

/** Envelope faults that leave an X12 interchange usable: TA104 `E`. The rest reject it. */
export const TOLERABLE_TA105: ReadonlySet<string> = new Set([
  '002',
  '003',
  '010',
  '011',
  '012',
  '013',
  '014',
  '015',
  '016',
  '019',
]);

export function statusOf(issues: readonly Issue[]): Status {
  let status: Status = 'accepted';
  for (const found of issues) {
    if (found.severity !== 'error') continue;
    const note = found.ack?.ta105;
    if (note === undefined || !TOLERABLE_TA105.has(note)) return 'rejected';
    status = 'accepted_with_errors';
  }
  return status;
}

/** Equal as control numbers: the same text, or the same number. */
export function sameNumber(a: string, b: string): boolean {
  return a === b || (/^\d+$/.test(a) && /^\d+$/.test(b) && a.replace(/^0+/, '') === b.replace(/^0+/, ''));
}

/** Status of a group from its own issues and the verdicts counted in it. */
export function groupStatus(group: Group): Status {
  if (group.issues.some((found) => found.severity === 'error')) return 'rejected';
  if (group.receivedCount > 0 && group.acceptedCount === 0) return 'rejected';
  if (group.acceptedCount < group.receivedCount || group.documentsWithErrors > 0) return 'accepted_with_errors';
  return 'accepted';
}

/** Count a document's verdict in its group. */
export function countVerdict(group: Group, verdict: Verdict): void {
  group.receivedCount++;
  if (verdict !== 'rejected') group.acceptedCount++;
  if (verdict === 'accepted_with_errors') group.documentsWithErrors++;
}

/** A segment beyond the limit was passed over; within a document it has a position. */
export function overlongIssue(maxSegmentBytes: number, byteOffset: number, segmentOrdinal?: number): Issue {
  const message = `A segment is longer than ${maxSegmentBytes} bytes and was passed over`;
  const where: Partial<Issue> =
    segmentOrdinal === undefined ? { byteOffset, level: 'interchange' } : { byteOffset, segmentOrdinal, segmentId: '' };
  return issue('SEGMENT_TOO_LONG', message, where);
}
