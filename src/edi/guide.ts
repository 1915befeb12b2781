/**
 * Guide JSON: a document by the names of its definition. `toGuide` and `fromGuide` are each other's inverse for documents
 * that follow their definition; segments without a place are listed under `unplaced`.
 */
import { type EdiDocument, type ElementValue, type Segment, toSegment } from './document.ts';
import { Matcher, OVER_LOOP_MAX, OVER_SEGMENT_MAX, PLACED } from './matcher.ts';
import type { CompositeSchema, Definition, ElementUse, Place, SegmentSchema } from './schema.ts';
import { EdiWriteError } from './write-error.ts';
import { fromFormattedDate, fromTyped, toFormattedDate, toTyped } from './typed-value.ts';

export type GuideValue = string | GuideNode | GuideValue[];

/** Segments under their ids, loops and groups of elements under their names. */
export interface GuideNode {
  [key: string]: GuideValue;
}

export interface Guide {
  standard: 'x12' | 'edifact';
  /** Version of the definition, e.g. `004010`. */
  version: string;
  type: string;
  control: string;
  body: GuideNode;
  /** Segments that have no place in the definition, in lossless form. */
  unplaced?: Segment[];
}

/** Guides come from outside too: a number is taken as its text, anything else in place of text is refused. */
function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new EdiWriteError('FIELD_INVALID', name, 'the guide holds no text here');
}

/** Keys are the definitions' own, never the document's, so a plain object is safe (and much faster than one without prototype). */
function emptyNode(): GuideNode {
  return {};
}

function compositeToGuide(value: string | string[], composite: CompositeSchema): GuideNode {
  const components = typeof value === 'string' ? [value] : value;
  const node = emptyNode();
  composite.components.forEach((use, at) => {
    const text = components[at] ?? '';
    if (text !== '') node[use.name] = toTyped(text, use.element);
  });
  if (composite.ref === 'C507' && components[1] !== undefined)
    node[composite.components[1]?.name ?? ''] = toFormattedDate(components[1], components[2] ?? '');
  return node;
}

function isEmpty(value: ElementValue): boolean {
  if (typeof value === 'string') return value.trim() === '';
  if (Array.isArray(value)) return value.every((part) => part.trim() === '');
  return value.repeats.every((part) => isEmpty(part));
}

function oneToGuide(value: string | string[], use: ElementUse): GuideValue {
  if (use.composite !== undefined) return compositeToGuide(value, use.composite);
  const text = typeof value === 'string' ? value : (value[0] ?? '');
  return use.element === undefined ? text : toTyped(text, use.element);
}

function elementToGuide(value: ElementValue, use: ElementUse): GuideValue {
  if (typeof value !== 'string' && !Array.isArray(value)) return value.repeats.map((part) => oneToGuide(part, use));
  return use.repeat > 1 ? [oneToGuide(value, use)] : oneToGuide(value, use);
}

/** One segment by the names of its schema. */
function segmentToGuide(segment: Segment, schema: SegmentSchema): GuideNode {
  const node = emptyNode();
  const groups = new Map<string, GuideNode[]>();
  schema.uses.forEach((use, at) => {
    const value = segment.elements[at];
    if (value === undefined || isEmpty(value)) return;
    const guide = elementToGuide(value, use);
    if (use.group === undefined) {
      node[use.name] = guide;
      return;
    }
    let sets = groups.get(use.group.name);
    if (sets === undefined) {
      sets = [];
      groups.set(use.group.name, sets);
    }
    const set = sets[use.group.index] ?? emptyNode();
    sets[use.group.index] = set;
    set[use.name] = guide;
  });
  for (const [name, sets] of groups) node[name] = sets.filter((set) => set !== undefined);
  return node;
}

function append(node: GuideNode, place: Place, value: GuideNode): void {
  const present = node[place.name];
  if (present === undefined) node[place.name] = place.max > 1 ? [value] : value;
  else if (Array.isArray(present)) present.push(value);
  else node[place.name] = [present, value];
}

/** A document by the names of its definition. Undefined when it has none, or its bytes were not kept. */
export function toGuide(document: EdiDocument, definition = document.definition): Guide | undefined {
  if (definition === undefined || document.bytes === undefined) return undefined;
  const matcher = new Matcher();
  matcher.begin(definition);
  const { places } = definition;
  const body = emptyNode();
  /** The open node of each loop, by place index. */
  const open = new Map<number, GuideNode>([[0, body]]);
  const unplaced: Segment[] = [];
  for (const view of document.views()) {
    const outcome = matcher.take(view);
    if (outcome !== PLACED && outcome !== OVER_LOOP_MAX && outcome !== OVER_SEGMENT_MAX) {
      unplaced.push(toSegment(view));
      continue;
    }
    const place = places[matcher.at] as Place;
    if (matcher.entered >= 0) {
      const loop = places[matcher.entered] as Place;
      const node = emptyNode();
      append(open.get(loop.parent) as GuideNode, loop, node);
      open.set(loop.index, node);
    }
    if (isEnvelope(place)) continue;
    const node = segmentToGuide(toSegment(view), place.segment as SegmentSchema);
    append(open.get(place.parent) as GuideNode, place, node);
  }
  nestHierarchy(definition, body);
  const { standard, version, type } = definition;
  const guide: Guide = { standard, version, type, control: document.control, body };
  if (unplaced.length > 0) guide.unplaced = unplaced;
  return guide;
}

function isEnvelope(place: Place): boolean {
  return place.parent === 0 && ['ST', 'SE', 'UNH', 'UNT'].includes(place.id);
}

/** Place of the HL loop, if the definition has one. */
function hierarchyPlace(definition: Definition): Place | undefined {
  return definition.places.find((place) => place.kind === 'loop' && place.id === 'HL' && place.parent === 0);
}

/** A sender may repeat HL01 where nothing may be repeated; then it names no level. */
function hierarchyId(value: GuideValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Turn the flat list of HL loops into a tree by HL02, whatever their order. */
function nestHierarchy(definition: Definition, body: GuideNode): void {
  const place = hierarchyPlace(definition);
  const flat = place === undefined ? undefined : body[place.name];
  if (place === undefined || !Array.isArray(flat)) return;
  const byId = new Map<string, GuideNode>();
  const roots: GuideNode[] = [];
  for (const loop of flat as GuideNode[]) {
    const { HL, ...rest } = loop;
    const hl = (HL ?? emptyNode()) as GuideNode;
    const node: GuideNode = Object.assign(emptyNode(), { level: hl.level ?? '', id: hl.id ?? '' });
    if (hl.hasChildren !== undefined) node.hasChildren = hl.hasChildren;
    Object.assign(node, rest);
    const parent = byId.get(hierarchyId(hl.parentId));
    if (parent === undefined) {
      if (hl.parentId !== undefined) node.parentId = hl.parentId;
      roots.push(node);
    } else {
      parent.children ??= [];
      (parent.children as GuideNode[]).push(node);
    }
    const id = hierarchyId(hl.id);
    if (id !== '' && !byId.has(id)) byId.set(id, node);
  }
  body[place.name] = roots;
}

/** The tree as the flat list of loops that goes on the wire; ids are counted up where any is missing. */
function flattenHierarchy(roots: GuideValue[]): GuideNode[] {
  const flat: { node: GuideNode; parent: GuideNode | undefined }[] = [];
  const visit = (nodes: GuideValue[], parent: GuideNode | undefined) => {
    for (const value of nodes) {
      const node = value as GuideNode;
      flat.push({ node, parent });
      if (Array.isArray(node.children)) visit(node.children, node);
    }
  };
  visit(roots, undefined);
  const numbered = flat.every(({ node }) => typeof node.id === 'string' && node.id !== '');
  const ids = new Map<GuideNode, string>();
  flat.forEach(({ node }, at) => {
    ids.set(node, numbered ? textOf(node.id, 'HL01') : String(at + 1));
  });
  return flat.map(({ node, parent }) => {
    const { level, id: _id, hasChildren, parentId, children: _children, ...rest } = node;
    const HL = emptyNode();
    HL.id = ids.get(node) as string;
    const above = parent === undefined ? parentId : ids.get(parent);
    if (above !== undefined) HL.parentId = above;
    if (level !== undefined) HL.level = level;
    if (hasChildren !== undefined) HL.hasChildren = hasChildren;
    return Object.assign(emptyNode(), { HL }, rest);
  });
}

function compositeFromGuide(node: GuideNode, composite: CompositeSchema): string[] {
  const components = composite.components.map((use) => {
    const value = node[use.name];
    return value === undefined ? '' : fromTyped(textOf(value, use.name), use.element);
  });
  if (composite.ref === 'C507' && components[1] !== undefined) components[1] = fromFormattedDate(components[1]);
  while (components.length > 0 && components.at(-1) === '') components.pop();
  return components;
}

function oneFromGuide(value: GuideValue, use: ElementUse): string | string[] {
  if (use.composite !== undefined) {
    if (typeof value === 'string') return value;
    const components = compositeFromGuide(value as GuideNode, use.composite);
    return components.length <= 1 ? (components[0] ?? '') : components;
  }
  const text = textOf(value, use.name);
  return use.element === undefined ? text : fromTyped(text, use.element);
}

/** One segment on the wire, trailing empty elements stripped. */
function segmentFromGuide(node: GuideNode, schema: SegmentSchema): Segment {
  const elements: ElementValue[] = schema.uses.map((use) => {
    let value: GuideValue | undefined;
    if (use.group === undefined) value = node[use.name];
    else {
      const sets = node[use.group.name];
      value = Array.isArray(sets) ? (sets[use.group.index] as GuideNode | undefined)?.[use.name] : undefined;
    }
    if (value === undefined || value === null) return '';
    if (Array.isArray(value)) {
      const repeats = value.map((part) => oneFromGuide(part, use));
      return repeats.length === 1 ? (repeats[0] as string | string[]) : { repeats };
    }
    return oneFromGuide(value, use);
  });
  while (elements.length > 0 && isEmpty(elements.at(-1) as ElementValue)) elements.pop();
  return { id: schema.id, elements };
}

function list(value: GuideValue | undefined): GuideNode[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]) as GuideNode[];
}

/** A guide as segments in the order of its definition, header and trailer left out. */
export function fromGuide(guide: Pick<Guide, 'body'>, definition: Definition): Segment[] {
  const { places } = definition;
  const segments: Segment[] = [];
  const hierarchy = hierarchyPlace(definition);
  const walk = (node: GuideNode, from: number, to: number) => {
    for (let at = from; at < to; at = (places[at] as Place).end) {
      const place = places[at] as Place;
      let values = list(node[place.name]);
      if (place === hierarchy) values = flattenHierarchy(values);
      if (isEnvelope(place)) continue;
      for (const value of values) {
        if (place.kind === 'loop') walk(value, place.index + 1, place.end);
        else segments.push(segmentFromGuide(value, place.segment as SegmentSchema));
      }
    }
  };
  walk(guide.body, 1, places.length);
  return segments;
}
