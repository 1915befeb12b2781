/**
 * A small, strict reader of XML for definitions that come from outside. It knows elements, attributes, text, comments, CDATA
 * and the five predefined entities with numeric character references. It refuses DOCTYPE, other entities and processing
 * instructions, and everything beyond its limits: such input is hostile or not what we read.
 */

export interface XmlElement {
  /** Local name; a namespace prefix is cut off. */
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  /** Text directly inside, trimmed. */
  text: string;
  /** Line of the start tag, from 1. */
  line: number;
}

export class XmlError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.name = 'XmlError';
    this.line = line;
  }
}

const XML_LIMITS = { characters: 8 << 20, elements: 200_000, depth: 64, attributes: 32, nameLength: 100 };

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);
const NAME = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y;
const SPACES = /\s*/y;

class XmlReader {
  private readonly source: string;
  private pos = 0;
  private line = 1;
  private counted = 0;
  private elements = 0;

  constructor(source: string) {
    this.source = source;
  }

  fail(message: string): never {
    throw new XmlError(this.lineNow(), message);
  }

  /** Lines are counted forward only, so that the whole stays linear. */
  private lineNow(): number {
    for (; this.counted < this.pos; this.counted++) if (this.source.charCodeAt(this.counted) === 10) this.line++;
    return this.line;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.pos;
    const found = pattern.exec(this.source)?.[0] ?? '';
    this.pos += found.length;
    return found;
  }

  private starts(text: string): boolean {
    return this.source.startsWith(text, this.pos);
  }

  private upTo(end: string, what: string): string {
    const at = this.source.indexOf(end, this.pos);
    if (at < 0) this.fail(`${what} does not end`);
    const found = this.source.slice(this.pos, at);
    this.pos = at + end.length;
    return found;
  }

  private name(): string {
    const found = this.match(NAME);
    if (found === '' || found.length > XML_LIMITS.nameLength) this.fail('a name is expected');
    return found.slice(found.indexOf(':') + 1);
  }

  private decode(text: string): string {
    return text.replace(/&([^;&]{0,12});?/g, (whole, entity: string) => {
      const known = ENTITIES.get(entity);
      if (known !== undefined && whole.endsWith(';')) return known;
      const reference = /^#(?:(\d{1,7})|x([\dA-Fa-f]{1,6}))$/.exec(entity);
      const code =
        reference === null
          ? Number.NaN
          : Number.parseInt(reference[1] ?? (reference[2] as string), reference[1] === undefined ? 16 : 10);
      if (!whole.endsWith(';') || !(code <= 0x10ffff) || code === 0)
        this.fail(`entity "${whole.slice(0, 20)}" is not taken`);
      return String.fromCodePoint(code);
    });
  }

  /** Comments and white space; a DOCTYPE or processing instruction is refused. */
  private misc(): void {
    for (;;) {
      this.match(SPACES);
      if (this.starts('<!--')) this.comment();
      else if (this.starts('<!')) this.fail('DOCTYPE and other declarations are not taken');
      else if (this.starts('<?')) this.fail('processing instructions are not taken');
      else return;
    }
  }

  private comment(): void {
    this.pos += 4;
    this.upTo('-->', 'a comment');
  }

  private attributes(): Map<string, string> {
    const found = new Map<string, string>();
    for (;;) {
      const space = this.match(SPACES);
      if (this.starts('>') || this.starts('/>')) return found;
      if (space === '') this.fail('white space is expected before an attribute');
      const name = this.name();
      this.match(SPACES);
      if (!this.starts('=')) this.fail(`attribute ${name} has no value`);
      this.pos++;
      this.match(SPACES);
      const quote = this.source[this.pos] ?? '';
      if (quote !== '"' && quote !== "'") this.fail(`the value of ${name} is not quoted`);
      this.pos++;
      const value = this.upTo(quote, `the value of ${name}`);
      if (value.includes('<')) this.fail(`the value of ${name} holds "<"`);
      if (found.has(name)) this.fail(`attribute ${name} occurs twice`);
      if (found.size >= XML_LIMITS.attributes) this.fail('there are too many attributes');
      found.set(name, this.decode(value));
    }
  }

  private element(depth: number): XmlElement {
    if (depth > XML_LIMITS.depth) this.fail('elements are nested too deeply');
    if (++this.elements > XML_LIMITS.elements) this.fail('there are too many elements');
    if (!this.starts('<')) this.fail('an element is expected');
    const line = this.lineNow();
    this.pos++;
    const name = this.name();
    const made: XmlElement = { name, attributes: this.attributes(), children: [], text: '', line };
    if (this.starts('/>')) {
      this.pos += 2;
      return made;
    }
    this.pos++;
    this.content(made, depth);
    const closing = this.name();
    this.match(SPACES);
    if (closing !== name || !this.starts('>')) this.fail(`</${closing}> closes <${name}>`);
    this.pos++;
    made.text = made.text.trim();
    return made;
  }

  /** Up to and including `</`. */
  private content(into: XmlElement, depth: number): void {
    for (;;) {
      const next = this.source.indexOf('<', this.pos);
      if (next < 0) this.fail(`<${into.name}> is not closed`);
      into.text += this.decode(this.source.slice(this.pos, next));
      this.pos = next;
      if (this.starts('</')) {
        this.pos += 2;
        return;
      }
      if (this.starts('<![CDATA[')) {
        this.pos += 9;
        into.text += this.upTo(']]>', 'a CDATA section');
      } else if (this.starts('<!--')) this.comment();
      else if (this.starts('<!') || this.starts('<?')) this.misc();
      else into.children.push(this.element(depth + 1));
    }
  }

  read(): XmlElement {
    if (this.source.charCodeAt(0) === 0xfeff) this.pos = 1;
    if (this.starts('<?xml')) this.upTo('?>', 'the XML declaration');
    this.misc();
    const root = this.element(1);
    this.misc();
    if (this.pos < this.source.length) this.fail('something follows the root element');
    return root;
  }
}

/** The root element. Throws `XmlError` at the first fault: of a text that is no XML nothing else is worth saying. */
export function readXml(source: string): XmlElement {
  if (source.length > XML_LIMITS.characters) throw new XmlError(1, 'the text is too long');
  return new XmlReader(source).read();
}
