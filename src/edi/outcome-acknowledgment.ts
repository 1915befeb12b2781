/**
 * 824 and APERAK from what the receiving application decided: not whether a document is well formed (997, CONTRL), but what
 * became of it and of each of its lines. Pure: business outcomes in, guide JSON out.
 *
 * X12 824: one OTI for the document (TA accepted, TE accepted with errors, TP in part, TR rejected) and one per line that was
 * not simply accepted (IE held, IR rejected; IA when asked for), each with its TED. EDIFACT APERAK: one ERC per reason, with the
 * line in RFF+LI; BGM 4343 says AP accepted, CA conditionally, RE rejected.
 */
import type { GuideNode } from './guide.ts';
import type { Standard } from './schema.ts';
import { EdiWriteError } from './write-error.ts';

export type OutcomeStatus = 'accepted' | 'rejected' | 'held';

export interface OutcomeReason {
  /** The partner's or our own code; what is longer than the standard's field (3 in X12, 8 in EDIFACT) goes into the text. */
  code?: string;
  text?: string;
}

export interface OutcomeLine extends OutcomeReason {
  /** The line's number as the partner sent it. */
  line: string;
  status: OutcomeStatus;
}

export interface Outcome {
  standard: Standard;
  /** Version of the acknowledgment: `004010`, `D.96A`. */
  version: string;
  /** Our number of this acknowledgment. */
  number: string;
  /** ISO date, and time `09:00`. */
  date: string;
  time?: string;
  original: {
    /** `850`, `ORDERS`. */
    type: string;
    /** ST02 or UNH 0062, and GS06 where known. */
    control?: string;
    groupControl?: string;
    /** The business number, such as the purchase order's, and its kind: REF qualifier, by default `PO` or `ON`. */
    reference: string;
    qualifier?: string;
  };
  lines: readonly OutcomeLine[];
  /** Reasons that concern the document as a whole; with `rejected` they reject it whatever its lines. */
  reasons?: readonly OutcomeReason[];
  rejected?: boolean;
  /** Name accepted lines too. Default false. */
  nameAccepted?: boolean;
}

export type DocumentOutcome = 'accepted' | 'held' | 'partial' | 'rejected';

export interface OutcomeAcknowledgment {
  type: '824' | 'APERAK';
  status: DocumentOutcome;
  /** To be written with the type's definition. */
  guide: { body: GuideNode };
}

/** What became of the document as a whole. */
export function documentOutcome(outcome: Pick<Outcome, 'lines' | 'rejected'>): DocumentOutcome {
  const count = (status: OutcomeStatus) => outcome.lines.filter((line) => line.status === status).length;
  const rejected = count('rejected');
  if (outcome.rejected === true || (rejected > 0 && rejected === outcome.lines.length)) return 'rejected';
  if (rejected > 0) return 'partial';
  return count('held') > 0 ? 'held' : 'accepted';
}

function required(place: string, text: string): string {
  if (text.trim() === '') throw new EdiWriteError('FIELD_INVALID', place, 'is missing');
  return text;
}

/** Text cut into pieces of at most `size` characters, at spaces where there are any; at most `most` pieces. */
function pieces(text: string, size: number, most: number): string[] {
  const out: string[] = [];
  let rest = text.replace(/\s+/g, ' ').trim();
  while (rest !== '' && out.length < most) {
    let cut = rest.length <= size ? rest.length : rest.lastIndexOf(' ', size);
    if (cut <= 0) cut = size;
    out.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  return out;
}

/** Code and text of a reason in fields of a given size; a code that does not fit becomes part of the text. */
function reasonFields(reason: OutcomeReason, codeLength: number, otherwise: string): { code: string; text: string } {
  const code = reason.code ?? '';
  const text = reason.text ?? '';
  if (code !== '' && code.length <= codeLength) return { code, text };
  return { code: otherwise, text: code === '' ? text : `${code}: ${text}`.replace(/: $/, '') };
}

const X12_DOCUMENT = { accepted: 'TA', held: 'TE', partial: 'TP', rejected: 'TR' } as const;
const X12_LINE = { accepted: 'IA', held: 'IE', rejected: 'IR' } as const;
/** 647: mutually defined, the reason being in the text. */
const X12_OTHER = 'ZZZ';
const TED_TEXT = 30;
const NTE_TEXT = 80;
const NOTES_MAX = 100;

function x12Error(reason: OutcomeReason): GuideNode[] {
  if ((reason.code ?? '') === '' && (reason.text ?? '') === '') return [];
  const { code, text } = reasonFields(reason, 3, X12_OTHER);
  const TED: GuideNode = { errorCode: code };
  if (text !== '' && text.length <= TED_TEXT) TED.freeForm = text;
  const error: GuideNode = { TED };
  if (text.length > TED_TEXT) error.NTE = pieces(text, NTE_TEXT, NOTES_MAX).map((description) => ({ description }));
  return [error];
}

function x12Advice(outcome: Outcome, status: DocumentOutcome): GuideNode {
  const { original } = outcome;
  const about = (code: string, qualifier: string, reference: string): GuideNode => {
    const OTI: GuideNode = { acknowledgmentCode: code, referenceQualifier: qualifier, reference };
    if (original.groupControl !== undefined && /^\d{1,9}$/.test(original.groupControl))
      OTI.groupControl = original.groupControl;
    if (original.control !== undefined && original.control.length >= 4) OTI.control = original.control;
    OTI.setId = original.type;
    return OTI;
  };
  const whole: GuideNode = {
    OTI: about(X12_DOCUMENT[status], original.qualifier ?? 'PO', required('OTI03', original.reference)),
  };
  const errors = (outcome.reasons ?? []).flatMap(x12Error);
  if (errors.length > 0) whole.errors = errors;
  const originals = [whole];
  for (const line of outcome.lines) {
    if (line.status === 'accepted' && outcome.nameAccepted !== true) continue;
    const one: GuideNode = { OTI: about(X12_LINE[line.status], 'LI', required('OTI03', line.line)) };
    const found = x12Error(line);
    if (found.length > 0) one.errors = found;
    // The order stays named beside its line.
    one.REF = [{ referenceQualifier: original.qualifier ?? 'PO', reference: original.reference }];
    originals.push(one);
  }
  const BGN: GuideNode = { purpose: '11', reference: required('BGN02', outcome.number), date: outcome.date };
  if (outcome.time !== undefined) BGN.time = outcome.time;
  return { BGN, originals };
}

const EDIFACT_RESPONSE = { accepted: 'AP', held: 'CA', partial: 'CA', rejected: 'RE' } as const;
/** 1001: an acknowledgment, or an application error message. */
const EDIFACT_DOCUMENT = { accepted: '312', held: '312', partial: '313', rejected: '313' } as const;
const EDIFACT_ERROR = { accepted: 'ACCEPTED', held: 'HELD', rejected: 'REJECTED' } as const;
const FTX_TEXT = 70;
const FTX_PIECES = 5;

function freeText(text: string): GuideNode | undefined {
  const parts = pieces(text, FTX_TEXT, FTX_PIECES);
  if (parts.length === 0) return undefined;
  const node: GuideNode = {};
  parts.forEach((part, at) => {
    node[at === 0 ? 'text' : `text${at + 1}`] = part;
  });
  return { subject: 'AAO', text: node };
}

function edifactError(reason: OutcomeReason, otherwise: string, line?: string): GuideNode {
  const { code, text } = reasonFields(reason, 8, otherwise);
  const error: GuideNode = { ERC: { error: { code } } };
  const FTX = freeText(text);
  if (FTX !== undefined) error.FTX = FTX;
  if (line !== undefined) error.references = [{ RFF: { reference: { qualifier: 'LI', number: line } } }];
  return error;
}

function edifactAdvice(outcome: Outcome, status: DocumentOutcome): GuideNode {
  const { original } = outcome;
  const number = required('BGM 1004', outcome.number);
  const BGM: GuideNode = {
    document: { documentCode: EDIFACT_DOCUMENT[status] },
    function: '9',
    response: EDIFACT_RESPONSE[status],
  };
  // From D.01B on the number stands in a composite.
  if (outcome.version !== 'D.96A') BGM.identification = { number };
  else BGM.number = number;
  const when = outcome.time === undefined ? outcome.date : `${outcome.date}T${outcome.time.slice(0, 5)}`;
  const body: GuideNode = {
    BGM,
    DTM: [{ date: { qualifier: '137', value: when, format: outcome.time === undefined ? '102' : '203' } }],
    references: [
      {
        RFF: { reference: { qualifier: original.qualifier ?? 'ON', number: required('RFF 1154', original.reference) } },
      },
    ],
  };
  if (original.control !== undefined && original.control !== '')
    (body.references as GuideNode[]).push({ RFF: { reference: { qualifier: 'ACW', number: original.control } } });
  const errors = (outcome.reasons ?? []).map((reason) => edifactError(reason, EDIFACT_ERROR.rejected));
  for (const line of outcome.lines) {
    if (line.status === 'accepted' && outcome.nameAccepted !== true) continue;
    errors.push(edifactError(line, EDIFACT_ERROR[line.status], required('RFF 1154', line.line)));
  }
  if (errors.length > 0) body.errors = errors;
  return body;
}

/**
 * The 824 or APERAK that says what became of a document. Its guide is written with `write`, in group `AG` for an 824.
 * Throws `EdiWriteError` when a number that both must carry is missing.
 */
export function outcomeAcknowledgment(outcome: Outcome): OutcomeAcknowledgment {
  const status = documentOutcome(outcome);
  return outcome.standard === 'x12'
    ? { type: '824', status, guide: { body: x12Advice(outcome, status) } }
    : { type: 'APERAK', status, guide: { body: edifactAdvice(outcome, status) } };
}
