/**
 * Turns a transaction schema in the XML form that StAEDI reads (namespaces …/EDISchema/v2 to v4) into our JSON form. The
 * schema does not say of which standard, version and type it is, nor which header and trailer go around it: those are options.
 * `<implementation>` (which narrows a standard in that form) is refused by name: a narrowing does that here.
 */
import type { Standard } from '../schema.ts';
import { DefinitionError, FORMAT_VERSION } from './definition-document.ts';
import type { DefinitionJson, ElementJson, StructureJson, UseJson } from './definition-json.ts';
import type { Problem } from './fields.ts';
import { readXml, type XmlElement, XmlError } from './xml-reader.ts';

export interface StaediOptions {
  standard: Standard;
  version: string;
  type: string;
  functionalId?: string;
  label?: string;
}

const SYNTAX_KINDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    paired: 'P',
    required: 'R',
    exclusion: 'E',
    conditional: 'C',
    list: 'L',
    single: 'ONE',
    firstonly: 'NONE',
  }),
);

const X12_TYPES: Record<string, string> = {
  string: 'AN',
  identifier: 'ID',
  decimal: 'R',
  date: 'DT',
  time: 'TM',
  binary: 'B',
};
const EDIFACT_TYPES: Record<string, string> = {
  string: 'an',
  identifier: 'an',
  decimal: 'n',
  numeric: 'n',
  date: 'an',
  time: 'an',
  binary: 'B',
};

/** Header and trailer, which such a schema leaves to its control schema. */
const ENVELOPES: Record<
  Standard,
  Pick<DefinitionJson, 'elements' | 'segments'> & { composites: NonNullable<DefinitionJson['composites']> }
> = {
  x12: {
    elements: {
      '143': { type: 'ID', min: 3, max: 3, name: 'setId' },
      '329': { type: 'AN', min: 4, max: 9, name: 'control' },
      '1705': { type: 'AN', min: 1, max: 35, name: 'convention' },
      '96': { type: 'N0', min: 1, max: 10, name: 'segmentCount' },
    },
    composites: {},
    segments: {
      ST: { elements: [{ element: '143', required: true }, { element: '329', required: true }, { element: '1705' }] },
      SE: {
        elements: [
          { element: '96', required: true },
          { element: '329', required: true },
        ],
      },
    },
  },
  edifact: {
    elements: {
      '0062': { type: 'an', min: 1, max: 14, name: 'reference' },
      '0065': { type: 'an', min: 1, max: 6, name: 'type' },
      '0052': { type: 'an', min: 1, max: 3, name: 'version' },
      '0054': { type: 'an', min: 1, max: 3, name: 'release' },
      '0051': { type: 'an', min: 1, max: 3, name: 'agency' },
      '0057': { type: 'an', min: 1, max: 6, name: 'association' },
      '0068': { type: 'an', min: 1, max: 35, name: 'accessReference' },
      '0070': { type: 'n', min: 1, max: 2, name: 'transferSequence' },
      '0073': { type: 'a', min: 1, max: 1, name: 'transferPosition' },
      '0074': { type: 'n', min: 1, max: 10, name: 'segmentCount' },
    },
    composites: {
      S009: {
        components: [
          ...['0065', '0052', '0054', '0051'].map((element) => ({ element, required: true })),
          { element: '0057' },
        ],
      },
      S010: { components: [{ element: '0070', required: true }, { element: '0073' }] },
    },
    segments: {
      UNH: {
        elements: [
          { element: '0062', required: true },
          { composite: 'S009', required: true },
          { element: '0068' },
          { composite: 'S010' },
        ],
      },
      UNT: {
        elements: [
          { element: '0074', required: true },
          { element: '0062', required: true },
        ],
      },
    },
  },
};

class StaediReader {
  readonly problems: Problem[] = [];
  private readonly options: StaediOptions;
  /** Names of element and composite types → the refs that we give them. */
  private readonly refs = new Map<string, string>();

  constructor(options: StaediOptions) {
    this.options = options;
  }

  problem(at: XmlElement, message: string): void {
    this.problems.push({ path: `line ${at.line} <${at.name}>`, message });
  }

  /** Attributes that nobody reads are mistakes; titles and descriptions are not kept. */
  private attributes(at: XmlElement, ...known: string[]): void {
    for (const name of at.attributes.keys())
      if (!known.includes(name) && !['title', 'description', 'xmlns', 'schemaLocation'].includes(name))
        this.problem(at, `attribute "${name}" is not understood`);
  }

  private whole(at: XmlElement, name: string): number | undefined {
    const text = at.attributes.get(name);
    if (text === undefined) return undefined;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    this.problem(at, `${name} "${text}" is no whole number`);
    return undefined;
  }

  private required(at: XmlElement, name: string): string {
    const text = at.attributes.get(name);
    if (text === undefined || text === '') this.problem(at, `${name} is missing`);
    return text ?? '';
  }

  private children(at: XmlElement, ...known: string[]): XmlElement[] {
    return at.children.filter((child) => {
      if (child.name === 'description') return false;
      if (known.includes(child.name)) return true;
      this.problem(child, `is not expected in <${at.name}>`);
      return false;
    });
  }

  private sequence(at: XmlElement, ...known: string[]): XmlElement[] {
    const list = at.children.filter(({ name }) => name === 'sequence');
    if (list.length !== 1) this.problem(at, 'holds no <sequence>, or several');
    return list[0] === undefined ? [] : this.children(list[0], ...known);
  }

  /** Type that a place names: `type`, or `ref` in the oldest form. */
  private typeOf(at: XmlElement): string {
    return at.attributes.get('ref') ?? this.required(at, 'type');
  }

  /** Number of a data element: `number` (v2, v3), `code` (v4), or the digits of its name (`E353`). */
  private refOf(at: XmlElement): string {
    const name = this.required(at, 'name');
    const ref = at.attributes.get('number') ?? at.attributes.get('code') ?? this.digitsOf(name);
    if (this.refs.has(name)) this.problem(at, `"${name}" is defined twice`);
    this.refs.set(name, ref);
    return ref;
  }

  private digitsOf(name: string): string {
    const digits = /\d+$/.exec(name)?.[0] ?? name;
    return this.options.standard === 'x12' ? digits.replace(/^0+(?=\d)/, '') : digits;
  }

  elementType(at: XmlElement, json: DefinitionJson): void {
    this.attributes(at, 'name', 'number', 'code', 'base', 'scale', 'minLength', 'maxLength');
    const ref = this.refOf(at);
    const base = at.attributes.get('base') ?? 'string';
    const scale = this.whole(at, 'scale') ?? 0;
    const x12 = this.options.standard === 'x12';
    const type = x12 && base === 'numeric' ? `N${scale}` : (x12 ? X12_TYPES : EDIFACT_TYPES)[base];
    if (type === undefined || scale > 9) this.problem(at, `base "${base}" is not understood`);
    const element: ElementJson = {
      type: type ?? 'AN',
      min: this.whole(at, 'minLength') ?? 1,
      max: this.whole(at, 'maxLength') ?? 1,
    };
    for (const child of this.children(at, 'enumeration', 'version')) {
      if (child.name === 'version')
        this.problem(child, 'length and codes by version are not taken; bring one schema per version');
      else element.codes = this.children(child, 'value').map(({ text }) => text);
    }
    const known = Object.hasOwn(json.elements, ref) && !ENVELOPE_REFS.has(ref) ? json.elements[ref] : undefined;
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(element))
      this.problem(at, `element ${ref} is defined twice`);
    json.elements[ref] = element;
  }

  private use(at: XmlElement): UseJson {
    this.attributes(at, 'type', 'ref', 'minOccurs', 'maxOccurs');
    const type = this.typeOf(at);
    const ref = this.refs.get(type);
    if (ref === undefined) this.problem(at, `there is no type "${type}"`);
    const use: UseJson = at.name === 'composite' ? { composite: ref ?? type } : { element: ref ?? type };
    if ((this.whole(at, 'minOccurs') ?? 0) > 0) use.required = true;
    const repeat = this.whole(at, 'maxOccurs') ?? 1;
    if (repeat > 1) use.repeat = repeat;
    for (const child of at.children) this.problem(child, 'is not taken here');
    return use;
  }

  private conditions(at: XmlElement): string[] {
    return at.children
      .filter(({ name }) => name === 'syntax')
      .map((syntax) => {
        this.attributes(syntax, 'type');
        const kind = SYNTAX_KINDS.get(this.required(syntax, 'type'));
        if (kind === undefined) this.problem(syntax, `type "${syntax.attributes.get('type')}" is not understood`);
        const positions = this.children(syntax, 'position').map(({ text }) => text.padStart(2, '0'));
        return `${kind ?? 'P'}${positions.join('')}`;
      });
  }

  compositeType(at: XmlElement, json: DefinitionJson): void {
    this.attributes(at, 'name', 'number', 'code');
    const name = this.required(at, 'name');
    this.refs.set(name, name);
    this.children(at, 'sequence', 'syntax');
    const components = this.sequence(at, 'element').map((use) => {
      const { repeat: _repeat, ...made } = this.use(use);
      return made;
    });
    const conditions = this.conditions(at);
    (json.composites as NonNullable<DefinitionJson['composites']>)[name] = {
      components,
      ...(conditions.length === 0 ? {} : { conditions }),
    };
  }

  segmentType(at: XmlElement, json: DefinitionJson): void {
    this.attributes(at, 'name', 'code');
    const name = at.attributes.get('code') ?? this.required(at, 'name');
    this.refs.set(`segment ${at.attributes.get('name') ?? name}`, name);
    this.children(at, 'sequence', 'syntax');
    const elements = this.sequence(at, 'element', 'composite').map((use) => this.use(use));
    const conditions = this.conditions(at);
    json.segments[name] = { elements, ...(conditions.length === 0 ? {} : { conditions }) };
  }

  structure(at: XmlElement, depth = 0): StructureJson[] {
    if (depth > 30) {
      this.problem(at, 'loops are nested too deeply');
      return [];
    }
    return this.sequence(at, 'segment', 'loop').map((place) => {
      this.attributes(place, 'type', 'ref', 'code', 'minOccurs', 'maxOccurs');
      const min = this.whole(place, 'minOccurs') ?? 0;
      const max = this.whole(place, 'maxOccurs') ?? 1;
      if (place.name === 'loop') {
        const code = this.required(place, 'code');
        const name = /^[A-Za-z]/.test(code) ? code.replace(/\W/g, '_') : `loop_${code.replace(/\W/g, '_')}`;
        const content = this.structure(place, depth + 1);
        // The first segment of a loop is what makes it a turn of the loop: it is mandatory in it.
        const first = content[0];
        if (first?.segment !== undefined) content[0] = { ...first, min: Math.max(1, first.min ?? 0) };
        return { loop: code, name, min, max, content };
      }
      const type = this.typeOf(place);
      return { segment: this.refs.get(`segment ${type}`) ?? type, min, max };
    });
  }
}

const ENVELOPE_REFS: ReadonlySet<string> = new Set(
  Object.values(ENVELOPES).flatMap(({ elements }) => Object.keys(elements)),
);

function readRoot(xml: string): XmlElement {
  try {
    return readXml(xml);
  } catch (cause) {
    if (cause instanceof XmlError) throw new DefinitionError([{ path: '', message: cause.message }]);
    throw cause;
  }
}

/** A StAEDI transaction schema as our JSON. Throws `DefinitionError` with every problem of the schema. */
export function fromStaediSchema(xml: string, options: StaediOptions): DefinitionJson {
  const root = readRoot(xml);
  const reader = new StaediReader(options);
  if (root.name !== 'schema') reader.problem(root, 'is no <schema>');
  const envelope = structuredClone(ENVELOPES[options.standard]);
  const json: DefinitionJson = {
    crossdockDefinition: FORMAT_VERSION,
    standard: options.standard,
    version: options.version,
    type: options.type,
    ...(options.functionalId === undefined ? {} : { functionalId: options.functionalId }),
    label: options.label ?? options.type,
    provenance: "imported from the user's own schema",
    ...envelope,
    structure: [],
  };
  const of = (name: string) => root.children.filter((child) => child.name === name);
  for (const child of root.children)
    if (!['transaction', 'elementType', 'compositeType', 'segmentType', 'description'].includes(child.name))
      reader.problem(child, `is not taken${child.name === 'implementation' ? '; narrow a definition by a guide' : ''}`);
  for (const type of of('elementType')) reader.elementType(type, json);
  for (const type of of('compositeType')) reader.compositeType(type, json);
  for (const type of of('segmentType')) reader.segmentType(type, json);
  const [transaction] = of('transaction');
  if (transaction === undefined || of('transaction').length > 1)
    reader.problem(root, 'holds no <transaction>, or several');
  const [header, trailer] = options.standard === 'x12' ? ['ST', 'SE'] : ['UNH', 'UNT'];
  const body = transaction === undefined ? [] : reader.structure(transaction);
  json.structure = [{ segment: header as string, min: 1 }, ...body, { segment: trailer as string, min: 1 }];
  if (reader.problems.length > 0) throw new DefinitionError(reader.problems);
  return json;
}
