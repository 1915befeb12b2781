/** An interchange as a whole: its text in its own character set, and its segments with those of the envelope. */
import { charsetOf } from './charset.ts';
import { type Segment, toSegment } from './document.ts';
import type { Interchange } from './envelope.ts';
import { HEADER, Scanner, SEGMENT } from './scanner.ts';
import { type Charset, UTF8 } from './segment-view.ts';

/** Text of an interchange that begins at the first byte, in the character set that its UNB names; X12 is UTF-8. */
export function interchangeText(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 40));
  const syntaxId = /^(?:UNA[^]{6}\s*)?UNB[^]([A-Z]{4})/.exec(start)?.[1];
  return charsetFor(syntaxId).decode(bytes, 0, bytes.length);
}

function charsetFor(syntaxId: string | undefined): Charset {
  return (syntaxId === undefined ? undefined : charsetOf(syntaxId)?.charset) ?? UTF8;
}

/** Every segment of an interchange that has been read from `bytes`, from its header to its trailer, as sent. */
export function* interchangeSegments(bytes: Uint8Array, interchange: Interchange): Generator<Segment> {
  const { byteOffset, delimiters, header, standard, version } = interchange;
  const scanner = Scanner.over(bytes.subarray(byteOffset));
  scanner.setDelimiters(delimiters);
  scanner.view.charset = charsetFor(standard === 'edifact' ? version.split(':')[0] : undefined);
  scanner.base = byteOffset;
  const [first, last] = standard === 'x12' ? ['ISA', 'IEA'] : ['UNB', 'UNZ'];
  let begun = false;
  for (;;) {
    const found = scanner.next(true);
    // It looks like a header, which the first one is; a second one ends an interchange whose trailer was lost.
    if (found === HEADER) scanner.admitHeader();
    else if (found !== SEGMENT) return;
    else {
      const segment = toSegment(scanner.view);
      if (segment.id.startsWith('UNA')) continue;
      if (segment.id === first && begun) return;
      // ISA holds its own separators, which would read as empty components.
      yield segment.id === 'ISA' ? { ...segment, elements: header } : segment;
      begun = true;
      if (segment.id === last) return;
    }
  }
}
