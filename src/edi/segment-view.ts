/**
 * One segment as byte positions: the form in which the whole engine passes segments around. Strings are made only when
 * somebody asks. A view is reused for every segment, so whoever wants to keep one copies it (see `document.ts`).
 */

/** What ended a token: the upper bits of its `marks`, so that a comparison of the whole says it. */
export const END_COMPONENT = 0x1000;
export const END_REPETITION = 0x2000;
export const END_ELEMENT = 0x3000;
export const END_SEGMENT = 0x4000;
/** The lower bits of `marks`: the classes of the token's bytes. */
export const CLASSES = 0x0fff;

/** Classes of bytes seen in a token, or-ed together while scanning, so that type checks need no second pass. */
export const DIGIT = 0x0001;
export const MINUS = 0x0002;
export const DOT = 0x0004;
export const UPPER = 0x0008;
export const SPACE = 0x0010;
export const BASIC = 0x0020;
export const EXTENDED = 0x0040;
export const HIGH = 0x0080;
export const CONTROL = 0x0100;
export const ESCAPED = 0x0200;
export const COMMA = 0x0400;
export const LOWER = 0x0800;
/** Set in the class table for service characters, beside what they end. */
export const SERVICE = 0x8000;
export const RELEASE = SERVICE | 0x7000;

/** How bytes become text: ASCII always works; beyond that by the interchange's character set. */
export interface Charset {
  name: string;
  /** `latin1` needs no decoder; `utf8` falls back to latin1 when the bytes are not valid UTF-8. */
  decode(bytes: Uint8Array, start: number, end: number): string;
}

export class SegmentView {
  /** The bytes in which the segment lies. */
  buf: Uint8Array = new Uint8Array(0);
  /** Start of the segment within `buf`. */
  start = 0;
  /** Offset of the segment from the start of the input. */
  offset = 0;
  /** Number of tokens (components, flat). Token 0 is the segment id. */
  count = 0;
  /** End of each token, relative to `start`. */
  ends = new Int32Array(64);
  /** What ended each token, and the classes of its bytes. */
  marks = new Uint16Array(64);
  /** Segment id packed by `packKey`, or -1 when it cannot be one. */
  key = -1;
  /** True when no element has components or repetitions: then token n is element n. */
  simple = true;
  /** False when the input ended before the terminator. */
  terminated = true;
  /** Release character in force, or -1. */
  release = -1;
  charset: Charset = LATIN1;

  grow(): void {
    const size = this.ends.length * 2;
    const ends = new Int32Array(size);
    ends.set(this.ends);
    this.ends = ends;
    const marks = new Uint16Array(size);
    marks.set(this.marks);
    this.marks = marks;
  }

  tokenStart(token: number): number {
    return token === 0 ? 0 : (this.ends[token - 1] as number) + 1;
  }

  tokenLength(token: number): number {
    return (this.ends[token] as number) - this.tokenStart(token);
  }

  /** Text of a token, release characters removed. */
  text(token: number): string {
    const from = this.start + this.tokenStart(token);
    const to = this.start + (this.ends[token] as number);
    if (from >= to) return '';
    const mask = this.marks[token] as number;
    if ((mask & ESCAPED) !== 0) return this.charset.decode(unescape(this.buf, from, to, this.release), 0, -1);
    if ((mask & HIGH) !== 0) return this.charset.decode(this.buf, from, to);
    return asciiText(this.buf, from, to);
  }

  get id(): string {
    return this.count === 0 ? '' : this.text(0);
  }

  /** First token of the element at a 1-based position, or -1. */
  elementToken(position: number): number {
    if (this.simple) return position < this.count ? position : -1;
    let at = 0;
    for (let token = 0; token < this.count; token++) {
      if (at === position) return token;
      if ((this.marks[token] as number) >= END_ELEMENT) at++;
    }
    return -1;
  }

  /** Token of a component, both positions 1-based; -1 when absent. */
  componentToken(position: number, component: number): number {
    let token = this.elementToken(position);
    if (token < 0) return -1;
    for (let left = component - 1; left > 0; left--) {
      if ((this.marks[token] as number) >= END_REPETITION) return -1;
      token++;
    }
    return token;
  }

  /** Packed code of a component, -1 when absent or longer than four characters. */
  elementKey(position: number, component = 1): number {
    const token = this.componentToken(position, component);
    if (token < 0) return -1;
    return packBytes(this.buf, this.start + this.tokenStart(token), this.start + (this.ends[token] as number));
  }

  /** Text of a component, by default the first; '' when absent. */
  element(position: number, component = 1): string {
    const token = this.componentToken(position, component);
    return token < 0 ? '' : this.text(token);
  }
}

function unescape(buf: Uint8Array, from: number, to: number, release: number): Uint8Array {
  const out = new Uint8Array(to - from);
  let n = 0;
  for (let i = from; i < to; i++) {
    if (buf[i] === release && i + 1 < to) i++;
    out[n++] = buf[i] as number;
  }
  return out.subarray(0, n);
}

/** Text of ASCII bytes. Short runs are cheaper by hand than by a call into the buffer. */
export function asciiText(buf: Uint8Array, from: number, to: number): string {
  const length = to - from;
  if (length > 24) return Buffer.from(buf.buffer, buf.byteOffset + from, length).toString('latin1');
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(buf[i] as number);
  return text;
}

/** Pack up to four 7-bit characters into one small integer; -1 when it does not fit. */
export function packBytes(buf: Uint8Array, from: number, to: number): number {
  if (to - from > 4 || to <= from) return -1;
  let key = 0;
  for (let i = from; i < to; i++) key = (key << 7) | ((buf[i] as number) & 0x7f);
  return key;
}

export function packKey(text: string): number {
  if (text.length > 4 || text.length === 0) return -1;
  let key = 0;
  for (let i = 0; i < text.length; i++) key = (key << 7) | (text.charCodeAt(i) & 0x7f);
  return key;
}

function rangeEnd(bytes: Uint8Array, end: number): number {
  return end < 0 ? bytes.length : end;
}

export const LATIN1: Charset = {
  name: 'ISO-8859-1',
  decode(bytes, start, end) {
    const to = rangeEnd(bytes, end);
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, to - start).toString('latin1');
  },
};

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const UTF8: Charset = {
  name: 'UTF-8',
  decode(bytes, start, end) {
    const to = rangeEnd(bytes, end);
    try {
      return strictUtf8.decode(bytes.subarray(start, to));
    } catch {
      return LATIN1.decode(bytes, start, to);
    }
  },
};

/** A single-byte character set known to the platform's decoder, e.g. `iso-8859-2`. */
export function singleByte(label: string): Charset {
  const decoder = new TextDecoder(label);
  return {
    name: label.toUpperCase(),
    decode: (bytes, start, end) => decoder.decode(bytes.subarray(start, rangeEnd(bytes, end))),
  };
}
