/** Reads the fields of JSON that came from outside, noting what is wrong instead of stopping at it. */

export interface Problem {
  /** Where: `/segments/BEG/elements/2/element`. */
  path: string;
  message: string;
}

/** Problems beyond this many are not worth reading. */
const PROBLEMS_MAX = 1000;

type Json = Record<string, unknown>;

export class Fields {
  readonly path: string;
  private readonly value: Json;
  private readonly problems: Problem[];

  constructor(value: unknown, path: string, problems: Problem[]) {
    this.path = path;
    this.problems = problems;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.value = isObject ? (value as Json) : {};
    if (!isObject) this.problem('', 'is no object');
  }

  problem(field: string, message: string): void {
    if (this.problems.length < PROBLEMS_MAX)
      this.problems.push({ path: field === '' ? this.path : `${this.path}/${field}`, message });
  }

  /** Fields that nobody reads are mistakes. */
  only(...known: string[]): void {
    for (const field of Object.keys(this.value))
      if (!known.includes(field)) this.problem(field, 'is no field of this format');
  }

  has(field: string): boolean {
    return Object.hasOwn(this.value, field) && this.value[field] !== undefined;
  }

  isNull(field: string): boolean {
    return Object.hasOwn(this.value, field) && this.value[field] === null;
  }

  private get(field: string): unknown {
    return Object.hasOwn(this.value, field) ? this.value[field] : undefined;
  }

  text(field: string): string | undefined {
    const value = this.get(field);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value.length <= 1000) return value;
    this.problem(field, 'is no text of at most 1000 characters');
    return undefined;
  }

  /** Text that is there and has a form. */
  pattern(field: string, form: RegExp): string {
    const text = this.text(field) ?? '';
    if (!form.test(text)) this.problem(field, `"${text}" does not have the form ${form.source}`);
    return text;
  }

  flag(field: string): boolean | undefined {
    const value = this.get(field);
    if (value === undefined || typeof value === 'boolean') return value;
    this.problem(field, 'is neither true nor false');
    return undefined;
  }

  whole(field: string, least: number, most: number): number | undefined {
    const value = this.get(field);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    this.problem(field, `is no whole number from ${least} to ${most}`);
    return undefined;
  }

  private array(field: string, most: number): unknown[] {
    const value = this.get(field);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.length <= most) return value;
    this.problem(field, `is no list of at most ${most}`);
    return [];
  }

  texts(field: string): string[] {
    return this.array(field, 1000).filter((value, at): value is string => {
      if (typeof value === 'string') return true;
      this.problem(`${field}/${at}`, 'is no text');
      return false;
    });
  }

  list(field: string, most: number): Fields[] {
    return this.array(field, most).map((value, at) => new Fields(value, `${this.path}/${field}/${at}`, this.problems));
  }

  entries(field: string, most: number): [string, Fields][] {
    const value = this.get(field);
    if (value === undefined) return [];
    const entries =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
    if (entries === undefined || entries.length > most) {
      this.problem(field, `is no object of at most ${most}`);
      return [];
    }
    return entries.map(([key, inner]) => [key, new Fields(inner, `${this.path}/${field}/${key}`, this.problems)]);
  }

  /** Codes as a list or as an object of labels. */
  codes(field: string, most: number): Map<string, string> | undefined {
    const value = this.get(field);
    if (value === undefined) return undefined;
    const entries: [string, unknown][] = Array.isArray(value)
      ? value.map((code) => [code as string, ''])
      : typeof value === 'object' && value !== null
        ? Object.entries(value)
        : [];
    if (entries.length === 0 || entries.length > most) {
      this.problem(field, `is no list of one to ${most} codes`);
      return undefined;
    }
    const codes = new Map<string, string>();
    for (const [code, label] of entries) {
      if (typeof code !== 'string' || code === '' || code.length > 100 || typeof label !== 'string')
        this.problem(field, 'holds what is no code');
      else if (codes.has(code)) this.problem(field, `holds "${code}" twice`);
      else codes.set(code, label);
    }
    return codes;
  }
}
