/**
 * Documents made from a definition alone: the examples of the reference, and the inputs of round-trip tests.
 * With no randomness the smallest document that the definition accepts; with a random source, one with optional parts.
 */
import { violation } from './conditions.ts';
import type { ElementValue, Segment } from './document.ts';
import {
  type CompositeSchema,
  type Definition,
  type ElementSchema,
  type ElementUse,
  type Place,
  type SegmentSchema,
  TYPE_A,
  TYPE_DT,
  TYPE_N,
  TYPE_NUM,
  TYPE_R,
  TYPE_TM,
} from './schema.ts';

/** Numbers from 0 up to but not including `below`. */
export type Random = (below: number) => number;

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const TEXT = `${LETTERS}0123456789 `;
/** Optional parts of generated documents do not nest or repeat beyond this. */
const REPEATS_MAX = 3;

function textValue(element: ElementSchema, random: Random | undefined): string {
  const least = Math.max(element.min, 1);
  if (random === undefined) return LETTERS.slice(0, Math.min(Math.max(least, 1), 26)).padEnd(least, 'X');
  const length = least + random(Math.min(element.max - least, 12) + 1);
  let text = '';
  for (let i = 0; i < length; i++) text += TEXT[random(i === 0 || i === length - 1 ? 36 : TEXT.length)];
  return text;
}

function digits(length: number, random: Random | undefined): string {
  let text = '';
  for (let i = 0; i < length; i++) text += random === undefined ? '1' : String(i === 0 ? 1 + random(9) : random(10));
  return text;
}

function elementValue(element: ElementSchema, random: Random | undefined): string {
  const codes = element.codes;
  if (codes !== undefined) {
    const fitting = [...codes.labels.keys()].filter(({ length }) => length >= element.min && length <= element.max);
    if (fitting.length > 0) return fitting[random === undefined ? 0 : random(fitting.length)] as string;
  }
  const least = Math.max(element.min, 1);
  const length = random === undefined ? least : least + random(Math.min(element.max - least, 6) + 1);
  switch (element.type) {
    case TYPE_DT:
      return element.max === 6 ? '260601' : `2026060${random === undefined ? 1 : 1 + random(9)}`;
    case TYPE_TM:
      return random === undefined ? '0900' : `1${random(10)}3${random(10)}`;
    case TYPE_N:
      return digits(length, random);
    case TYPE_R:
    case TYPE_NUM:
      return length >= 3 && random !== undefined && random(2) === 0
        ? `${digits(length - 2, random)}.${digits(2, random)}`
        : digits(length, random);
    case TYPE_A:
      return LETTERS.slice(0, least);
    default:
      return textValue(element, random);
  }
}

function compositeValue(composite: CompositeSchema, random: Random | undefined): string[] {
  // The one composite whose parts depend on each other: a date and its format.
  if (composite.ref === 'C507') return ['137', '20260601', '102'];
  let present = 0;
  composite.components.forEach((use, at) => {
    if (use.required || at === 0 || (random !== undefined && random(3) === 0)) present |= 1 << at;
  });
  present = satisfy(composite.conditions, present);
  const values = composite.components.map((use, at) =>
    (present & (1 << at)) === 0 ? '' : elementValue(use.element, random),
  );
  while (values.at(-1) === '') values.pop();
  return values;
}

/** Add or drop elements until no condition is broken. */
function satisfy(conditions: SegmentSchema['conditions'], wanted: number): number {
  let present = wanted;
  let banned = 0;
  for (let round = 0; round < 64; round++) {
    const broken = conditions
      .map((rule) => ({ rule, fault: violation(rule, present & rule.all) }))
      .find(
        ({ fault, rule }) =>
          fault !== undefined && ((present & rule.all) !== 0 || rule.kind === 'R' || rule.kind === 'ONE'),
      );
    if (broken?.fault === undefined) return present;
    const bit = 1 << (broken.fault.position - 1);
    if (broken.fault.code === 'ELEMENT_EXCLUDED') banned |= bit;
    else if ((banned & bit) === 0) present |= bit;
    // What needs an excluded element has to go with it.
    else banned |= present & broken.rule.all;
    present &= ~banned;
  }
  return present;
}

function useValue(use: ElementUse, random: Random | undefined): ElementValue {
  if (use.composite !== undefined) {
    const values = compositeValue(use.composite, random);
    return values.length === 1 ? (values[0] as string) : values;
  }
  return use.element === undefined ? '' : elementValue(use.element, random);
}

function exampleSegment(schema: SegmentSchema, random: Random | undefined): Segment {
  let present = schema.requiredMask;
  schema.uses.forEach((use, at) => {
    if (at < 31 && random !== undefined && use.group === undefined && random(3) === 0) present |= 1 << at;
  });
  if (present === 0) present = 1;
  present = satisfy(schema.conditions, present);
  const elements = schema.uses.map((use, at) => (at < 32 && (present & (1 << at)) !== 0 ? useValue(use, random) : ''));
  while (elements.at(-1) === '') elements.pop();
  return { id: schema.id, elements };
}

const ENVELOPE = new Set(['ST', 'SE', 'UNH', 'UNT']);

/** A document of a definition as segments, header and trailer left out. */
export function exampleOf(definition: Definition, random?: Random): Segment[] {
  const { places } = definition;
  const segments: Segment[] = [];
  let lines = 0;
  const times = (place: Place, first: boolean): number => {
    const least = first ? Math.max(place.min, 1) : place.min;
    if (random === undefined || place.max <= least) return least;
    return random(4) === 0 ? least + random(Math.min(place.max - least, REPEATS_MAX) + 1) : least;
  };
  const fill = (from: number, to: number, inLoop: boolean) => {
    for (let at = from; at < to; at = (places[at] as Place).end) {
      const place = places[at] as Place;
      if (ENVELOPE.has(place.id) && place.parent === 0) continue;
      const count = inLoop && at === from ? 1 : times(place, false);
      for (let turn = 0; turn < count; turn++) {
        if (place.kind === 'loop') fill(at + 1, place.end, true);
        else {
          const made = exampleSegment(place.segment as SegmentSchema, random);
          if (place.id === 'HL')
            made.elements = [String(++lines), ...(lines === 1 ? [''] : ['1']), lines === 1 ? 'S' : 'O'];
          segments.push(made);
        }
      }
    }
  };
  fill(1, places.length, false);
  return segments;
}
