/**
 * A partner's guide as data: rows that narrow a standard definition. They can require or forbid segments, loops and elements,
 * lower maxima and lengths, and list the codes or qualifiers that the partner takes. They cannot widen: what the base refuses
 * stays refused.
 */
import { lookOf, makeCodes, makeDefinition, makeSegment } from './definition-language.ts';
import type { Definition, ElementUse, Place } from './schema.ts';

export interface NarrowingRow {
  /**
   * Place by names of loops and ids of segments, `/` between them, `.` before an element position:
   * `BEG.04` · `lines/PO1` · `lines` · `lines/PO1.03`.
   */
  path: string;
  use?: 'required' | 'optional' | 'unused';
  /** Most occurrences of a segment or loop. */
  max?: number;
  /** In characters. */
  minLength?: number;
  /** In characters. */
  maxLength?: number;
  /** The only codes taken. */
  codes?: string[];
  /** For the person who reads the guide. */
  note?: string;
}

export interface Narrowing {
  id: string;
  standard: Definition['standard'];
  version: string;
  type: string;
  rows: NarrowingRow[];
}

/** A row that does not fit the definition. */
export class NarrowingError extends Error {
  readonly path: string;
  /** Which row, counted from 0. */
  readonly row: number;

  constructor(row: number, path: string, message: string) {
    super(`${path}: ${message}`);
    this.name = 'NarrowingError';
    this.path = path;
    this.row = row;
  }
}

/** Why a row cannot be, in words for whoever wrote it. */
class RowFault extends Error {}

function findPlace(places: readonly Place[], path: string): Place {
  let parent = places[0] as Place;
  for (const name of path.split('/')) {
    let found: Place | undefined;
    for (let at = parent.index + 1; at < parent.end; at = (places[at] as Place).end) {
      const place = places[at] as Place;
      if (place.name === name) found = place;
    }
    if (found === undefined) throw new RowFault(`there is no "${name}" here`);
    parent = found;
  }
  return parent;
}

function narrowPlace(place: Place, row: NarrowingRow): void {
  if (row.minLength !== undefined || row.maxLength !== undefined || row.codes !== undefined)
    throw new RowFault('lengths and codes belong to an element, as in BEG.02');
  if (row.use === 'required') place.min = Math.max(place.min, 1);
  if (row.use === 'unused') {
    if (place.min > 0) throw new RowFault('is mandatory in the standard');
    place.max = 0;
  }
  if (row.max !== undefined) {
    if (row.max > place.max) throw new RowFault('a guide cannot raise a maximum');
    if (row.max < place.min) throw new RowFault('is mandatory, so its maximum cannot be 0');
    place.max = row.max;
  }
  if (row.note !== undefined) place.note = row.note;
}

function narrowElement(use: ElementUse, row: NarrowingRow): ElementUse {
  if (row.max !== undefined) throw new RowFault('a maximum of occurrences belongs to a segment or loop');
  const narrowed: ElementUse = { ...use };
  if (row.use === 'required') narrowed.required = true;
  if (row.use === 'unused') {
    if (use.required) throw new RowFault('is mandatory in the standard');
    narrowed.unused = true;
  }
  if (use.element === undefined) {
    if (row.minLength !== undefined || row.maxLength !== undefined || row.codes !== undefined)
      throw new RowFault('is a composite: it can be required or unused, its components cannot be narrowed');
    return narrowed;
  }
  const element = { ...use.element };
  if (row.minLength !== undefined) element.min = Math.max(element.min, row.minLength);
  if (row.maxLength !== undefined) element.max = Math.min(element.max, row.maxLength);
  if (element.min > element.max)
    throw new RowFault(`no value is at least ${element.min} and at most ${element.max} long`);
  if (row.codes !== undefined) {
    const base = use.element.codes;
    const unknown = base?.closed === true ? row.codes.filter((code) => !base.labels.has(code)) : [];
    if (unknown.length > 0) throw new RowFault(`the standard has no code ${unknown.join(', ')} here`);
    const labels = new Map(row.codes.map((code) => [code, base?.labels.get(code) ?? '']));
    element.codes = makeCodes(labels, true);
    element.look = lookOf(element.type, true);
  }
  narrowed.element = element;
  return narrowed;
}

function narrowRow(places: readonly Place[], row: NarrowingRow): void {
  const [path = '', position] = row.path.split('.');
  const place = findPlace(places, path);
  if (position === undefined) {
    narrowPlace(place, row);
    return;
  }
  const { segment } = place;
  const at = Number(position) - 1;
  const use = segment?.uses[at];
  if (segment === undefined || use === undefined) throw new RowFault('there is no such element');
  const uses = [...segment.uses];
  uses[at] = narrowElement(use, row);
  place.segment = makeSegment(segment.id, segment.label, uses, segment.conditions);
}

/** Narrows copies of the definition's places; a row that does not fit leaves them as they were. */
function narrowPlaces(
  definition: Definition,
  rows: readonly NarrowingRow[],
): { places: Place[]; problems: NarrowingError[] } {
  const places = definition.places.map((place) => ({ ...place }));
  const problems: NarrowingError[] = [];
  for (const [index, row] of rows.entries()) {
    try {
      narrowRow(places, row);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      problems.push(new NarrowingError(index, row.path, error.message));
    }
  }
  return { places, problems };
}

/** Every row that does not fit the definition, in their order. */
export function findNarrowingProblems(definition: Definition, rows: readonly NarrowingRow[]): NarrowingError[] {
  return narrowPlaces(definition, rows).problems;
}

/**
 * A definition narrowed by a partner's guide. The base is left as it is.
 * @throws NarrowingError for the first row that does not fit
 */
export function narrowDefinition(definition: Definition, narrowing: Narrowing): Definition {
  const { places, problems } = narrowPlaces(definition, narrowing.rows);
  if (problems[0] !== undefined) throw problems[0];
  const { dictionary, ...about } = definition;
  const narrowed = makeDefinition(about, places, dictionary);
  narrowed.narrowedBy = narrowing.id;
  return narrowed;
}
