/**
 * A definition as JSON: the form in which a user brings a licensed or partner-supplied one. Documented in
 * docs/reference/edi/definition-format.md; every problem of a document is found, not only the first.
 */
import { condition, lookOf, makeCodes, makeDefinition, makeSegment, nameApart } from '../definition-language.ts';
import {
  type ComponentUse,
  type CompositeSchema,
  type Condition,
  type Definition,
  type ElementSchema,
  type ElementUse,
  type Place,
  type SegmentSchema,
  type Standard,
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
} from '../schema.ts';
import { packKey } from '../segment-view.ts';
import { CHECK_NAMES } from '../cross-checks.ts';
import { Fields, type Problem } from './fields.ts';

export const FORMAT_VERSION = 1;

export class DefinitionError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ message, path }) => `${path === '' ? '/' : path}: ${message}`).join('\n'));
    this.name = 'DefinitionError';
    this.problems = problems;
  }
}

const LIMITS = {
  elements: 20_000,
  composites: 5000,
  segments: 5000,
  uses: 99,
  places: 20_000,
  depth: 24,
  codes: 20_000,
};
/** Presence is kept in the bits of one integer; what lies beyond can be neither mandatory nor part of a condition. */
const BITS = 32;

const TYPES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    AN: TYPE_AN,
    ID: TYPE_ID,
    R: TYPE_R,
    DT: TYPE_DT,
    TM: TYPE_TM,
    B: TYPE_B,
    a: TYPE_A,
    an: TYPE_AN,
    n: TYPE_NUM,
  }),
);

const KINDS: ReadonlyMap<string, Condition['kind']> = new Map(
  Object.entries({ P: 'P', R: 'R', E: 'E', C: 'C', L: 'L', ONE: 'ONE', NONE: 'NONE' }) as [string, Condition['kind']][],
);

/** A key of guide JSON: nothing that an object has of its own accord. */
function isName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(text) && !(text in Object.prototype);
}

class Compiler {
  readonly elements = new Map<string, ElementSchema>();
  readonly composites = new Map<string, CompositeSchema>();
  readonly segments = new Map<string, SegmentSchema>();
  readonly places: Place[] = [];

  name(fields: Fields, fallback: string): string {
    const name = fields.text('name') ?? fallback;
    if (!isName(name)) fields.problem('name', `"${name}" is no name of letters and digits`);
    return name;
  }

  element(ref: string, fields: Fields): void {
    fields.only('type', 'min', 'max', 'name', 'label', 'codes', 'open');
    const written = fields.text('type') ?? '';
    const implied = /^N([0-9])?$/.exec(written);
    const type = implied === null ? TYPES.get(written) : TYPE_N;
    if (type === undefined)
      fields.problem('type', `"${written}" is none of ${[...TYPES.keys()].join(' ')} and N0 to N9`);
    const min = fields.whole('min', 0, 1_000_000) ?? 0;
    const max = fields.whole('max', 1, 1_000_000_000) ?? 1;
    if (min > max) fields.problem('min', 'is more than max');
    const codes = fields.codes('codes', LIMITS.codes);
    const closed = fields.flag('open') !== true;
    const made = codes === undefined ? undefined : makeCodes(codes, closed);
    this.elements.set(ref, {
      ref,
      type: type ?? TYPE_AN,
      decimals: Number(implied?.[1] ?? 0),
      min,
      max,
      name: this.name(fields, `e${ref.replace(/\W/g, '')}`),
      label: fields.text('label') ?? '',
      codes: made,
      look: lookOf(type ?? TYPE_AN, made?.closed === true),
    });
  }

  conditions(fields: Fields, positions: number): Condition[] {
    const made: Condition[] = [];
    fields.texts('conditions').forEach((text, at) => {
      const match = /^(P|R|E|C|L|ONE|NONE)((?:\d\d){2,})$/.exec(text);
      const list = (match?.[2]?.match(/\d\d/g) ?? []).map(Number);
      const kind = KINDS.get(match?.[1] ?? '');
      if (kind === undefined) fields.problem(`conditions/${at}`, `"${text}" is no condition such as P0304`);
      else if (list.some((position) => position < 1 || position > Math.min(positions, BITS)))
        fields.problem(`conditions/${at}`, `"${text}" names a position that there is not, or beyond ${BITS}`);
      else if (new Set(list).size !== list.length)
        fields.problem(`conditions/${at}`, `"${text}" names a position twice`);
      else made.push(condition(kind, list));
    });
    return made;
  }

  composite(ref: string, fields: Fields): void {
    fields.only('name', 'label', 'components', 'conditions');
    const components: ComponentUse[] = [];
    for (const use of fields.list('components', LIMITS.uses)) {
      use.only('element', 'required', 'name');
      const element = this.elements.get(use.text('element') ?? '');
      if (element === undefined) use.problem('element', `there is no element "${use.text('element') ?? ''}"`);
      else components.push({ element, required: use.flag('required') === true, name: this.name(use, element.name) });
    }
    nameApart(components);
    let requiredMask = 0;
    components.forEach(({ required }, at) => {
      if (required && at < BITS) requiredMask |= 1 << at;
    });
    const name = this.name(fields, `c${ref.replace(/\W/g, '')}`);
    const conditions = this.conditions(fields, components.length);
    this.composites.set(ref, { ref, name, label: fields.text('label') ?? '', components, requiredMask, conditions });
  }

  private use(fields: Fields, at: number): ElementUse {
    fields.only('element', 'composite', 'required', 'repeat', 'name', 'unused');
    const [elementRef, compositeRef] = [fields.text('element'), fields.text('composite')];
    const element = elementRef === undefined ? undefined : this.elements.get(elementRef);
    const composite = compositeRef === undefined ? undefined : this.composites.get(compositeRef);
    if ((elementRef === undefined) === (compositeRef === undefined))
      fields.problem('', 'names neither an element nor a composite, or both');
    else if (element === undefined && composite === undefined)
      fields.problem(
        '',
        `there is no ${elementRef === undefined ? `composite "${compositeRef}"` : `element "${elementRef}"`}`,
      );
    const required = fields.flag('required') === true;
    if (required && at >= BITS) fields.problem('required', `no element beyond the ${BITS}nd can be mandatory`);
    const unused = fields.flag('unused') === true;
    if (required && unused) fields.problem('unused', 'is mandatory too');
    return {
      element,
      composite,
      required,
      repeat: fields.whole('repeat', 1, 1_000_000) ?? 1,
      unused,
      name: this.name(fields, element?.name ?? composite?.name ?? 'e'),
      group: undefined,
    };
  }

  segment(id: string, fields: Fields): void {
    fields.only('label', 'elements', 'conditions');
    if (!/^[A-Z][A-Z0-9]{1,2}$/.test(id)) fields.problem('', `"${id}" is no segment id`);
    const uses = fields.list('elements', LIMITS.uses).map((use, at) => this.use(use, at));
    if (uses.length === 0) fields.problem('elements', 'is empty');
    nameApart(uses);
    const conditions = this.conditions(fields, uses.length);
    this.segments.set(id, makeSegment(id, fields.text('label') ?? '', uses, conditions));
  }

  private occurrence(fields: Fields): [number, number] {
    const min = fields.whole('min', 0, 1_000_000) ?? 0;
    const max = fields.isNull('max') ? UNBOUNDED : (fields.whole('max', 1, 1_000_000_000) ?? Math.max(1, min));
    if (min > max) fields.problem('min', 'is more than max');
    return [min, max];
  }

  place(fields: Fields, parent: Place): void {
    fields.only('segment', 'loop', 'name', 'min', 'max', 'content', 'qualifier', 'codes');
    if (this.places.length >= LIMITS.places || parent.depth >= LIMITS.depth) {
      if (this.places.length === LIMITS.places || parent.depth === LIMITS.depth)
        fields.problem('', 'the structure is too large or too deep');
      return;
    }
    const loop = fields.text('loop');
    const id = loop ?? fields.text('segment') ?? '';
    if ((loop === undefined) === (fields.text('segment') === undefined))
      fields.problem('', 'names neither a segment nor a loop, or both');
    const [min, max] = this.occurrence(fields);
    const index = this.places.length;
    const name = this.name(fields, id);
    const depth = parent.depth + 1;
    const kind = loop === undefined ? 'segment' : 'loop';
    const place: Place = {
      index,
      kind,
      id,
      key: packKey(id),
      min,
      max,
      parent: parent.index,
      end: index + 1,
      depth,
      name,
    };
    this.places.push(place);
    if (loop === undefined) this.segmentPlace(place, fields);
    else this.loopPlace(place, fields);
    place.end = this.places.length;
  }

  private segmentPlace(place: Place, fields: Fields): void {
    const segment = this.segments.get(place.id);
    if (segment === undefined) fields.problem('segment', `there is no segment "${place.id}"`);
    else place.segment = segment;
    if (fields.has('qualifier') || fields.has('codes')) place.qualifier = this.qualifier(fields, segment);
    if (fields.has('content')) fields.problem('content', 'belongs to loops only');
  }

  /** What tells a segment from another of the same id in the same place. */
  private qualifier(fields: Fields, segment: SegmentSchema | undefined): NonNullable<Place['qualifier']> {
    const element = fields.whole('qualifier', 1, LIMITS.uses) ?? 0;
    const values = new Set(fields.texts('codes'));
    if (segment !== undefined && segment.uses[element - 1]?.element === undefined)
      fields.problem('qualifier', `${segment.id} has no plain element ${element}`);
    if (values.size === 0) fields.problem('codes', 'is empty');
    return { element, values };
  }

  private loopPlace(place: Place, fields: Fields): void {
    if (fields.has('qualifier') || fields.has('codes'))
      fields.problem('qualifier', 'belongs to the segment that begins the loop');
    const content = fields.list('content', LIMITS.places);
    for (const inner of content) this.place(inner, place);
    const first = this.places[place.index + 1];
    if (first === undefined || first.kind !== 'segment' || first.min < 1)
      fields.problem('content', 'a loop begins with a segment that is mandatory in it');
    else {
      // A loop goes by the segment that begins it, whatever its own name.
      place.id = first.id;
      place.key = first.key;
    }
    this.nameSiblings(place);
  }

  nameSiblings(loop: Place): void {
    const siblings: Place[] = [];
    const last = loop.index === 0 ? this.places.length : Math.max(loop.end, this.places.length);
    for (let at = loop.index + 1; at < last; at = (this.places[at] as Place).end)
      siblings.push(this.places[at] as Place);
    nameApart(siblings, '_');
  }
}

/** Header and trailer, which belong to every document. */
function envelopeIds(standard: Standard): [string, string] {
  return standard === 'x12' ? ['ST', 'SE'] : ['UNH', 'UNT'];
}

function compileParts(root: Fields, compiler: Compiler): void {
  for (const [ref, fields] of root.entries('elements', LIMITS.elements)) compiler.element(ref, fields);
  for (const [ref, fields] of root.entries('composites', LIMITS.composites)) compiler.composite(ref, fields);
  for (const [id, fields] of root.entries('segments', LIMITS.segments)) compiler.segment(id, fields);
}

function compileStructure(root: Fields, compiler: Compiler, standard: Standard): void {
  const whole: Place = {
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
  compiler.places.push(whole);
  for (const fields of root.list('structure', LIMITS.places)) compiler.place(fields, whole);
  whole.end = compiler.places.length;
  compiler.nameSiblings(whole);
  const outer = compiler.places.filter(({ parent }) => parent === 0);
  const [header, trailer] = envelopeIds(standard);
  if (outer[0]?.id !== header || outer.at(-1)?.id !== trailer)
    root.problem('structure', `begins with ${header} and ends with ${trailer}`);
}

/** Compile a definition from JSON. Throws `DefinitionError` with every problem there is. */
export function compileDefinition(json: unknown): Definition {
  const problems: Problem[] = [];
  const root = new Fields(json, '', problems);
  root.only(
    'crossdockDefinition',
    'standard',
    'version',
    'type',
    'association',
    'functionalId',
    'label',
    'provenance',
    'elements',
    'composites',
    'segments',
    'structure',
    'checks',
  );
  if (root.whole('crossdockDefinition', 1, FORMAT_VERSION) === undefined && !root.has('crossdockDefinition'))
    root.problem('crossdockDefinition', `is missing; this format is version ${FORMAT_VERSION}`);
  const standard = root.text('standard') === 'edifact' ? 'edifact' : 'x12';
  if (root.text('standard') !== standard) root.problem('standard', 'is neither x12 nor edifact');
  const version = root.pattern(
    'version',
    standard === 'x12' ? /^\d{6}[A-Z0-9]{0,6}$/ : /^[A-Z0-9]{1,3}\.[A-Z0-9]{1,3}$/,
  );
  const type = root.pattern('type', standard === 'x12' ? /^\d{3}$/ : /^[A-Z0-9]{3,6}$/);
  if (standard === 'x12') root.pattern('functionalId', /^[A-Z0-9]{2}$/);
  const compiler = new Compiler();
  compileParts(root, compiler);
  compileStructure(root, compiler, standard);
  const checks = root.texts('checks');
  checks.forEach((check, at) => {
    if (!CHECK_NAMES.has(check.split(':')[0] ?? '')) root.problem(`checks/${at}`, `there is no check "${check}"`);
  });
  if (problems.length > 0) throw new DefinitionError(problems);
  const about = {
    standard: standard as Standard,
    version,
    type,
    functionalId: root.text('functionalId') ?? '',
    label: root.text('label') ?? type,
    provenance: root.text('provenance') ?? 'imported',
    checks,
  };
  const byKey = new Map([...compiler.segments.values()].map((segment) => [segment.key, segment]));
  const definition = makeDefinition(about, compiler.places, byKey);
  const association = root.text('association');
  if (association !== undefined) definition.association = association;
  return definition;
}
