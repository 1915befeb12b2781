/**
 * The byte scanner: bytes in, one segment at a time out, each byte looked at once.
 *
 * A 256-entry class table says for every byte either which service character it is or which characters it belongs to;
 * classes are or-ed per token, so type checks later need no second pass. The scanner keeps its place across chunks: a
 * segment cut by a chunk boundary is not scanned again, so time stays proportional to the input however small the chunks.
 */
import {
  asciiText,
  BASIC,
  CLASSES,
  COMMA,
  CONTROL,
  DIGIT,
  DOT,
  END_COMPONENT,
  END_ELEMENT,
  END_REPETITION,
  END_SEGMENT,
  ESCAPED,
  EXTENDED,
  HIGH,
  LOWER,
  MINUS,
  packBytes,
  RELEASE,
  SERVICE,
  SegmentView,
  SPACE,
  UPPER,
} from './segment-view.ts';

export interface Delimiters {
  element: number;
  component: number;
  /** -1 when the interchange has none. */
  repetition: number;
  segment: number;
  /** Release character, -1 in X12. */
  release: number;
}

export const NEED_MORE = 0;
export const SEGMENT = 1;
/** The bytes at the scanner's position begin a new interchange. */
export const HEADER = 2;
/** A segment longer than the limit was passed over. */
export const OVERLONG = 3;

const BASIC_SPECIAL = '!"&\'()*+,-./:;?=';

function plainClass(byte: number): number {
  if (byte >= 0x80) return HIGH;
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  if (byte >= 0x41 && byte <= 0x5a) return UPPER;
  if (byte >= 0x61 && byte <= 0x7a) return LOWER;
  if (byte === 0x20) return SPACE;
  if (byte < 0x20 || byte === 0x7f) return CONTROL;
  if (byte === 0x2d) return MINUS;
  if (byte === 0x2e) return DOT;
  if (byte === 0x2c) return COMMA;
  return BASIC_SPECIAL.includes(String.fromCharCode(byte)) ? BASIC : EXTENDED;
}

const PLAIN = Uint16Array.from({ length: 256 }, (_, byte) => plainClass(byte));

export class Scanner {
  readonly view = new SegmentView();
  buf: Uint8Array;
  /** Next byte to look at, within `buf`. */
  pos = 0;
  /** End of the bytes held. */
  limit = 0;
  /** Offset of `buf[0]` from the start of the input. */
  base = 0;
  delimiters: Delimiters = { element: 0x2a, component: 0x3a, repetition: -1, segment: 0x7e, release: -1 };
  /** Empty segments passed over since the last one. */
  emptySegments = 0;
  /** Spaces before the segment id other than line ends. */
  indented = false;
  private readonly maxSegmentBytes: number;
  private readonly classes = new Uint16Array(256);
  private segmentStart = -1;
  private mask = 0;
  private rawAfter = 0;
  private overlong = false;
  private skipLeft = 0;
  private admitted = false;
  /** Bytes from this position of `buf` on are kept across chunks; -1 when nothing is held. */
  private held = -1;

  constructor(maxSegmentBytes: number) {
    this.maxSegmentBytes = maxSegmentBytes;
    this.buf = new Uint8Array(1 << 16);
  }

  /** A scanner over bytes that are all there. */
  static over(bytes: Uint8Array): Scanner {
    const scanner = new Scanner(Math.max(bytes.length, 1));
    scanner.buf = new Uint8Array(bytes.length + 1);
    scanner.buf.set(bytes);
    scanner.limit = bytes.length;
    return scanner;
  }

  /** Append bytes; what has been consumed is dropped first. */
  feed(chunk: Uint8Array): void {
    let keepFrom = this.segmentStart >= 0 ? this.segmentStart : this.pos;
    if (this.held >= 0) keepFrom = this.held;
    // One byte more than there is data: the terminator that `scanTokens` puts there needs a place.
    if (this.limit + chunk.length >= this.buf.length) this.compact(keepFrom, chunk.length);
    this.buf.set(chunk, this.limit);
    this.limit += chunk.length;
  }

  private compact(keepFrom: number, extra: number): void {
    const held = this.limit - keepFrom;
    let size = this.buf.length;
    while (size < (held + extra) * 1.25) size *= 2;
    if (size === this.buf.length) {
      this.buf.copyWithin(0, keepFrom, this.limit);
    } else {
      const grown = new Uint8Array(size);
      grown.set(this.buf.subarray(keepFrom, this.limit));
      this.buf = grown;
    }
    this.base += keepFrom;
    this.pos -= keepFrom;
    this.limit = held;
    if (this.segmentStart >= 0) this.segmentStart -= keepFrom;
    if (this.held >= 0) this.held -= keepFrom;
  }

  /** Keep the bytes from the segment in the view on, so that its whole document can be cut out later. */
  hold(): void {
    this.held = this.view.start;
  }

  /** Stop keeping bytes. */
  release(): void {
    this.held = -1;
  }

  /** Bytes held since `hold`, up to the end of the last segment found. */
  heldBytes(): Uint8Array | undefined {
    return this.held < 0 ? undefined : this.buf.slice(this.held, this.pos);
  }

  get heldLength(): number {
    return this.held < 0 ? 0 : this.pos - this.held;
  }

  /** Take the header-like bytes that come next as an ordinary segment. */
  admitHeader(): void {
    this.admitted = true;
  }

  setDelimiters(delimiters: Delimiters): void {
    this.delimiters = delimiters;
    this.classes.set(PLAIN);
    const set = (byte: number, kind: number) => {
      if (byte >= 0) this.classes[byte] = SERVICE | kind;
    };
    set(delimiters.component, END_COMPONENT);
    set(delimiters.repetition, END_REPETITION);
    set(delimiters.element, END_ELEMENT);
    if (delimiters.release >= 0) this.classes[delimiters.release] = RELEASE;
    set(delimiters.segment, END_SEGMENT);
    this.view.release = delimiters.release;
  }

  /** Offset of the next byte from the start of the input. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** Pass over the next `length` bytes whatever they are (the object between UNO and UNP). */
  skip(length: number): void {
    this.skipLeft = length;
  }

  /** Find the next segment. `final` says that no more input will come: what is left is then one unterminated segment. */
  next(final: boolean): number {
    if (this.segmentStart < 0) {
      const started = this.startSegment(final);
      if (started !== SEGMENT) return started;
    }
    const found = this.scanTokens();
    const length = this.pos - this.segmentStart;
    // Binary elements come on top of what a segment may hold.
    const most = this.rawAfter > 1 ? 2 * this.maxSegmentBytes : this.maxSegmentBytes;
    if (found === SEGMENT) {
      if (this.overlong || length <= most) return this.overlong ? this.dropOverlong() : this.finish(true);
      this.view.offset = this.base + this.segmentStart;
      return this.dropOverlong();
    }
    if (length > most) this.discardHeld();
    if (!final) return NEED_MORE;
    return this.finishUnterminated();
  }

  private startSegment(final: boolean): number {
    const { buf, classes, limit } = this;
    if (this.skipLeft > 0) {
      const held = Math.min(this.skipLeft, limit - this.pos);
      this.skipLeft -= held;
      this.pos += held;
    }
    let i = this.pos;
    this.emptySegments = 0;
    this.indented = false;
    for (; i < limit; i++) {
      const byte = buf[i] as number;
      if (byte === this.delimiters.segment) {
        if (byte > 0x20) this.emptySegments++;
      } else if (byte <= 0x20 && (classes[byte] as number) < SERVICE) {
        if (byte === 0x20 || byte === 0x09) this.indented = true;
      } else break;
    }
    this.pos = i;
    if (i >= limit) return NEED_MORE;
    // A header can only be told from other ids by four bytes; wait for them.
    const first = buf[i] as number;
    if ((first === 0x49 || first === 0x55) && !this.admitted) {
      if (limit - i < 4 && !final) return NEED_MORE;
      if (this.startsInterchange(i)) return HEADER;
    }
    this.admitted = false;
    this.segmentStart = i;
    this.mask = 0;
    this.rawAfter = this.delimiters.release < 0 ? 1 : 0;
    this.view.count = 0;
    this.view.simple = true;
    return SEGMENT;
  }

  private startsInterchange(i: number): boolean {
    const { buf, limit } = this;
    if (limit - i < 4) return false;
    if (buf[i] === 0x49) return buf[i + 1] === 0x53 && buf[i + 2] === 0x41 && !isAlphanumeric(buf[i + 3] as number);
    if (buf[i + 1] !== 0x4e || (buf[i + 2] !== 0x41 && buf[i + 2] !== 0x42)) return false;
    return !isAlphanumeric(buf[i + 3] as number);
  }

  private scanTokens(): number {
    const { buf, classes, limit, view } = this;
    const start = this.segmentStart;
    let { ends, marks } = view;
    let { rawAfter } = this;
    let n = view.count;
    let mask = this.mask;
    let i = this.pos;
    // A terminator after the last byte ends every token, so that the inner loop need not ask where the data end.
    buf[limit] = this.delimiters.segment;
    for (;;) {
      let cls = classes[buf[i] as number] as number;
      while (cls < SERVICE) {
        mask |= cls;
        cls = classes[buf[++i] as number] as number;
      }
      if (i >= limit) break;
      if (cls === RELEASE) {
        if (i + 1 >= limit) break;
        mask |= ESCAPED | (PLAIN[buf[i + 1] as number] as number);
        i += 2;
        continue;
      }
      if (n >= ends.length) {
        if (n >= MAX_TOKENS) n--;
        else view.grow();
        ({ ends, marks } = view);
      }
      ends[n] = i - start;
      if (cls < (SERVICE | END_ELEMENT)) view.simple = false;
      marks[n] = mask | (cls & ENDS);
      mask = 0;
      n++;
      if (n === rawAfter) {
        const skip = this.rawLength(n);
        ({ rawAfter } = this);
        if (skip > 0) {
          if (i + 1 + skip > limit) {
            // Wait for the whole binary element: take this token back and come again.
            n--;
            mask = (marks[n] as number) & CLASSES;
            break;
          }
          i += skip;
        }
      }
      i++;
      if (cls === (SERVICE | END_SEGMENT)) {
        view.count = n;
        this.pos = i;
        return SEGMENT;
      }
    }
    view.count = n;
    this.mask = mask;
    this.pos = i;
    return NEED_MORE;
  }

  /**
   * Length of the raw bytes that follow the token just ended: BIN02 is BIN01 bytes long and BDS03 is BDS02 bytes long.
   * Called after token 1 (which arms the check) and after the token that holds the length.
   */
  private rawLength(tokens: number): number {
    const { view } = this;
    if (tokens === 1) {
      this.rawAfter = 0;
      const at = this.segmentStart;
      if (this.buf[at] !== 0x42 || (view.ends[0] as number) !== 3) return 0;
      if (this.buf[at + 1] === 0x49 && this.buf[at + 2] === 0x4e) this.rawAfter = 2;
      else if (this.buf[at + 1] === 0x44 && this.buf[at + 2] === 0x53) this.rawAfter = 3;
      return 0;
    }
    const token = tokens - 1;
    if (view.marks[token] !== (END_ELEMENT | DIGIT)) return 0;
    const from = this.segmentStart + view.tokenStart(token);
    const length = Number(asciiText(this.buf, from, this.segmentStart + (view.ends[token] as number)));
    return Number.isSafeInteger(length) && length <= this.maxSegmentBytes ? length : 0;
  }

  private finish(terminated: boolean): number {
    const { view } = this;
    view.buf = this.buf;
    view.start = this.segmentStart;
    view.offset = this.base + this.segmentStart;
    view.terminated = terminated;
    view.key = packBytes(this.buf, this.segmentStart, this.segmentStart + (view.ends[0] as number));
    this.segmentStart = -1;
    return SEGMENT;
  }

  private finishUnterminated(): number {
    const { view } = this;
    if (this.overlong) return this.dropOverlong();
    let end = this.limit;
    // Line ends after the last data belong to the file, not to the element.
    while (end > this.segmentStart && (this.buf[end - 1] as number) <= 0x20) end--;
    if (end <= this.segmentStart + (view.count === 0 ? 0 : (view.ends[view.count - 1] as number))) {
      if (view.count === 0) {
        this.segmentStart = -1;
        this.pos = this.limit;
        return NEED_MORE;
      }
    }
    if (view.count >= view.ends.length) view.grow();
    const from = view.count === 0 ? 0 : (view.ends[view.count - 1] as number) + 1;
    view.ends[view.count] = Math.max(end - this.segmentStart, from);
    view.marks[view.count] = END_SEGMENT | (this.mask & ~CONTROL);
    view.count++;
    this.pos = this.limit;
    return this.finish(false);
  }

  /** Too long: forget what is held so that memory stays bounded, and go on to the terminator. */
  private discardHeld(): void {
    if (!this.overlong) this.view.offset = this.base + this.segmentStart;
    this.overlong = true;
    this.held = -1;
    this.view.count = 0;
    this.segmentStart = this.pos;
    this.rawAfter = 0;
  }

  private dropOverlong(): number {
    this.overlong = false;
    this.segmentStart = -1;
    return OVERLONG;
  }
}

/** No segment of either standard comes near this many elements; what follows is scanned but not kept apart. */
const MAX_TOKENS = 16_384;
/** Of a class, the bits that say what a service character ends. */
const ENDS = 0x7000;

export function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
