/** EDI as a person reads it: one segment per line, with what is wrong marked where it is wrong. Display only. */

export interface EdiIssue {
  code?: string;
  severity?: string;
  message?: string;
  segmentId?: string;
  /** Position within its document, ST or UNH being 1. */
  segmentOrdinal?: number;
  elementPosition?: number;
  byteOffset?: number;
}

export interface EdiSegment {
  id: string;
  /** Without its terminator. */
  text: string;
  /** Bytes from the start of the payload; first and one past the last, the terminator included. */
  from: number;
  to: number;
  /** Which document of the payload it belongs to, from 0; undefined for envelopes. */
  document: number | undefined;
  /** Position within its document, from 1. */
  ordinal: number | undefined;
}

interface Delimiters {
  terminator: string;
  release: string;
  element: string;
}

/** Where ISA and UNA say which characters separate (X12.5 interchange header; ISO 9735 service string advice). */
function delimitersOf(text: string): Delimiters | undefined {
  if (text.startsWith('ISA') && text.length > 106)
    return { terminator: text.charAt(105), release: '', element: text.charAt(3) };
  if (text.startsWith('UNA') && text.length > 9)
    return { terminator: text.charAt(8), release: text.charAt(6).trim(), element: text.charAt(4) };
  return /^UN[BH]\+/.test(text) ? { terminator: "'", release: '?', element: '+' } : undefined;
}

const opens = new Set(['ST', 'UNH']);
const closes = new Set(['SE', 'UNT']);
const encoder = new TextEncoder();

export interface EdiView {
  segments: EdiSegment[];
  element: string;
  terminator: string;
}

/** Splits a payload into its segments; undefined when it does not begin like an interchange. */
export function readSegments(text: string): EdiView | undefined {
  const start = text.search(/\S/);
  const body = start < 0 ? '' : text.slice(start);
  const delimiters = delimitersOf(body);
  if (!delimiters) return undefined;
  const { terminator, release, element } = delimiters;
  const segments: EdiSegment[] = [];
  let bytes = encoder.encode(text.slice(0, Math.max(0, start))).length;
  let document = -1;
  let ordinal: number | undefined;
  for (const piece of split(body, terminator, release)) {
    const trimmed = piece.replace(/^\s+/, '').replace(/[\r\n]+$/, '');
    const length = encoder.encode(piece).length;
    const terminatorLength = encoder.encode(terminator).length;
    const lead = encoder.encode(piece.slice(0, piece.length - piece.trimStart().length)).length;
    if (trimmed !== '') {
      const id = body.startsWith('UNA') && segments.length === 0 ? 'UNA' : (trimmed.split(element)[0] ?? '');
      if (opens.has(id)) {
        document += 1;
        ordinal = 0;
      }
      if (ordinal !== undefined) ordinal += 1;
      const inside = ordinal !== undefined;
      segments.push({
        id,
        text: trimmed,
        from: bytes + lead,
        to: bytes + length + terminatorLength,
        document: inside ? document : undefined,
        ordinal,
      });
      if (closes.has(id)) ordinal = undefined;
    }
    bytes += length + terminatorLength;
  }
  return { segments, element, terminator };
}

/** Cuts at terminators that no release character takes the meaning from. */
function split(text: string, terminator: string, release: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    // In the service string advice the release character is only declared.
    if (release !== '' && char === release && !(text.startsWith('UNA') && at < 9)) {
      at += 1;
      continue;
    }
    if (char !== terminator) continue;
    pieces.push(text.slice(from, at));
    from = at + 1;
  }
  pieces.push(text.slice(from));
  return pieces;
}

/** The index of the segment that an issue of the given document is about; undefined when it names none. */
export function segmentOfIssue(
  segments: readonly EdiSegment[],
  issue: EdiIssue,
  document: number | undefined,
): number | undefined {
  const { byteOffset, segmentOrdinal } = issue;
  if (byteOffset !== undefined) {
    const index = segments.findIndex((segment) => byteOffset >= segment.from && byteOffset < segment.to);
    if (index >= 0) return index;
  }
  if (segmentOrdinal === undefined || document === undefined) return undefined;
  const inside = segments.findIndex((segment) => segment.document === document && segment.ordinal === segmentOrdinal);
  if (inside >= 0) return inside;
  // Beyond the last: something is missing at the end.
  const last = segments.findLastIndex((segment) => segment.document === document);
  return last < 0 ? undefined : last;
}
