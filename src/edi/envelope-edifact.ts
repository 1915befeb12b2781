/** EDIFACT envelopes: UNB, UNG, UNH … UNT, UNE, UNZ, and objects between UNO and UNP. */
import { charsetOf } from './charset.ts';
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
import {
  groupIssues,
  groupOf,
  headerElements,
  headerIssues,
  messageIssues,
  objectLength,
  party,
  headerlessIssue,
} from './envelope-edifact-checks.ts';
import type { UnaHeader } from './header.ts';
import { type Issue, issue, type Severity, verdictOf } from './issue.ts';
import type { ReadEvent, Settings } from './reader.ts';
import type { Scanner } from './scanner.ts';
import type { Definition } from './schema.ts';
import { CONTROL, COMMA, DOT, packKey, type SegmentView, UTF8 } from './segment-view.ts';
import { DocumentValidator } from './validator.ts';

const [UNB, UNZ, UNG, UNE, UNH, UNT, UNO, UNP] = ['UNB', 'UNZ', 'UNG', 'UNE', 'UNH', 'UNT', 'UNO', 'UNP'].map(
  packKey,
) as [number, number, number, number, number, number, number, number];

const REFERENCES_MAX = 100_000;

interface OpenMessage {
  type: string;
  control: string;
  version: string;
  association: string;
  offset: number;
  ordinal: number;
  definition: Definition | undefined;
  issues: Issue[];
  lastOffset: number;
  kept: boolean;
}

export class EdifactEnvelope implements Envelope {
  closed = false;
  readonly interchange: Interchange;
  private headerSeen = false;
  private group: Group | undefined;
  private message: OpenMessage | undefined;
  private readonly scanner: Scanner;
  private readonly settings: Settings;
  private readonly emit: (event: ReadEvent) => void;
  private readonly validator = new DocumentValidator();
  private readonly context: CheckContext;
  private readonly references = new Set<string>();
  private readonly groups = new Set<string>();
  private ungrouped = 0;
  /** Of a level that holds nothing. */
  private readonly emptiness: Severity;
  private announced = false;

  constructor(una: UnaHeader, offset: number, scanner: Scanner, settings: Settings, emit: (event: ReadEvent) => void) {
    this.scanner = scanner;
    this.settings = settings;
    this.emptiness = settings.strict ? 'error' : 'warning';
    this.emit = emit;
    scanner.view.charset = UTF8;
    const marks = una.decimal === ',' ? COMMA : una.decimal === '.' ? DOT : DOT | COMMA;
    this.context = {
      edifact: true,
      decimalMarks: marks,
      forbidden: CONTROL,
      ignoreTrailingComponents: false,
      trailingSeverity: settings.strict ? 'error' : 'warning',
    };
    this.interchange = {
      standard: 'edifact',
      version: '',
      sender: { qualifier: '', id: '' },
      receiver: { qualifier: '', id: '' },
      control: '',
      date: '',
      time: '',
      usage: 'P',
      ackRequested: false,
      header: [],
      delimiters: una.delimiters,
      charset: '',
      byteOffset: offset,
      groupCount: 0,
      documentCount: 0,
      complete: false,
      status: 'accepted',
      issues: [...una.issues],
    };
  }

  private announce(): void {
    if (this.announced) return;
    this.announced = true;
    this.emit({ kind: 'interchange', interchange: this.interchange });
  }

  segment(view: SegmentView): void {
    const { key } = view;
    if (!this.headerSeen) {
      this.headerSeen = true;
      if (key === UNB) return this.header(view);
      this.interchange.issues.push(headerlessIssue(view));
      this.announce();
      if (view.id === 'UIB') return this.finish();
    }
    // The object after UNO is as long as UNO says and may hold any byte.
    if (key === UNO) this.scanner.skip(objectLength(view));
    if (this.message !== undefined) {
      if (key === UNT) return this.trailer(view);
      if (key !== UNH && key !== UNE && key !== UNG && key !== UNZ) return this.body(view);
      this.abandonMessage();
    }
    if (!view.terminated) this.unterminated(view);
    if (key === UNH) this.openMessage(view);
    else if (key === UNG) this.openGroup(view);
    else if (key === UNE) this.closeGroup(view);
    else if (key === UNZ) this.close(view);
    else if (key !== UNO && key !== UNP) this.stray(view);
  }

  overlong(byteOffset: number): void {
    const open = this.message;
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

  private header(view: SegmentView): void {
    const { interchange } = this;
    const syntaxId = view.element(1);
    const set = charsetOf(syntaxId);
    if (set !== undefined) {
      view.charset = set.charset;
      this.context.forbidden = this.settings.strict ? set.forbidden : CONTROL;
      interchange.charset = set.charset.name;
    }
    const syntax = view.element(1, 2);
    if (syntax >= '4') this.context.decimalMarks = DOT | COMMA;
    interchange.version = syntax === '' ? syntaxId : `${syntaxId}:${syntax}`;
    interchange.sender = party(view, 2);
    interchange.receiver = party(view, 3);
    interchange.date = view.element(4);
    interchange.time = view.element(4, 2);
    interchange.control = view.element(5);
    interchange.ackRequested = view.element(9) === '1';
    interchange.usage = view.element(11) === '' ? 'P' : 'T';
    interchange.byteOffset = Math.min(interchange.byteOffset, view.offset);
    interchange.header = headerElements(view);
    interchange.issues.push(...headerIssues(interchange, view.offset, set !== undefined));
    if (!view.terminated) this.unterminated(view);
    this.announce();
  }

  private body(view: SegmentView): void {
    const open = this.message as OpenMessage;
    open.ordinal++;
    open.lastOffset = view.offset;
    if (this.scanner.emptySegments > 0) {
      const where = { segmentOrdinal: open.ordinal, byteOffset: view.offset };
      open.issues.push(issue('SEGMENT_EMPTY', 'A terminator without a segment before it was passed over', where));
    }
    if (!view.terminated) this.unterminated(view);
    if (open.definition !== undefined) this.validator.segment(view, open.ordinal);
    if (open.kept && this.scanner.heldLength > this.settings.maxDocumentBytes) {
      open.kept = false;
      this.scanner.release();
      const message = `The document exceeds ${this.settings.maxDocumentBytes} bytes; it is checked but not kept`;
      open.issues.push(issue('DOCUMENT_TOO_LARGE', message, { byteOffset: open.offset }));
    }
  }

  private openMessage(view: SegmentView): void {
    const { settings } = this;
    const type = view.element(2);
    const release = [view.element(2, 2), view.element(2, 3)].filter((part) => part !== '').join('.');
    const association = view.element(2, 5);
    const definition = settings.lookup('edifact', release, type, association);
    const open: OpenMessage = {
      type,
      control: view.element(1),
      version: release,
      association,
      offset: view.offset,
      ordinal: 1,
      definition,
      issues: [],
      lastOffset: view.offset,
      kept: settings.keepDocuments,
    };
    this.message = open;
    if (settings.keepDocuments) this.scanner.hold();
    const repeated = this.references.has(open.control);
    open.issues.push(...messageIssues(open, this.group?.type, repeated && (settings.strict ? 'error' : 'warning')));
    if (this.references.size < REFERENCES_MAX) this.references.add(open.control);
    if (this.group === undefined) {
      this.ungrouped++;
      if (this.interchange.groupCount > 0 && this.ungrouped === 1) this.mixed(view.offset);
    }
    if (definition !== undefined) {
      this.validator.begin(definition, this.context);
      this.validator.segment(view, 1);
    }
  }

  private mixed(byteOffset: number): void {
    const message = 'Messages inside and outside of functional groups are mixed';
    this.interchange.issues.push(issue('GROUP_AND_MESSAGE_MIXED', message, { byteOffset }));
  }

  private trailer(view: SegmentView): void {
    const open = this.message as OpenMessage;
    this.body(view);
    const declared = view.element(1);
    const control = view.element(2);
    const where = { segmentId: 'UNT', segmentOrdinal: open.ordinal, byteOffset: view.offset };
    if (!/^\d+$/.test(declared) || Number(declared) !== open.ordinal) {
      const message = `UNT says ${declared === '' ? 'nothing' : declared} segments, there are ${open.ordinal}`;
      open.issues.push(issue('DOCUMENT_COUNT_MISMATCH', message, { ...where, elementPosition: 1, value: declared }));
    }
    if (control !== open.control) {
      const message = `UNT 0062 ${control} is not UNH 0062 ${open.control}`;
      open.issues.push(issue('DOCUMENT_CONTROL_MISMATCH', message, { ...where, elementPosition: 2, value: control }));
    }
    // A definition says itself what is missing.
    if (open.ordinal === 2 && open.definition === undefined) {
      const at = { ...where, severity: this.emptiness };
      open.issues.push(issue('DOCUMENT_EMPTY', 'The message holds nothing between UNH and UNT', at));
    }
    this.closeMessage();
  }

  private abandonMessage(): void {
    const open = this.message as OpenMessage;
    const where = { segmentId: 'UNT', segmentOrdinal: open.ordinal + 1, byteOffset: open.lastOffset };
    open.issues.push(issue('DOCUMENT_TRAILER_MISSING', 'UNT is missing', where));
    if (open.definition !== undefined) this.validator.endWithoutTrailer(UNT, open.ordinal + 1, open.lastOffset);
    this.closeMessage();
  }

  private closeMessage(): void {
    const open = this.message as OpenMessage;
    const { group, interchange, settings } = this;
    this.message = undefined;
    const found = open.definition === undefined ? [] : this.validator.end();
    const told = new Set(open.issues.map((one) => `${one.segmentId}${one.elementPosition ?? ''}`));
    if (told.has('UNH1')) told.add('UNT2');
    const issues = [
      ...open.issues,
      ...found.filter((one) => !told.has(`${one.segmentId}${one.elementPosition ?? ''}`)),
    ].sort((a, b) => (a.segmentOrdinal ?? 0) - (b.segmentOrdinal ?? 0));
    let verdict = verdictOf(issues, settings.strict);
    if (open.definition === undefined && verdict === 'accepted') verdict = 'unchecked';
    const bytes = open.kept ? this.scanner.heldBytes() : undefined;
    this.scanner.release();
    interchange.documentCount++;
    if (group !== undefined) countVerdict(group, verdict);
    const document = new EdiDocument({
      standard: 'edifact',
      type: open.type,
      control: open.control,
      version: open.version,
      association: open.association,
      byteOffset: open.offset,
      byteLength: this.scanner.offset - open.offset,
      segmentCount: open.ordinal,
      verdict,
      issues,
      delimiters: interchange.delimiters,
      charset: this.scanner.view.charset,
      ...(bytes === undefined ? {} : { bytes }),
      ...(open.definition === undefined ? {} : { definition: open.definition }),
    });
    this.emit({ kind: 'document', interchange, group, document });
  }

  private openGroup(view: SegmentView): void {
    if (this.group !== undefined) this.abandonGroup(view.offset);
    if (this.ungrouped > 0 && this.interchange.groupCount === 0) this.mixed(view.offset);
    this.interchange.groupCount++;
    const group = groupOf(view);
    group.issues.push(...groupIssues(group, this.settings.strict, this.groups.has(group.control)));
    if (this.groups.size < REFERENCES_MAX) this.groups.add(group.control);
    this.group = group;
    this.emit({ kind: 'group', interchange: this.interchange, group });
  }

  private closeGroup(view: SegmentView): void {
    const { group } = this;
    const where = { segmentId: 'UNE', byteOffset: view.offset };
    if (group === undefined) {
      this.interchange.issues.push(issue('INTERCHANGE_STRUCTURE', 'UNE without UNG', where));
      return;
    }
    const declared = view.element(1);
    const control = view.element(2);
    if (/^\d+$/.test(declared)) group.declaredCount = Number(declared);
    if (group.declaredCount !== group.receivedCount) {
      const message = `UNE says ${declared === '' ? 'nothing' : declared} messages, there are ${group.receivedCount}`;
      group.issues.push(issue('GROUP_COUNT_MISMATCH', message, { ...where, elementPosition: 1, value: declared }));
    }
    if (control !== group.control) {
      const message = `UNE 0048 ${control} is not UNG 0048 ${group.control}`;
      group.issues.push(issue('GROUP_CONTROL_MISMATCH', message, { ...where, elementPosition: 2, value: control }));
    }
    if (group.receivedCount === 0)
      group.issues.push(issue('GROUP_EMPTY', 'The group holds no message', { ...where, severity: this.emptiness }));
    group.complete = true;
    this.finishGroup(group);
  }

  private abandonGroup(byteOffset: number): void {
    const group = this.group as Group;
    group.issues.push(issue('GROUP_TRAILER_MISSING', 'UNE is missing', { segmentId: 'UNE', byteOffset }));
    this.finishGroup(group);
  }

  private finishGroup(group: Group): void {
    group.status = groupStatus(group);
    this.group = undefined;
    this.emit({ kind: 'group-end', interchange: this.interchange, group });
  }

  private stray(view: SegmentView): void {
    const id = view.id.slice(0, 20);
    const where: Partial<Issue> = { segmentId: id, byteOffset: view.offset, level: 'interchange' };
    const { issues } = this.interchange;
    if (issues.length < 100)
      issues.push(issue('SEGMENT_OUTSIDE_DOCUMENT', `Segment ${id} stands outside any message`, where));
  }

  private close(view: SegmentView): void {
    const { interchange } = this;
    if (this.group !== undefined) this.abandonGroup(view.offset);
    const where = { segmentId: 'UNZ', byteOffset: view.offset };
    const declared = view.element(1);
    const control = view.element(2);
    const count = interchange.groupCount > 0 ? interchange.groupCount : interchange.documentCount;
    if (!/^\d+$/.test(declared) || Number(declared) !== count) {
      const what = interchange.groupCount > 0 ? 'groups' : 'messages';
      const message = `UNZ says ${declared === '' ? 'nothing' : declared} ${what}, there are ${count}`;
      interchange.issues.push(
        issue('INTERCHANGE_COUNT_MISMATCH', message, { ...where, elementPosition: 1, value: declared }),
      );
    }
    if (control !== interchange.control) {
      const message = `UNZ 0020 ${control} is not UNB 0020 ${interchange.control}`;
      // The reference is text; one that differs only in leading zeros is told, but taken.
      const severity = !this.settings.strict && sameNumber(control, interchange.control) ? 'warning' : 'error';
      interchange.issues.push(
        issue('INTERCHANGE_CONTROL_MISMATCH', message, { ...where, elementPosition: 2, value: control, severity }),
      );
    }
    const at = { ...where, severity: this.emptiness };
    if (count === 0) interchange.issues.push(issue('INTERCHANGE_EMPTY', 'The interchange holds no message', at));
    interchange.complete = true;
    this.finish();
  }

  end(): void {
    if (this.closed) return;
    this.announce();
    if (this.message !== undefined) this.abandonMessage();
    const byteOffset = this.scanner.offset;
    if (this.group !== undefined) this.abandonGroup(byteOffset);
    const where = { segmentId: 'UNZ', byteOffset };
    this.interchange.issues.push(issue('INTERCHANGE_TRAILER_MISSING', 'UNZ is missing', where));
    this.finish();
  }

  private finish(): void {
    this.closed = true;
    this.interchange.status = statusOf(this.interchange.issues);
    this.emit({ kind: 'interchange-end', interchange: this.interchange });
  }
}
