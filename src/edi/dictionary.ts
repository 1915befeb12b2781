/** What a release has to say: elements, composites and segments by their ids, compiled from their lines when asked for. */
import {
  type DictionaryText,
  invalid,
  lookOf,
  parseCodes,
  parseComposite,
  parseElement,
  parseSegment,
} from './definition-language.ts';
import type { CompositeSchema, ElementSchema, SegmentSchema } from './schema.ts';
import { packKey } from './segment-view.ts';

/** Lines by their first word; of lines with the same one the last counts. */
class Lines {
  private readonly byWord = new Map<string, string>();

  add(text: string): void {
    for (const line of text.split('\n')) {
      const trimmed = line.trim();
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      const end = trimmed.indexOf(' ');
      this.byWord.set(end < 0 ? trimmed : trimmed.slice(0, end), trimmed);
    }
  }

  get(word: string): string | undefined {
    return this.byWord.get(word);
  }

  words(): IterableIterator<string> {
    return this.byWord.keys();
  }
}

/**
 * Elements, composites and segments of one release. A line is compiled when it is first asked for: a document type uses a
 * small part of them, and whoever reads one short file should not pay for the rest.
 */
export class Dictionary {
  /** Packed ids of the segments. */
  readonly keys = new Set<number>();
  private readonly lines = {
    elements: new Lines(),
    codes: new Lines(),
    composites: new Lines(),
    segments: new Lines(),
  };
  private readonly elements = new Map<string, ElementSchema>();
  private readonly composites = new Map<string, CompositeSchema>();
  private readonly segments = new Map<string, SegmentSchema>();

  /** `deltas` (later releases) replace the lines that they name. */
  constructor(base: DictionaryText, deltas: readonly Partial<DictionaryText>[] = []) {
    for (const text of [base, ...deltas]) {
      this.lines.elements.add(text.elements ?? '');
      this.lines.codes.add(text.codes ?? '');
      this.lines.composites.add(text.composites ?? '');
      this.lines.segments.add(text.segments ?? '');
    }
    for (const id of this.lines.segments.words()) this.keys.add(packKey(id));
  }

  element(ref: string): ElementSchema | undefined {
    let element = this.elements.get(ref);
    const line = element === undefined ? this.lines.elements.get(ref) : undefined;
    if (line === undefined) return element;
    element = parseElement(line);
    const codes = this.lines.codes.get(ref);
    if (codes !== undefined) {
      element.codes = parseCodes(codes);
      element.look = lookOf(element.type, element.codes.closed);
    }
    this.elements.set(ref, element);
    return element;
  }

  composite(ref: string): CompositeSchema | undefined {
    let composite = this.composites.get(ref);
    const line = composite === undefined ? this.lines.composites.get(ref) : undefined;
    if (line === undefined) return composite;
    composite = parseComposite(this, line);
    this.composites.set(ref, composite);
    return composite;
  }

  segment(id: string): SegmentSchema | undefined {
    let segment = this.segments.get(id);
    const line = segment === undefined ? this.lines.segments.get(id) : undefined;
    if (line === undefined) return segment;
    segment = parseSegment(this, line);
    this.segments.set(id, segment);
    return segment;
  }

  /** Compile every line; throws on one that is wrong, or that describes nothing. */
  compileAll(): void {
    for (const ref of this.lines.codes.words())
      if (this.element(ref) === undefined) invalid(`codes for unknown element ${ref}`);
    for (const ref of this.lines.elements.words()) this.element(ref);
    for (const ref of this.lines.composites.words()) this.composite(ref);
    for (const id of this.lines.segments.words()) this.segment(id);
  }
}
