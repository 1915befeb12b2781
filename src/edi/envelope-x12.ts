/** X12 envelopes: ISA, GS, ST … SE, GE, IEA, and TA1. A fault of one level never spoils its neighbours. */
import { EdiDocument } from './document.ts';
import type { CheckContext } from './check-context.ts';
import {
  countVerdict,
  type Envelope,
  type Group,
  groupStatus,
  type Interchange,
  overlongIssue,
  sameNumber,
  statusOf,
} from './envelope.ts';
import { documentIssues, envelopeFaultsOnce, groupIssues, headerIssues, trailerIssues } from './envelope-x12-checks.ts';
import type { IsaHeader } from './header.ts';
import { type Issue, issue, verdictOf } from './issue.ts';
import type { ReadEvent, Settings } from './reader.ts';
import type { Scanner } from './scanner.ts';
import type { Definition } from './schema.ts';
import { CONTROL, DOT, packKey, type SegmentView, UTF8 } from './segment-view.ts';
import { DocumentValidator } from './validator.ts';

const [ST, SE, GS, GE, IEA, TA1, ISB, ISE] = ['ST', 'SE', 'GS', 'GE', 'IEA', 'TA1', 'ISB', 'ISE'].map(packKey) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** Control numbers remembered to notice repeats; beyond this many per group nobody is told. */
const CONTROLS_MAX = 100_000;

interface OpenDocument {
  type: string;
  control: string;
  convention: string;
  offset: number;
  ordinal: number;
  definition: Definition | undefined;
  issues: Issue[];
  lastOffset: number;
  kept: boolean;
}

export class X12Envelope implements Envelope {
  closed = false;
  readonly interchange: Interchange;
  private group: Group | undefined;
  private acknowledged = false;
  private document: OpenDocument | undefined;
  private readonly scanner: Scanner;
  private readonly settings: Settings;
  private readonly emit: (event: ReadEvent) => void;
  private readonly validator = new DocumentValidator();
  private readonly context: CheckContext;
  private controls = new Set<string>();
  /** Types and control numbers of the groups so far. */
  private readonly groups = new Set<string>();

  constructor(isa: IsaHeader, offset: number, scanner: Scanner, settings: Settings, emit: (event: ReadEvent) => void) {
    this.scanner = scanner;
    this.settings = settings;
    this.emit = emit;
    scanner.view.charset = UTF8;
    const field = (n: number) => isa.fields[n - 1] ?? '';
    this.context = {
      edifact: false,
      decimalMarks: DOT,
      forbidden: CONTROL,
      ignoreTrailingComponents: isa.issues.some((found) => found.code === 'DELIMITERS_COLLAPSED'),
      // X12 has no code that would tell the sender.
      trailingSeverity: 'warning',
    };
    this.interchange = {
      standard: 'x12',
      version: field(12),
      sender: { qualifier: field(5).trim(), id: field(6).trimEnd() },
      receiver: { qualifier: field(7).trim(), id: field(8).trimEnd() },
      control: field(13).trim(),
      date: field(9),
      time: field(10),
      usage: field(15),
      ackRequested: field(14) === '1',
      header: isa.fields,
      delimiters: isa.delimiters,
      charset: 'ASCII or UTF-8',
      byteOffset: offset,
      groupCount: 0,
      documentCount: 0,
      complete: false,
      status: 'accepted',
      issues: [...isa.issues, ...headerIssues(isa.fields, offset, settings.strict)],
    };
    this.emit({ kind: 'interchange', interchange: this.interchange });
  }

  segment(view: SegmentView): void {
    const { key } = view;
    if (this.document !== undefined) {
      if (key === SE) return this.trailer(view);
      if (key !== ST && key !== GE && key !== IEA && key !== GS) return this.body(view);
      this.abandonDocument();
    }
    if (!view.terminated) this.unterminated(view);
    if (key === ST) this.openDocument(view);
    else if (key === GS) this.openGroup(view);
    else if (key === GE) this.closeGroup(view);
    else if (key === IEA) this.close(view);
    else if (key === TA1) this.acknowledgment(view);
    else if (key !== ISB && key !== ISE) this.stray(view);
  }

  overlong(byteOffset: number): void {
    const open = this.document;
    if (open === undefined) {
      this.interchange.issues.push(overlongIssue(this.settings.maxSegmentBytes, byteOffset));
      return;
    }
    open.ordinal++;
    open.kept = false;
    this.scanner.release();
    open.issues.push(overlongIssue(this.settings.maxSegmentBytes, byteOffset, open.ordinal));
  }

  private unterminated(view: SegmentView): void {
    const where = { segmentId: view.id.slice(0, 20), byteOffset: view.offset };
    this.interchange.issues.push(issue('SEGMENT_UNTERMINATED', 'The input ends without a segment terminator', where));
  }

  private body(view: SegmentView): void {
    const doc = this.document as OpenDocument;
    doc.ordinal++;
    doc.lastOffset = view.offset;
    if (this.scanner.emptySegments > 0) this.emptySegments(doc, view);
    if (!view.terminated) this.unterminated(view);
    if (doc.definition !== undefined) this.validator.segment(view, doc.ordinal);
    if (doc.kept && this.scanner.heldLength > this.settings.maxDocumentBytes) {
      doc.kept = false;
      this.scanner.release();
      const message = `The document exceeds ${this.settings.maxDocumentBytes} bytes; it is checked but not kept`;
      doc.issues.push(issue('DOCUMENT_TOO_LARGE', message, { byteOffset: doc.offset }));
    }
  }

  private emptySegments(doc: OpenDocument, view: SegmentView): void {
    const where = { segmentOrdinal: doc.ordinal, byteOffset: view.offset };
    doc.issues.push(issue('SEGMENT_EMPTY', 'A terminator without a segment before it was passed over', where));
  }

  private openDocument(view: SegmentView): void {
    const { settings } = this;
    if (this.group === undefined) this.implyGroup(view.offset);
    const group = this.group as Group;
    const type = view.element(1).trim();
    const control = view.element(2).trim();
    const convention = view.element(3).trim();
    const version = group.version === '' ? `${this.interchange.version}0` : group.version;
    const definition = settings.lookup('x12', convention === '' ? version : version, type, convention);
    const doc: OpenDocument = {
      type,
      control,
      convention,
      offset: view.offset,
      ordinal: 1,
      definition,
      issues: [],
      lastOffset: view.offset,
      kept: settings.keepDocuments,
    };
    this.document = doc;
    if (settings.keepDocuments) this.scanner.hold();
    const repeated = this.controls.has(control);
    doc.issues.push(...documentIssues(doc, group.type, repeated && (settings.strict ? 'error' : 'warning')));
    if (this.controls.size < CONTROLS_MAX) this.controls.add(control);
    if (definition !== undefined) {
      this.validator.begin(definition, this.context);
      this.validator.segment(view, 1);
    }
  }

  private trailer(view: SegmentView): void {
    const doc = this.document as OpenDocument;
    this.body(view);
    const declared = view.element(1).trim();
    const control = view.element(2).trim();
    const where = { segmentId: 'SE', segmentOrdinal: doc.ordinal, byteOffset: view.offset };
    if (!/^\d+$/.test(declared) || Number(declared) !== doc.ordinal) {
      const message = `SE01 says ${declared === '' ? 'nothing' : declared} segments, there are ${doc.ordinal}`;
      doc.issues.push(issue('DOCUMENT_COUNT_MISMATCH', message, { ...where, elementPosition: 1, value: declared }));
    }
    if (control !== doc.control) {
      const message = `SE02 ${control} is not ST02 ${doc.control}`;
      doc.issues.push(issue('DOCUMENT_CONTROL_MISMATCH', message, { ...where, elementPosition: 2, value: control }));
    }
    if (doc.ordinal === 2 && doc.definition === undefined) {
      const severity = this.settings.strict ? 'error' : 'warning';
      doc.issues.push(issue('DOCUMENT_EMPTY', 'The set holds no segment between ST and SE', { ...where, severity }));
    }
    this.closeDocument();
  }

  private abandonDocument(): void {
    const doc = this.document as OpenDocument;
    const where = { segmentId: 'SE', segmentOrdinal: doc.ordinal + 1, byteOffset: doc.lastOffset };
    doc.issues.push(issue('DOCUMENT_TRAILER_MISSING', 'SE is missing', where));
    if (doc.definition !== undefined) this.validator.endWithoutTrailer(SE, doc.ordinal + 1, doc.lastOffset);
    this.closeDocument();
  }

  private closeDocument(): void {
    const doc = this.document as OpenDocument;
    const group = this.group as Group;
    this.document = undefined;
    const found = doc.definition === undefined ? [] : this.validator.end();
    const issues = envelopeFaultsOnce([...doc.issues, ...found]).sort(
      (a, b) => (a.segmentOrdinal ?? 0) - (b.segmentOrdinal ?? 0),
    );
    let verdict = verdictOf(issues, this.settings.strict);
    if (doc.definition === undefined && verdict === 'accepted') verdict = 'unchecked';
    const bytes = doc.kept ? this.scanner.heldBytes() : undefined;
    this.scanner.release();
    this.interchange.documentCount++;
    countVerdict(group, verdict);
    const document = new EdiDocument({
      standard: 'x12',
      type: doc.type,
      control: doc.control,
      version: group.version,
      association: doc.convention,
      byteOffset: doc.offset,
      byteLength: this.scanner.offset - doc.offset,
      segmentCount: doc.ordinal,
      verdict,
      issues,
      delimiters: this.interchange.delimiters,
      charset: UTF8,
      ...(bytes === undefined ? {} : { bytes }),
      ...(doc.definition === undefined ? {} : { definition: doc.definition }),
    });
    this.emit({ kind: 'document', interchange: this.interchange, group, document });
  }

  private openGroup(view: SegmentView): void {
    if (this.group !== undefined) this.abandonGroup(view.offset);
    const field = (n: number) => view.element(n).trim();
    this.beginGroup({
      type: field(1),
      control: field(6),
      version: field(8),
      sender: field(2),
      receiver: field(3),
      date: field(4),
      time: field(5),
      agency: field(7),
      byteOffset: view.offset,
    });
    const group = this.group as Group | undefined;
    if (group === undefined) return;
    const name = `${group.type} ${group.control}`;
    group.issues.push(...groupIssues(group, this.settings.strict, this.groups.has(name)));
    if (view.elementToken(9) >= 0 && view.element(9) !== '')
      group.issues.push(
        issue('GROUP_HEADER_INVALID', 'GS has more than eight elements', {
          segmentId: 'GS',
          byteOffset: view.offset,
          elementPosition: 9,
          value: view.element(9),
        }),
      );
    if (this.groups.size < CONTROLS_MAX) this.groups.add(name);
  }

  private beginGroup(
    about: Pick<
      Group,
      'type' | 'control' | 'version' | 'sender' | 'receiver' | 'date' | 'time' | 'agency' | 'byteOffset'
    >,
  ): void {
    this.controls = new Set();
    this.interchange.groupCount++;
    this.group = {
      ...about,
      declaredCount: undefined,
      receivedCount: 0,
      acceptedCount: 0,
      documentsWithErrors: 0,
      complete: false,
      status: 'accepted',
      issues: [],
    };
    this.emit({ kind: 'group', interchange: this.interchange, group: this.group });
  }

  private implyGroup(byteOffset: number): void {
    const message = 'A transaction set stands outside any functional group';
    this.interchange.issues.push(
      issue('GROUP_HEADER_MISSING', message, { segmentId: 'GS', byteOffset, level: 'interchange' }),
    );
    const nothing = { type: '', control: '', version: '', sender: '', receiver: '', date: '', time: '', agency: '' };
    this.beginGroup({ ...nothing, byteOffset });
    this.interchange.groupCount--;
  }

  private closeGroup(view: SegmentView): void {
    const { group } = this;
    const where = { segmentId: 'GE', byteOffset: view.offset };
    if (group === undefined) {
      const message = 'GE without GS';
      this.interchange.issues.push(issue('INTERCHANGE_STRUCTURE', message, where));
      return;
    }
    const declared = view.element(1).trim();
    const control = view.element(2).trim();
    if (/^\d+$/.test(declared)) group.declaredCount = Number(declared);
    if (group.declaredCount !== group.receivedCount) {
      const message = `GE01 says ${declared === '' ? 'nothing' : declared} transaction sets, there are ${group.receivedCount}`;
      group.issues.push(issue('GROUP_COUNT_MISMATCH', message, { ...where, elementPosition: 1, value: declared }));
    }
    if (!sameNumber(control, group.control)) {
      const message = `GE02 ${control} is not GS06 ${group.control}`;
      group.issues.push(issue('GROUP_CONTROL_MISMATCH', message, { ...where, elementPosition: 2, value: control }));
    }
    group.complete = true;
    this.finishGroup(group);
  }

  private abandonGroup(byteOffset: number): void {
    const group = this.group as Group;
    if (group.control !== '' || group.type !== '')
      group.issues.push(issue('GROUP_TRAILER_MISSING', 'GE is missing', { segmentId: 'GE', byteOffset }));
    this.finishGroup(group);
  }

  private finishGroup(group: Group): void {
    group.status = groupStatus(group);
    this.group = undefined;
    this.emit({ kind: 'group-end', interchange: this.interchange, group });
  }

  private acknowledgment(view: SegmentView): void {
    this.acknowledged = true;
    const field = (n: number) => view.element(n).trim();
    const acknowledgment = {
      control: field(1),
      date: field(2),
      time: field(3),
      status: field(4),
      note: field(5),
      byteOffset: view.offset,
    };
    this.emit({ kind: 'acknowledgment', interchange: this.interchange, acknowledgment });
  }

  private stray(view: SegmentView): void {
    const id = view.id.slice(0, 20);
    const where: Partial<Issue> = { segmentId: id, byteOffset: view.offset, level: 'interchange' };
    const { issues } = this.interchange;
    if (issues.length < 100)
      issues.push(issue('SEGMENT_OUTSIDE_DOCUMENT', `Segment ${id} stands outside any transaction set`, where));
  }

  private close(view: SegmentView): void {
    const { interchange } = this;
    if (this.group !== undefined) this.abandonGroup(view.offset);
    interchange.issues.push(...trailerIssues(view, interchange, this.acknowledged && !this.settings.strict));
    interchange.complete = true;
    this.finish();
  }

  end(): void {
    if (this.closed) return;
    if (this.document !== undefined) this.abandonDocument();
    const byteOffset = this.scanner.offset;
    if (this.group !== undefined) this.abandonGroup(byteOffset);
    const where = { segmentId: 'IEA', byteOffset };
    this.interchange.issues.push(issue('INTERCHANGE_TRAILER_MISSING', 'IEA is missing', where));
    this.finish();
  }

  private finish(): void {
    this.closed = true;
    this.interchange.status = statusOf(this.interchange.issues);
    this.emit({ kind: 'interchange-end', interchange: this.interchange });
  }
}
