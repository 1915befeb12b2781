/**
 * Where a segment belongs in its document's structure.
 *
 * From every place the possible next places for a segment id are worked out once per definition, nearest first: the same
 * place again, further on in the same loop, another turn of the loop, then the same outside it. What then remains per
 * segment is counting.
 */
import type { Definition, Place, Transition } from './schema.ts';
import type { SegmentView } from './segment-view.ts';

export const PLACED = 0;
export const OVER_SEGMENT_MAX = 1;
export const OVER_LOOP_MAX = 2;
export const OUT_OF_ORDER = 3;
export const NOT_IN_SET = 4;
export const UNKNOWN = 5;

function transition(to: Place, loop: Place | undefined, skipped: readonly number[]): Transition {
  const counted = loop ?? to;
  return { place: to.index, loop: loop?.index ?? -1, counted: counted.index, max: counted.max, skipped: [...skipped] };
}

function transitionsFrom(definition: Definition, from: number, key: number): Transition[] {
  const { places } = definition;
  const found: Transition[] = [];
  const skipped: number[] = [];
  let at = places[from] as Place;
  const loop = places[at.parent] as Place | undefined;
  const trigger = loop !== undefined && loop.index > 0 && at.index === loop.index + 1;
  if (at.kind === 'segment' && at.key === key && !(trigger && at.max === 1)) found.push(transition(at, undefined, []));
  if (at.kind === 'segment' && at.min > 1) skipped.push(at.index);
  let next = at.kind === 'loop' ? at.index + 1 : at.end;
  if (at.kind === 'segment') at = loop as Place;
  for (;;) {
    while (next < at.end) {
      const place = places[next] as Place;
      const entry = place.kind === 'loop' ? (places[next + 1] as Place) : place;
      if (entry.key === key) found.push(transition(entry, place.kind === 'loop' ? place : undefined, skipped));
      if (place.min > 0) skipped.push(place.index);
      next = place.end;
    }
    if (at.index === 0) return found;
    const first = places[at.index + 1] as Place;
    if (first.key === key) found.push(transition(first, at, skipped));
    if (at.min > 1) skipped.push(at.index);
    next = at.end;
    at = places[at.parent] as Place;
  }
}

export class Matcher {
  definition!: Definition;
  /** Index of the place of the last segment that had one. */
  at = 0;
  /** Mandatory places passed over by the last step. Valid until the next one. */
  readonly missing: number[] = [];
  /** Loop entered by the last step, or -1. */
  entered = -1;
  counts = new Int32Array(0);
  /** The last place in order that has been used in this document; loops are counted before it. */
  private furthest = 0;

  begin(definition: Definition): void {
    this.definition = definition;
    if (this.counts.length < definition.places.length) this.counts = new Int32Array(definition.places.length * 2);
    else this.counts.fill(0);
    this.at = 0;
    this.furthest = 0;
    this.missing.length = 0;
    this.entered = -1;
  }

  /** Take one segment; says whether and how it has a place. */
  take(view: SegmentView): number {
    const { definition } = this;
    const known = definition.transitions[this.at] as Map<number, Transition[]>;
    let ways = known.get(view.key);
    if (ways === undefined) {
      // Bounded: keys that lead nowhere are not remembered.
      ways = transitionsFrom(definition, this.at, view.key);
      if (ways.length > 0) known.set(view.key, ways);
    }
    // Setting a length is a call into the engine even when nothing changes.
    if (this.missing.length > 0) this.missing.length = 0;
    this.entered = -1;
    const way = this.choose(ways, view);
    if (way !== undefined) {
      this.go(way);
      return PLACED;
    }
    return this.fault(ways, view);
  }

  private choose(ways: Transition[], view: SegmentView): Transition | undefined {
    const { counts } = this;
    for (let at = 0; at < ways.length; at++) {
      const way = ways[at] as Transition;
      if ((counts[way.counted] as number) >= way.max) continue;
      const place = this.definition.places[way.place] as Place;
      if (place.qualifier !== undefined && !place.qualifier.values.has(view.element(place.qualifier.element))) continue;
      return way;
    }
    return undefined;
  }

  private go(way: Transition): void {
    const { counts, definition } = this;
    const { skipped } = way;
    for (let at = 0; at < skipped.length; at++) {
      const index = skipped[at] as number;
      if ((counts[index] as number) < (definition.places[index] as Place).min) this.missing.push(index);
    }
    if (way.loop >= 0) {
      const loop = definition.places[way.loop] as Place;
      counts[loop.index] = (counts[loop.index] as number) + 1;
      // Places beyond the furthest one used are zero already: most loops are long and used at their beginning only.
      const to = this.furthest < loop.end ? this.furthest + 1 : loop.end;
      for (let index = loop.index + 1; index < to; index++) counts[index] = 0;
      this.entered = loop.index;
    }
    counts[way.place] = (counts[way.place] as number) + 1;
    if (way.place > this.furthest) this.furthest = way.place;
    this.at = way.place;
  }

  private fault(ways: Transition[], view: SegmentView): number {
    const { definition } = this;
    const over =
      ways.find((way) => way.loop >= 0 && this.isOver(way.loop)) ??
      ways.find((way) => way.loop < 0 && this.isOver(way.place));
    if (over !== undefined) {
      const fault = over.loop >= 0 ? OVER_LOOP_MAX : OVER_SEGMENT_MAX;
      this.go(over);
      this.missing.length = 0;
      return fault;
    }
    if (definition.placesByKey.has(view.key)) return OUT_OF_ORDER;
    const known = definition.dictionary.has(view.key) || definition.knownKeys?.has(view.key) === true;
    return known ? NOT_IN_SET : UNKNOWN;
  }

  private isOver(index: number): boolean {
    return (this.counts[index] as number) >= (this.definition.places[index] as Place).max;
  }

  /** Mandatory places between the last segment and the trailer, when the trailer never came. */
  missingAtEnd(trailerKey: number): number[] {
    const ways = transitionsFrom(this.definition, this.at, trailerKey);
    const way = ways.at(-1);
    if (way === undefined) return [];
    const { places } = this.definition;
    return way.skipped.filter((index) => (this.counts[index] as number) < (places[index] as Place).min);
  }

  /** Path of loops around a place, e.g. `PO1/N1`. */
  path(index: number): string {
    const ids: string[] = [];
    let place = this.definition.places[index] as Place;
    if (place.kind === 'segment') place = this.definition.places[place.parent] as Place;
    while (place.index > 0) {
      ids.unshift(place.id);
      place = this.definition.places[place.parent] as Place;
    }
    return ids.join('/');
  }
}
