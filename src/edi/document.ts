/**
 * One document (X12 transaction set, EDIFACT message) in lossless form: its own bytes, read again on demand. Keeping bytes
 * instead of objects is what lets a document of megabytes cost no more than its size.
 */
import type { Issue, Verdict } from './issue.ts';
import { type Delimiters, Scanner, SEGMENT } from './scanner.ts';
import type { Definition, Standard } from './schema.ts';
import { type Charset, END_ELEMENT, END_REPETITION, type SegmentView } from './segment-view.ts';

/** An element: text; components as an array; repetitions as an object, so that the three cannot be mixed up. */
export type ElementValue = string | string[] | { repeats: (string | string[])[] };

/** A segment by position: `elements[0]` is element 01. */
export interface Segment {
  id: string;
  elements: ElementValue[];
  /** Offset from the start of the input, in bytes; absent in segments that were made here. */
  byteOffset?: number;
}

export interface DocumentParts {
  standard: Standard;
  type: string;
  control: string;
  version: string;
  byteOffset: number;
  byteLength: number;
  segmentCount: number;
  verdict: Verdict;
  issues: Issue[];
  delimiters: Delimiters;
  charset: Charset;
  bytes?: Uint8Array;
  definition?: Definition;
  /** EDIFACT association code (0057), e.g. `EAN008`; X12 implementation convention (ST03). */
  association?: string;
}

export class EdiDocument {
  readonly standard: Standard;
  /** `850`, `ORDERS`. */
  readonly type: string;
  /** ST02 or UNH 0062. */
  readonly control: string;
  /** GS08, or version and release of UNH (`D.96A`). */
  readonly version: string;
  readonly association: string;
  /** Offset of the header segment from the start of the input. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** Header and trailer included. */
  readonly segmentCount: number;
  readonly verdict: Verdict;
  readonly issues: readonly Issue[];
  readonly delimiters: Delimiters;
  readonly charset: Charset;
  /** The document's bytes from header to trailer, unless they were not kept. */
  readonly bytes: Uint8Array | undefined;
  /** What it was checked against; none when `unchecked`. */
  readonly definition: Definition | undefined;

  constructor(parts: DocumentParts) {
    this.standard = parts.standard;
    this.type = parts.type;
    this.control = parts.control;
    this.version = parts.version;
    this.association = parts.association ?? '';
    this.byteOffset = parts.byteOffset;
    this.byteLength = parts.byteLength;
    this.segmentCount = parts.segmentCount;
    this.verdict = parts.verdict;
    this.issues = parts.issues;
    this.delimiters = parts.delimiters;
    this.charset = parts.charset;
    this.bytes = parts.bytes;
    this.definition = parts.definition;
  }

  /** Views of the segments in order; the same view is reused for each. */
  *views(): Generator<SegmentView> {
    if (this.bytes === undefined) return;
    const scanner = Scanner.over(this.bytes);
    scanner.setDelimiters(this.delimiters);
    scanner.view.charset = this.charset;
    scanner.base = this.byteOffset;
    while (scanner.next(true) === SEGMENT) yield scanner.view;
  }

  /** Segments in lossless form, made as they are asked for. */
  *segments(): Generator<Segment> {
    for (const view of this.views()) yield toSegment(view);
  }

  /** Lossless JSON. */
  toJSON(): Record<string, unknown> {
    return {
      standard: this.standard,
      version: this.version,
      type: this.type,
      control: this.control,
      byteOffset: this.byteOffset,
      byteLength: this.byteLength,
      verdict: this.verdict,
      segments: [...this.segments()],
      issues: this.issues,
    };
  }
}

/** A view as a segment of strings. */
export function toSegment(view: SegmentView): Segment {
  const elements: ElementValue[] = [];
  let token = 0;
  while (token < view.count && (view.marks[token] as number) < END_ELEMENT) token++;
  for (token++; token < view.count; ) {
    const repeats: (string | string[])[] = [];
    for (;;) {
      const components: string[] = [];
      let kind: number;
      do {
        components.push(view.text(token));
        kind = view.marks[token] as number;
        token++;
      } while (kind < END_REPETITION);
      repeats.push(components.length === 1 ? (components[0] as string) : components);
      if (kind >= END_ELEMENT) break;
    }
    elements.push(repeats.length === 1 ? (repeats[0] as string | string[]) : { repeats });
  }
  return { id: view.id, elements, byteOffset: view.offset };
}
