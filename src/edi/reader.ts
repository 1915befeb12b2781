/**
 * The push reader: bytes in, events out, one document at a time and nothing kept of those handed on.
 *
 * Event vocabulary, the same for both standards:
 *   `interchange` at its header · `group` at a functional group's header (X12 GS, EDIFACT UNG) · `document` when a document
 *   is complete · `acknowledgment` for a TA1 · `group-end` · `interchange-end` · `issue` for faults outside any interchange.
 * The interchange and group objects of the end events are those of the start events, completed.
 */
import { EdifactEnvelope } from './envelope-edifact.ts';
import type { Envelope, Group, Interchange, InterchangeAcknowledgment } from './envelope.ts';
import { X12Envelope } from './envelope-x12.ts';
import type { EdiDocument } from './document.ts';
import { isIsa, parseIsa, parseUna } from './header.ts';
import { type Issue, issue } from './issue.ts';
import { HEADER, isAlphanumeric, NEED_MORE, OVERLONG, Scanner, SEGMENT } from './scanner.ts';
import type { Definition, Standard } from './schema.ts';

export type ReadEvent =
  | { kind: 'interchange'; interchange: Interchange }
  | { kind: 'group'; interchange: Interchange; group: Group }
  | { kind: 'document'; interchange: Interchange; group: Group | undefined; document: EdiDocument }
  | { kind: 'acknowledgment'; interchange: Interchange; acknowledgment: InterchangeAcknowledgment }
  | { kind: 'group-end'; interchange: Interchange; group: Group }
  | { kind: 'interchange-end'; interchange: Interchange }
  | { kind: 'issue'; issue: Issue };

export interface ReadOptions {
  /** Any error rejects a document. Otherwise faults of single values leave it `accepted_with_errors`. Default false. */
  strict?: boolean;
  /** Keep each document's bytes, needed for its segments and guide JSON. Default true. */
  keepDocuments?: boolean;
  /** Definition for a document; default: the built-in ones. Return undefined to leave a type unchecked. */
  lookup?: (standard: Standard, version: string, type: string, association: string) => Definition | undefined;
  /** Longest segment kept, in bytes. Default 1 MiB. */
  maxSegmentBytes?: number;
  /** Documents beyond this size are validated, but their bytes are not kept. Default 32 MiB. */
  maxDocumentBytes?: number;
}

export type Settings = Required<ReadOptions>;

/** Interchanges remembered to notice repeats. */
const INTERCHANGES_MAX = 10_000;
const SLICE_BYTES = 1 << 16;
const FIRST_SLICE_BYTES = 1 << 9;

export class Reader {
  private readonly scanner: Scanner;
  private readonly settings: Settings;
  private envelope: Envelope | undefined;
  private events: ReadEvent[] = [];
  private junk = 0;
  private junkAt = 0;
  private started = false;
  private seenInterchange = false;
  /** Names of the interchanges so far. */
  private readonly seen = new Set<string>();

  constructor(settings: Settings) {
    this.settings = settings;
    this.scanner = new Scanner(settings.maxSegmentBytes);
  }

  /** Take a chunk; returns what became complete. Large chunks are worked off in slices, see `slices`. */
  push(chunk: Uint8Array): ReadEvent[] {
    this.scanner.feed(chunk);
    this.work(false);
    return this.drain();
  }

  /** No more input: closes what is open. */
  end(): ReadEvent[] {
    this.work(true);
    this.closeEnvelope();
    if (this.junk > 0) this.reportJunk();
    if (!this.seenInterchange) {
      this.emitIssue(issue('UNREADABLE', 'No X12 or EDIFACT interchange was found', { byteOffset: 0 }));
    }
    return this.drain();
  }

  private readonly emit = (event: ReadEvent): void => {
    if (event.kind === 'interchange') this.noteRepeated(event.interchange);
    this.events.push(event);
  };

  /** The same interchange twice in one input. Whether it has come in another one is the receiver's memory, not ours. */
  private noteRepeated(interchange: Interchange): void {
    const { byteOffset, control, receiver, sender, standard } = interchange;
    const name = [standard, sender.qualifier, sender.id, receiver.qualifier, receiver.id, control].join('\n');
    if (this.seen.has(name)) {
      const severity = this.settings.strict ? 'error' : 'warning';
      const message = `Interchange ${control} occurs twice in the input`;
      interchange.issues.push(issue('INTERCHANGE_DUPLICATE', message, { byteOffset, severity }));
    }
    if (this.seen.size < INTERCHANGES_MAX) this.seen.add(name);
  }

  private drain(): ReadEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  private emitIssue(found: Issue): void {
    this.events.push({ kind: 'issue', issue: found });
  }

  private work(final: boolean): void {
    if (!this.started && !this.byteOrderMark(final)) return;
    const { scanner } = this;
    for (;;) {
      if (this.envelope === undefined) {
        if (!this.findHeader(final)) return;
        continue;
      }
      const found = scanner.next(final);
      if (found === NEED_MORE) return;
      if (found === SEGMENT) {
        this.envelope.segment(scanner.view);
        if (this.envelope.closed) this.envelope = undefined;
      } else if (found === OVERLONG) this.envelope.overlong(scanner.view.offset);
      else if (found === HEADER && this.tryHeader(scanner.pos, final) === undefined) return;
    }
  }

  private byteOrderMark(final: boolean): boolean {
    const { scanner } = this;
    if (scanner.limit - scanner.pos < 3 && !final) return false;
    this.started = true;
    const [a, b, c] = scanner.buf.subarray(scanner.pos, scanner.limit);
    if (a === 0xef && b === 0xbb && c === 0xbf) {
      scanner.pos += 3;
      this.emitIssue(issue('BYTE_ORDER_MARK', 'The input begins with a byte-order mark', { byteOffset: 0 }));
    } else if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
      const message = 'The input is UTF-16; EDI is read as bytes of one character each or UTF-8';
      this.emitIssue(issue('UNREADABLE', message, { byteOffset: 0 }));
    }
    return true;
  }

  /** Between interchanges: pass over line ends and junk to the next header. False when more input is needed. */
  private findHeader(final: boolean): boolean {
    const { scanner } = this;
    for (; scanner.pos < scanner.limit; scanner.pos++) {
      const { buf, limit, pos } = scanner;
      const byte = buf[pos] as number;
      if (byte <= 0x20) continue;
      if (byte === 0x49 || byte === 0x55) {
        if (limit - pos < 4 && !final) return false;
        const isHeader = limit - pos >= 4 && headerBegins(buf, pos, limit, final);
        if (isHeader === undefined) return false;
        if (isHeader) {
          const parsed = this.tryHeader(pos, final);
          if (parsed === undefined) return false;
          if (parsed) return true;
        }
      }
      if (this.junk === 0) this.junkAt = scanner.offset;
      this.junk++;
    }
    return false;
  }

  /** True when a header was read, false when it is none, undefined when more input is needed. */
  private tryHeader(pos: number, final: boolean): boolean | undefined {
    const { scanner } = this;
    const { buf, limit } = scanner;
    const offset = scanner.base + pos;
    if (buf[pos] === 0x49) {
      const isa = parseIsa(buf, pos, limit, offset, final);
      if (isa === undefined) return undefined;
      if (isa === null) return this.refuseHeader(offset);
      this.beginEnvelope();
      scanner.pos = isa.end;
      scanner.setDelimiters(isa.delimiters);
      this.envelope = new X12Envelope(isa, offset, scanner, this.settings, this.emit);
      return true;
    }
    const una = parseUna(buf, pos, limit, offset, final);
    if (una === undefined) return undefined;
    if (una === null) return this.refuseHeader(offset);
    this.beginEnvelope();
    scanner.pos = una.end;
    scanner.setDelimiters(una.delimiters);
    this.envelope = new EdifactEnvelope(una, offset, scanner, this.settings, this.emit);
    scanner.admitHeader();
    return true;
  }

  /** Looks like a header but is none: within an interchange it becomes an ordinary, wrong segment. */
  private refuseHeader(offset: number): boolean {
    if (this.envelope === undefined) {
      this.seenInterchange = true;
      this.emitIssue(
        issue('INTERCHANGE_HEADER_INVALID', 'An interchange header cannot be read', { byteOffset: offset }),
      );
      return false;
    }
    this.scanner.admitHeader();
    return true;
  }

  private beginEnvelope(): void {
    this.closeEnvelope();
    this.seenInterchange = true;
    if (this.junk > 0) this.reportJunk();
  }

  private closeEnvelope(): void {
    this.envelope?.end();
    this.envelope = undefined;
  }

  private reportJunk(): void {
    const message = `${this.junk} bytes outside any interchange were passed over`;
    this.emitIssue(issue('JUNK_IGNORED', message, { byteOffset: this.junkAt }));
    this.junk = 0;
  }
}

function headerBegins(buf: Uint8Array, pos: number, limit: number, final: boolean): boolean | undefined {
  if (buf[pos] === 0x49) return isIsa(buf, pos, limit, final);
  return isEdifactHeader(buf[pos + 1] as number, buf[pos + 2] as number) && !isAlphanumeric(buf[pos + 3] as number);
}

/** UNA, UNB, a UNH whose UNB was lost, or the UIB of an interactive interchange, which is then refused by name. */
function isEdifactHeader(second: number, third: number): boolean {
  if (second === 0x49) return third === 0x42;
  return second === 0x4e && (third === 0x41 || third === 0x42 || third === 0x48);
}

/**
 * Cuts chunks so that a large one does not turn into a large batch of events. The first cuts are small: the engine that
 * runs this compiles what it has seen, and code compiled before it met the end of a slice would have to be compiled again.
 */
export class Slicer {
  private size = FIRST_SLICE_BYTES;

  *slices(chunk: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < chunk.length; ) {
      yield chunk.subarray(at, at + this.size);
      at += this.size;
      if (this.size < SLICE_BYTES) this.size *= 2;
    }
  }
}
