/**
 * Interchange headers: which delimiters are in force, found by position and never by searching.
 *
 * X12: element separator = byte 4 of ISA, component separator = ISA16 (byte 105), terminator = byte 106. Senders get the
 * widths wrong; then the sixteen separators are counted instead. EDIFACT: UNA is exactly nine bytes; without it the
 * defaults of ISO 9735 hold.
 */
import { type Issue, issue } from './issue.ts';
import { type Delimiters, isAlphanumeric } from './scanner.ts';
import { asciiText } from './segment-view.ts';

/** Offsets of the sixteen element separators of a well-formed ISA. */
const ISA_SEPARATORS = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];
const ISA_LENGTH = 106;
/** Longest ISA that is searched for sixteen separators when the widths are wrong. */
const ISA_LENGTH_MAX = 400;
/** Bytes after ISA within which the first GS has to end. */
const LOOK_AHEAD_BYTES = 256;

export interface IsaHeader {
  fields: string[];
  delimiters: Delimiters;
  /** Position just after the terminator. */
  end: number;
  issues: Issue[];
}

function separates(byte: number): boolean {
  return byte !== 0x20 && !isAlphanumeric(byte);
}

/**
 * Whether an ISA begins at `at`: what follows the letters separates, or, being a letter or digit, stands at all sixteen places.
 * `undefined` when more bytes are needed to tell.
 */
export function isIsa(buf: Uint8Array, at: number, limit: number, final: boolean): boolean | undefined {
  if (buf[at + 1] !== 0x53 || buf[at + 2] !== 0x41) return false;
  const element = buf[at + 3] as number;
  if (!isAlphanumeric(element)) return true;
  for (const offset of ISA_SEPARATORS) {
    if (at + offset >= limit) return final ? false : undefined;
    if (buf[at + offset] !== element) return false;
  }
  return true;
}

function separatorPositions(buf: Uint8Array, at: number, limit: number): number[] {
  const element = buf[at + 3] as number;
  if (limit - at >= ISA_LENGTH && ISA_SEPARATORS.every((offset) => buf[at + offset] === element)) {
    return ISA_SEPARATORS.map((offset) => at + offset);
  }
  const found: number[] = [];
  const stop = Math.min(limit, at + ISA_LENGTH_MAX);
  for (let i = at + 3; i < stop && found.length < 16; i++) if (buf[i] === element) found.push(i);
  return found;
}

/** ISA15 and ISA16 run together (`*P>~GS*`): the sixteenth separator then belongs to the segment that follows. */
function collapsed(text: string): { usage: string; component: number; segment: number; length: number } | undefined {
  const match = /^([A-Z])([^A-Za-z0-9\s])?([^A-Za-z0-9])\s*(?:GS|TA1)$/.exec(text);
  if (match === null) return undefined;
  return {
    usage: match[1] as string,
    component: match[2] === undefined ? -1 : match[2].charCodeAt(0),
    segment: (match[3] as string).charCodeAt(0),
    length: 1 + (match[2] === undefined ? 0 : 1) + 1,
  };
}

/** The byte that really ends the first GS, or -1 when there is no plain GS to look at. */
function terminatorOfGroupHeader(buf: Uint8Array, from: number, limit: number, element: number): number {
  let i = from;
  while (i < limit && (buf[i] as number) <= 0x20) i++;
  if (!isAlphanumeric(buf[i] ?? 0)) i++;
  while (i < limit && (buf[i] as number) <= 0x20) i++;
  if (buf[i] !== 0x47 || buf[i + 1] !== 0x53 || buf[i + 2] !== element) return -1;
  let separators = 0;
  for (; i < limit && separators < 8; i++) if (buf[i] === element) separators++;
  const version = i;
  while (i < limit && isAlphanumeric(buf[i] as number)) i++;
  if (separators < 8 || i === version) return -1;
  while (i < limit && buf[i] === 0x20) i++;
  // A ninth element is a fault of GS, not a terminator.
  return i < limit && buf[i] !== element ? (buf[i] as number) : -1;
}

/** Read an ISA at `at`; `undefined` when more bytes are needed, `null` when this is no ISA. */
export function parseIsa(
  buf: Uint8Array,
  at: number,
  limit: number,
  offset: number,
  final: boolean,
): IsaHeader | null | undefined {
  if (limit - at < ISA_LENGTH_MAX + LOOK_AHEAD_BYTES && !final) return undefined;
  const separators = separatorPositions(buf, at, limit);
  if (separators.length < 15) return null;
  const issues: Issue[] = [];
  const place = { segmentId: 'ISA', byteOffset: offset };
  if (!separates(buf[at + 3] as number))
    issues.push(
      issue('SERVICE_CHARACTER', 'Letters, digits and spaces separate nothing', { ...place, ack: { ta105: '026' } }),
    );
  const fields: string[] = [];
  for (let n = 0; n < Math.min(15, separators.length); n++) {
    const from = (separators[n] as number) + 1;
    fields.push(asciiText(buf, from, separators[n + 1] ?? from));
  }
  const last = (separators[14] as number) + 1;
  const sixteenth = separators[15];
  const element = buf[at + 3] as number;
  let end: number;
  let component: number;
  let segment: number;
  const merged = sixteenth === undefined ? undefined : collapsed(asciiText(buf, last, sixteenth));
  if (merged !== undefined) {
    fields[14] = merged.usage;
    ({ component, segment } = merged);
    end = last + merged.length;
    issues.push(issue('DELIMITERS_COLLAPSED', 'ISA15 and ISA16 run together; read as far as they can be told', place));
  } else if (sixteenth === undefined) {
    return null;
  } else {
    component = buf[sixteenth + 1] ?? -1;
    segment = buf[sixteenth + 2] ?? -1;
    end = sixteenth + 3;
    if (sixteenth - at !== ISA_SEPARATORS[15])
      issues.push(issue('HEADER_WIDTH', 'ISA is not 106 bytes long; its separators were counted instead', place));
  }
  const settled = settleTerminator(buf, { component, segment, end, element }, limit, place, issues);
  fields.push(settled.component < 0 ? '' : String.fromCharCode(settled.component));
  const delimiters: Delimiters = {
    element,
    component: settled.component,
    repetition: repetitionSeparator(fields),
    segment: settled.segment,
    release: -1,
  };
  checkDistinct(delimiters, place, issues);
  return { fields, delimiters, end: Math.min(settled.end, limit), issues };
}

interface Ending {
  component: number;
  segment: number;
  end: number;
  element: number;
}

/** Compare the declared terminator with what ends the first GS, and believe the latter. */
function settleTerminator(
  buf: Uint8Array,
  declared: Ending,
  limit: number,
  place: Partial<Issue>,
  issues: Issue[],
): Ending {
  if (declared.segment >= 0 && isAlphanumeric(declared.segment)) {
    // No ISA16 at all: what stands in its place is the terminator, and the next segment has already begun.
    issues.push(issue('DELIMITERS_COLLAPSED', 'ISA16 is missing; its place holds the terminator', place));
    return { ...declared, component: -1, segment: declared.component, end: declared.end - 1 };
  }
  const actual = terminatorOfGroupHeader(buf, declared.end, limit, declared.element);
  if (actual < 0 || actual === declared.segment) return declared;
  const lineEnd = declared.segment === 0x0a || declared.segment === 0x0d;
  if (lineEnd && (actual === 0x0a || actual === 0x0d)) return declared;
  if (lineEnd && actual === declared.component) {
    // `*T*~` and a line end: by position `~` separates components and the line end terminates, which reads every line.
    issues.push(
      issue('DELIMITERS_COLLAPSED', 'ISA16 repeats what ends each line; the line end is the terminator', place),
    );
    return declared;
  }
  const shown = JSON.stringify(String.fromCharCode(actual));
  issues.push(
    issue('TERMINATOR_DIFFERS', `The terminator declared after ISA16 is not used; segments end with ${shown}`, place),
  );
  return { ...declared, segment: actual };
}

/** ISA11 separates repetitions from 00402 on, and only if it is no letter or digit (senders leave a `U` there). */
function repetitionSeparator(fields: readonly string[]): number {
  const declared = fields[10] ?? '';
  const version = fields[11] ?? '';
  if (declared.length !== 1 || !/^\d{5}$/.test(version) || version < '00402') return -1;
  const byte = declared.charCodeAt(0);
  return byte <= 0x20 || isAlphanumeric(byte) ? -1 : byte;
}

function checkDistinct(delimiters: Delimiters, place: Partial<Issue>, issues: Issue[]): void {
  const { element, component, repetition, segment } = delimiters;
  if (segment === element || component === element || component === segment) {
    const ack = { ta105: component === element ? '027' : '004' };
    issues.push(
      issue('SERVICE_CHARACTER', 'Two service characters of the interchange are the same', { ...place, ack }),
    );
  }
  if (repetition >= 0 && (repetition === element || repetition === component || repetition === segment))
    delimiters.repetition = -1;
}

export interface UnaHeader {
  delimiters: Delimiters;
  end: number;
  /** Decimal mark of UNA, in force for syntax 1 to 3. */
  decimal: '.' | ',' | '';
  issues: Issue[];
}

/** Delimiters of an EDIFACT interchange whose UNA or UNB begins at `at`; `undefined` when more bytes are needed. */
export function parseUna(
  buf: Uint8Array,
  at: number,
  limit: number,
  offset: number,
  final: boolean,
): UnaHeader | null | undefined {
  if (limit - at < LOOK_AHEAD_BYTES * 2 && !final) return undefined;
  const issues: Issue[] = [];
  const delimiters: Delimiters = { element: 0x2b, component: 0x3a, repetition: -1, segment: 0x27, release: 0x3f };
  let end = at;
  let decimal: '.' | ',' | '' = '';
  const hasUna = buf[at + 2] === 0x41;
  if (hasUna) {
    if (limit - at < 9) return null;
    delimiters.component = buf[at + 3] as number;
    delimiters.element = buf[at + 4] as number;
    decimal = buf[at + 5] === 0x2c ? ',' : buf[at + 5] === 0x2e ? '.' : '';
    delimiters.release = buf[at + 6] === 0x20 ? -1 : (buf[at + 6] as number);
    delimiters.segment = buf[at + 8] as number;
    end = at + 9;
  }
  let next = end;
  while (next < limit && (buf[next] as number) <= 0x20) next++;
  const syntax = syntaxVersion(buf, next, delimiters);
  if (syntax >= 4) {
    const declared = hasUna ? (buf[at + 7] as number) : 0x2a;
    if (declared !== 0x20) delimiters.repetition = declared;
    decimal = '';
  }
  const place = { segmentId: hasUna ? 'UNA' : 'UNB', byteOffset: offset };
  if (!hasUna) settleLineEnds(buf, at, limit, delimiters, place, issues);
  const chars = [delimiters.component, delimiters.element, delimiters.segment, delimiters.release].filter(
    (c) => c >= 0,
  );
  if (new Set(chars).size !== chars.length || chars.some(isAlphanumeric)) {
    const message = 'Service characters must be different and no letters or digits';
    issues.push(issue('SERVICE_CHARACTER', message, place));
    if (chars.some(isAlphanumeric)) return null;
  }
  return { delimiters, end, decimal, issues };
}

function syntaxVersion(buf: Uint8Array, at: number, delimiters: Delimiters): number {
  if (asciiText(buf, at, Math.min(at + 3, buf.length)) !== 'UNB' || buf[at + 3] !== delimiters.element) return 0;
  const digit = buf[at + 8] === delimiters.component ? (buf[at + 9] ?? 0) - 0x30 : 0;
  return digit >= 0 && digit <= 9 ? digit : 0;
}

/** Some senders drop the apostrophes and leave one segment per line. */
function settleLineEnds(
  buf: Uint8Array,
  at: number,
  limit: number,
  delimiters: Delimiters,
  place: Partial<Issue>,
  issues: Issue[],
): void {
  for (let i = at; i < Math.min(limit, at + LOOK_AHEAD_BYTES); i++) {
    const byte = buf[i];
    if (byte === delimiters.segment) return;
    if (byte !== 0x0a && byte !== 0x0d) continue;
    let next = i;
    while (next < limit && (buf[next] as number) <= 0x20) next++;
    const tag = asciiText(buf, next, Math.min(next + 3, limit));
    if (tag !== 'UNH' && tag !== 'UNG') return;
    delimiters.segment = byte;
    issues.push(issue('TERMINATOR_DIFFERS', 'Segments end with a line end, though no UNA says so', place));
    return;
  }
}
