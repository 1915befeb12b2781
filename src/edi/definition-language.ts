/**
 * The notation in which definitions are written, and the compiler from it to `schema.ts`.
 *
 * Elements, one per line:      `353 ID 2/2 purpose Purpose of the set`
 * Code lists, one per line:    `353 closed 00=Original 01=Cancellation` (`open` when the standard's list is longer)
 * Composites:                  `C001 unit | 355! 1018 649`
 * Segments:                    `BEG Start of a purchase order | 353! 92! 324! 328:release 373! | P0304`
 *   `!` required · `:name` key in guide JSON · `xN` repeats · `(235:qualifier 234:id)*10:ids` sets of elements that are one
 *   array in guide JSON, each set complete or absent (`)!*10` when the first set is required).
 *   Conditions after the second bar in X12's notation: P paired, R at least one, E at most one, C if first then all, L if
 *   first then at least one.
 * Structures, by indentation:  `BEG 1` / `REF *` / `N1> ?200 parties` with the loop's segments indented below.
 *   `1` exactly once · `?` optional · `?3` up to three · `+` one or more · `+9` · `*` any number.
 */
import type { Dictionary } from './dictionary.ts';
import { CLASSES, DIGIT, packKey, SPACE } from './segment-view.ts';
import {
  type CodeList,
  type CompositeSchema,
  type Condition,
  type Definition,
  type ElementSchema,
  type ElementUse,
  LIMITS_EACH,
  type Place,
  type SegmentSchema,
  TYPE_A,
  TYPE_AN,
  TYPE_B,
  TYPE_DT,
  TYPE_ID,
  TYPE_N,
  TYPE_NUM,
  TYPE_R,
  TYPE_TM,
  UNBOUNDED,
} from './schema.ts';

export interface DictionaryText {
  elements: string;
  codes: string;
  composites: string;
  segments: string;
}

const TYPES: Record<string, number> = {
  AN: TYPE_AN,
  ID: TYPE_ID,
  R: TYPE_R,
  DT: TYPE_DT,
  TM: TYPE_TM,
  B: TYPE_B,
  a: TYPE_A,
  an: TYPE_AN,
  n: TYPE_NUM,
  id: TYPE_ID,
};

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+$/, ''))
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
}

export function invalid(what: string): never {
  throw new Error(`EDI definition: ${what}`);
}

export function parseElement(line: string): ElementSchema {
  const [ref, type, size, name, ...label] = line.trim().split(/\s+/);
  const [min, max] = (size ?? '').split('/').map(Number);
  if (ref === undefined || type === undefined || min === undefined || max === undefined || name === undefined)
    return invalid(`element line "${line}"`);
  const implied = /^N(\d)?$/.exec(type);
  const code = implied === null ? TYPES[type] : TYPE_N;
  if (code === undefined) return invalid(`element type "${type}" in "${line}"`);
  const decimals = implied === null ? 0 : Number(implied[1] ?? 0);
  return {
    ref,
    type: code,
    decimals,
    min,
    max,
    name,
    label: label.join(' '),
    codes: undefined,
    look: lookOf(code, false),
  };
}

/** Character classes that make a value of a type need a closer look. */
export function lookOf(type: number, closedCodes: boolean): number {
  if (closedCodes || type === TYPE_DT || type === TYPE_TM || type === TYPE_B) return CLASSES;
  if (type === TYPE_AN) return 0;
  if (type === TYPE_ID) return SPACE;
  return CLASSES & ~DIGIT;
}

export function parseCodes(line: string): CodeList {
  const match = /^(\S+) (open|closed) (.*)$/.exec(line.trim());
  if (match === null) return invalid(`code line "${line}"`);
  const labels = new Map<string, string>();
  for (const part of (match[3] as string).split(/\s+(?=[A-Z0-9]+=)/)) {
    const at = part.indexOf('=');
    if (at < 0) for (const code of part.split(/\s+/)) labels.set(code, '');
    else labels.set(part.slice(0, at), part.slice(at + 1));
  }
  return makeCodes(labels, match[2] === 'closed');
}

export function makeCodes(labels: Map<string, string>, closed: boolean): CodeList {
  const packed = new Set<number>();
  for (const code of labels.keys()) packed.add(packKey(code));
  return { closed, packed, labels };
}

interface UseText {
  ref: string;
  required: boolean;
  repeat: number;
  name?: string;
}

function parseUse(text: string): UseText {
  const match = /^([A-Z]?\d+)(!)?(?:x(\d+))?(?::(\w+))?$/.exec(text);
  if (match === null) return invalid(`element use "${text}"`);
  const use: UseText = { ref: match[1] as string, required: match[2] === '!', repeat: Number(match[3] ?? 1) };
  if (match[4] !== undefined) use.name = match[4];
  return use;
}

function elementUse(dictionary: Dictionary, text: string): ElementUse {
  const { ref, required, repeat, name } = parseUse(text);
  const element = dictionary.element(ref);
  const composite = element === undefined ? dictionary.composite(ref) : undefined;
  const fallback = element?.name ?? composite?.name ?? invalid(`unknown element ${ref}`);
  return { element, composite, required, repeat, unused: false, name: name ?? fallback, group: undefined };
}

export function condition(kind: Condition['kind'], positions: number[]): Condition {
  const bits = positions.map((position) => 1 << (position - 1));
  const all = bits.reduce((sum, bit) => sum | bit, 0);
  const first = bits[0] ?? 0;
  const freeOfNone = kind !== 'R' && kind !== 'ONE';
  const freeOfAll = kind === 'P' || kind === 'R' || kind === 'C' || kind === 'L';
  return { kind, positions, first, rest: all & ~first, all, freeOfNone, freeOfAll };
}

function parseConditions(text: string): Condition[] {
  return text
    .split(/\s+/)
    .filter((part) => part !== '')
    .map((part) => {
      const positions = (part.slice(1).match(/\d\d/g) ?? []).map(Number);
      if (!/^[PRECL](\d\d)+$/.test(part)) return invalid(`condition "${part}"`);
      return condition(part[0] as Condition['kind'], positions);
    });
}

/** Split the uses of a segment, keeping `( … )*N:name` together. */
function tokens(text: string): string[] {
  return text.match(/\([^)]*\)!?\*\d+:\w+|\S+/g) ?? [];
}

function expandGroup(dictionary: Dictionary, token: string, uses: ElementUse[], conditions: Condition[]): void {
  const match = /^\(([^)]*)\)(!)?\*(\d+):(\w+)$/.exec(token);
  if (match === null) return invalid(`group "${token}"`);
  const parts = (match[1] as string).split(/\s+/);
  for (let index = 0; index < Number(match[3]); index++) {
    const positions: number[] = [];
    for (const part of parts) {
      const use = elementUse(dictionary, part);
      use.required = index === 0 && match[2] === '!';
      use.group = { name: match[4] as string, index };
      uses.push(use);
      positions.push(uses.length);
    }
    if (positions.length > 1) conditions.push(condition('P', positions));
  }
}

/** Give what shares a name with its siblings a number: `reference`, `reference2`; of places `N1`, `N1_2`. */
export function nameApart(named: { name: string; group?: unknown }[], mark = ''): void {
  const seen = new Map<string, number>();
  for (const one of named) {
    if (one.group !== undefined) continue;
    const count = (seen.get(one.name) ?? 0) + 1;
    seen.set(one.name, count);
    if (count > 1) one.name += `${mark}${count}`;
  }
}

/** The limits of plain elements, flat; any value of another kind of element is looked at more closely. */
function limitsOf(uses: readonly ElementUse[]): Int32Array {
  const limits = new Int32Array(uses.length * LIMITS_EACH);
  uses.forEach(({ element, unused }, index) => {
    if (element === undefined || unused) limits.set([CLASSES, 1, 0], index * LIMITS_EACH);
    else limits.set([element.look, element.min, element.max], index * LIMITS_EACH);
  });
  return limits;
}

export function makeSegment(id: string, label: string, uses: ElementUse[], conditions: Condition[]): SegmentSchema {
  let requiredMask = 0;
  uses.forEach((use, at) => {
    if (use.required && at < 32) requiredMask |= 1 << at;
  });
  return { id, key: packKey(id), label, uses, requiredMask, conditions, limits: limitsOf(uses) };
}

export function parseSegment(dictionary: Dictionary, line: string): SegmentSchema {
  const [head, body, tail] = line.split('|').map((part) => part.trim());
  const match = /^(\w+)\s*(.*)$/.exec(head ?? '');
  if (match === null) return invalid(`segment line "${line}"`);
  const uses: ElementUse[] = [];
  const conditions: Condition[] = [];
  for (const token of tokens(body ?? '')) {
    if (token.startsWith('(')) expandGroup(dictionary, token, uses, conditions);
    else uses.push(elementUse(dictionary, token));
  }
  nameApart(uses);
  conditions.push(...parseConditions(tail ?? ''));
  return makeSegment(match[1] as string, match[2] as string, uses, conditions);
}

export function parseComposite(dictionary: Dictionary, line: string): CompositeSchema {
  const [head, body, tail] = line.split('|').map((part) => part.trim());
  const match = /^(\w+)\s+(\w+)\s*(.*)$/.exec(head ?? '');
  if (match === null) return invalid(`composite line "${line}"`);
  const components = (body ?? '')
    .split(/\s+/)
    .filter((part) => part !== '')
    .map((part) => {
      const use = elementUse(dictionary, part);
      if (use.element === undefined) return invalid(`composite within composite "${line}"`);
      return { element: use.element, required: use.required, name: use.name };
    });
  nameApart(components);
  const conditions = parseConditions(tail ?? '');
  let requiredMask = 0;
  components.forEach((use, at) => {
    if (use.required) requiredMask |= 1 << at;
  });
  const [, ref, name, label] = match as unknown as [string, string, string, string];
  return { ref, name, label, components, requiredMask, conditions };
}

function parseOccurrence(text: string): [number, number] {
  const match = /^(\d+|[?+*])(\d*)$/.exec(text);
  if (match === null) return invalid(`occurrence "${text}"`);
  const limit = match[2] === '' ? undefined : Number(match[2]);
  if (match[1] === '?') return [0, limit ?? 1];
  if (match[1] === '+') return [1, limit ?? UNBOUNDED];
  if (match[1] === '*') return [0, UNBOUNDED];
  return [Number(text), Number(text)];
}

/** `N1> ?200 parties` or `REF * references`, optionally `[1=ST,BT]` to admit only those values at that element. */
function parsePlace(dictionary: Dictionary, line: string, index: number): Place {
  const match = /^(\s*)(\w+)(>)?\s+(\S+)(?:\s+(\w+))?(?:\s+\[(\d+)=([^\]]+)\])?$/.exec(line);
  if (match === null) return invalid(`structure line "${line}"`);
  const id = match[2] as string;
  const loop = match[3] === '>';
  const [min, max] = parseOccurrence(match[4] as string);
  const depth = (match[1] as string).length / 2 + 1;
  const place: Place = {
    index,
    kind: loop ? 'loop' : 'segment',
    id,
    key: packKey(id),
    min,
    max,
    parent: 0,
    end: index + 1,
    depth,
    name: match[5] ?? id,
  };
  if (match[6] !== undefined) {
    place.qualifier = { element: Number(match[6]), values: new Set((match[7] as string).split(',')) };
  }
  if (!loop) {
    place.segment = dictionary.segment(id) ?? invalid(`structure names unknown segment ${id}`);
  }
  return place;
}

/** Compile a structure (header and trailer included) into numbered places. */
export function compilePlaces(dictionary: Dictionary, structure: string): Place[] {
  const root: Place = {
    index: 0,
    kind: 'loop',
    id: '',
    key: -1,
    min: 1,
    max: 1,
    parent: -1,
    end: 1,
    depth: 0,
    name: '',
  };
  const places = [root];
  const open: Place[] = [root];
  for (const line of lines(structure)) {
    const place = parsePlace(dictionary, line, places.length);
    while ((open.at(-1) as Place).depth >= place.depth) open.pop();
    const parent = open.at(-1) as Place;
    if (parent.kind !== 'loop' || place.depth !== parent.depth + 1) invalid(`indentation of "${line}"`);
    place.parent = parent.index;
    places.push(place);
    for (const ancestor of open) ancestor.end = places.length;
    if (place.kind === 'loop') open.push(place);
  }
  for (const place of places) if (place.kind === 'loop') numberSiblings(places, place);
  return places;
}

function numberSiblings(places: Place[], loop: Place): void {
  const siblings: Place[] = [];
  for (let at = loop.index + 1; at < loop.end; at = (places[at] as Place).end) siblings.push(places[at] as Place);
  nameApart(siblings, '_');
}

export function makeDefinition(
  about: Pick<
    Definition,
    'standard' | 'version' | 'type' | 'functionalId' | 'label' | 'provenance' | 'checks' | 'knownKeys'
  >,
  places: Place[],
  dictionary: Definition['dictionary'],
): Definition {
  const placesByKey = new Map<number, number[]>();
  for (const place of places) {
    if (place.kind === 'loop') continue;
    const list = placesByKey.get(place.key);
    if (list === undefined) placesByKey.set(place.key, [place.index]);
    else list.push(place.index);
  }
  return { ...about, places, dictionary, placesByKey, transitions: places.map(() => new Map()) };
}
