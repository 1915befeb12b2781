/** Names of a guide that its definition does not have: `fromGuide` would pass them over. */
import type { ElementUse, Definition, Place, SegmentSchema } from './schema.ts';

/** What `fromGuide` reads of a node in an HL loop besides its segments and loops. */
const HIERARCHY_NAMES = ['level', 'id', 'hasChildren', 'parentId'];

/** Path of the first name that the definition does not know, e.g. `lines/0/PO1/quantitee`; undefined when it knows all. */
export function unknownName(body: unknown, definition: Definition): string | undefined {
  const { places } = definition;
  return inNodes(body, childrenOf(places, 0, places.length), places, '');
}

function childrenOf(places: readonly Place[], from: number, to: number): Map<string, Place> {
  const children = new Map<string, Place>();
  for (let at = from + 1; at < to; at = (places[at] as Place).end) {
    const place = places[at] as Place;
    children.set(place.name, place);
  }
  return children;
}

function inNodes(
  value: unknown,
  names: ReadonlyMap<string, Place>,
  places: readonly Place[],
  path: string,
): string | undefined {
  for (const [node, at] of nodesOf(value, path)) {
    for (const [name, member] of Object.entries(node)) {
      const place = names.get(name);
      const inside = `${at}${name}`;
      const found = place === undefined ? inside : inPlace(member, place, places, inside);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function inPlace(value: unknown, place: Place, places: readonly Place[], path: string): string | undefined {
  if (place.segment !== undefined && place.kind !== 'loop') return inSegment(value, place.segment, path);
  const names = childrenOf(places, place.index, place.end);
  if (place.id === 'HL' && place.parent === 0) return inHierarchy(value, names, places, path);
  return inNodes(value, names, places, `${path}/`);
}

function inHierarchy(
  value: unknown,
  names: ReadonlyMap<string, Place>,
  places: readonly Place[],
  path: string,
): string | undefined {
  for (const [node, at] of nodesOf(value, `${path}/`)) {
    const rest = Object.fromEntries(Object.entries(node).filter(([name]) => !HIERARCHY_NAMES.includes(name)));
    const { children, ...own } = rest;
    const found = inNodes(own, names, places, at) ?? inHierarchy(children ?? [], names, places, `${at}children`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inSegment(value: unknown, schema: SegmentSchema, path: string): string | undefined {
  const single = new Map<string, ElementUse>();
  const groups = new Map<string, Map<string, ElementUse>>();
  for (const use of schema.uses) {
    if (use.group === undefined) single.set(use.name, use);
    else groups.set(use.group.name, (groups.get(use.group.name) ?? new Map<string, ElementUse>()).set(use.name, use));
  }
  for (const [node, at] of nodesOf(value, `${path}/`)) {
    for (const [name, member] of Object.entries(node)) {
      const group = groups.get(name);
      const use = single.get(name);
      const inside = `${at}${name}`;
      if (group === undefined && use === undefined) return inside;
      const found = group === undefined ? inElement(member, use as ElementUse, inside) : inGroup(member, group, inside);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function inGroup(value: unknown, uses: ReadonlyMap<string, ElementUse>, path: string): string | undefined {
  for (const [node, at] of nodesOf(value, `${path}/`)) {
    for (const [name, member] of Object.entries(node)) {
      const use = uses.get(name);
      const found = use === undefined ? `${at}${name}` : inElement(member, use, `${at}${name}`);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function inElement(value: unknown, use: ElementUse, path: string): string | undefined {
  if (use.composite === undefined) return undefined;
  const names = new Set(use.composite.components.map(({ name }) => name));
  for (const [node, at] of nodesOf(value, `${path}/`))
    for (const name of Object.keys(node)) if (!names.has(name)) return `${at}${name}`;
  return undefined;
}

/** The objects of a value, each with the path before its names: one, or several in an array. */
function nodesOf(value: unknown, path: string): [object, string][] {
  if (Array.isArray(value))
    return value.flatMap((member, index): [object, string][] => (isNode(member) ? [[member, `${path}${index}/`]] : []));
  return isNode(value) ? [[value, path]] : [];
}

const isNode = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
