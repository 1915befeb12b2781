/**
 * Partner guides: an overlay narrows a base definition. It can require or forbid segments, loops and elements, lower
 * maxima and lengths, and list the codes or qualifiers that the partner takes. It cannot widen: what the base refuses stays refused.
 */
import { lookOf, makeCodes, makeDefinition, makeSegment } from './definition-language.ts';
import type { Definition, ElementUse, Place } from './schema.ts';

export interface OverlayRow {
  /**
   * Place by names of loops and ids of segments, `/` between them, `.` before an element position:
   * `BEG.04` · `lines/PO1` · `lines` · `lines/PO1.03`.
   */
  path: string;
  use?: 'required' | 'optional' | 'unused';
  /** Most occurrences of a segment or loop. */
  max?: number;
  minLength?: number;
  maxLength?: number;
  /** The only codes taken. */
  codes?: string[];
  /** For the person who reads the guide. */
  note?: string;
}

export interface Overlay {
  id: string;
  standard: Definition['standard'];
  version: string;
  type: string;
  rows: OverlayRow[];
}

export class OverlayError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.name = 'OverlayError';
    this.path = path;
  }
}

function findPlace(places: readonly Place[], path: string): Place {
  let parent = places[0] as Place;
  for (const name of path.split('/')) {
    let found: Place | undefined;
    for (let at = parent.index + 1; at < parent.end; at = (places[at] as Place).end) {
      const place = places[at] as Place;
      if (place.name === name) found = place;
    }
    if (found === undefined) throw new OverlayError(path, `there is no "${name}" here`);
    parent = found;
  }
  return parent;
}

function narrowPlace(place: Place, row: OverlayRow): void {
  if (row.use === 'required') place.min = Math.max(place.min, 1);
  if (row.use === 'unused') {
    if (place.min > 0) throw new OverlayError(row.path, 'is mandatory in the standard');
    place.max = 0;
  }
  if (row.max !== undefined) {
    if (row.max > place.max) throw new OverlayError(row.path, 'an overlay cannot raise a maximum');
    place.max = row.max;
  }
  if (row.note !== undefined) place.note = row.note;
}

function narrowElement(use: ElementUse, row: OverlayRow): ElementUse {
  const narrowed: ElementUse = { ...use };
  if (row.use === 'required') narrowed.required = true;
  if (row.use === 'unused') {
    if (use.required) throw new OverlayError(row.path, 'is mandatory in the standard');
    narrowed.unused = true;
  }
  if (use.element === undefined) return narrowed;
  const element = { ...use.element };
  if (row.minLength !== undefined) element.min = Math.max(element.min, row.minLength);
  if (row.maxLength !== undefined) element.max = Math.min(element.max, row.maxLength);
  if (row.codes !== undefined) {
    const labels = new Map(row.codes.map((code) => [code, use.element?.codes?.labels.get(code) ?? '']));
    element.codes = makeCodes(labels, true);
    element.look = lookOf(element.type, true);
  }
  narrowed.element = element;
  return narrowed;
}

/** A definition narrowed by a partner's guide. The base is left as it is. Throws `OverlayError` on a row that does not fit. */
export function applyOverlay(definition: Definition, overlay: Overlay): Definition {
  const places = definition.places.map((place) => ({ ...place }));
  for (const row of overlay.rows) {
    const [path = '', position] = row.path.split('.');
    const place = findPlace(places, path);
    if (position === undefined) {
      narrowPlace(place, row);
      continue;
    }
    const { segment } = place;
    const at = Number(position) - 1;
    const use = segment?.uses[at];
    if (segment === undefined || use === undefined) throw new OverlayError(row.path, 'there is no such element');
    const uses = [...segment.uses];
    uses[at] = narrowElement(use, row);
    place.segment = makeSegment(segment.id, segment.label, uses, segment.conditions);
  }
  const { dictionary, ...about } = definition;
  const narrowed = makeDefinition(about, places, dictionary);
  narrowed.overlay = overlay.id;
  return narrowed;
}
