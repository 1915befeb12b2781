/**
 * Documents whose fields stand one by one are written down once and run both ways: a lens reads a value from guide JSON
 * and writes it back there, so what a document says and what is read of it cannot drift apart. Documents that are decided
 * from something else (an 855 from an order) have maps of their own.
 */
import type { CanonicalSchemaName } from '../model/index.ts';
import { type EdiTerms, ediTermsOf } from './edi-terms.ts';
import {
  defineInboundMap,
  defineOutboundMap,
  type InboundContext,
  type InboundMap,
  type InboundResult,
  MapError,
  type OutboundMap,
} from './map.ts';
import { all, type GuideLoop, text } from './x12-guide.ts';

/** Guide JSON that is being written. */
export type Draft = Record<string, unknown>;

export interface LensContext {
  readonly terms: EdiTerms;
  /** Currency of the document's amounts. */
  readonly currency: string;
}

export interface Lens<T> {
  /** Undefined when the document does not say. */
  read(node: GuideLoop, context: LensContext): T | undefined;
  write(value: T, node: Draft, context: LensContext): void;
  /** What is written whether there is a value or not. */
  prepare?(node: Draft, context: LensContext): void;
  /** What is written where the record says nothing. */
  usual?(context: LensContext): T | undefined;
}

export function getPath(node: GuideLoop | undefined, path: string): string | undefined {
  const names = path.split('.');
  const last = names.pop() as string;
  let at: GuideLoop | undefined = node;
  for (const name of names) at = all(at, name)[0];
  return text(at, last);
}

export function setPath(node: Draft, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() as string;
  let at = node;
  for (const name of names) {
    at[name] ??= {};
    at = at[name] as Draft;
  }
  at[last] = value;
}

/** Text at a path of segment, composite and element names: `BGM.document.documentCode`. */
export function at(path: string): Lens<string> {
  return {
    read: (node) => getPath(node, path),
    write: (value, node) => setPath(node, path, value),
  };
}

/** A value that the document carries always and that says nothing: a purpose code, a kind of message. */
export function fixed(path: string, value: string): Lens<never> {
  return { read: () => undefined, write: () => undefined, prepare: (node) => setPath(node, path, value) };
}

/**
 * Text at `path` of the segment `name` that carries these codes: `one('REF', { referenceQualifier: 'BM' }, 'reference')`.
 * Lenses on the same segment and codes share it; `beside` is written with it and not looked at.
 */
export function one(
  name: string,
  codes: Record<string, string>,
  path: string,
  beside: Record<string, string> = {},
): Lens<string> {
  const matches = (segment: GuideLoop): boolean =>
    Object.entries(codes).every(([key, code]) => getPath(segment, key) === code);
  return {
    read(node) {
      const found = all(node, name).find((segment) => matches(segment) && getPath(segment, path) !== undefined);
      return getPath(found, path);
    },
    write(value, node) {
      node[name] ??= [];
      const list = node[name] as Draft[];
      let segment = list.find((each) => matches(each) && getPath(each, path) === undefined);
      if (segment === undefined) {
        segment = {};
        for (const [key, code] of Object.entries(codes)) setPath(segment, key, code);
        list.push(segment);
      }
      for (const [key, code] of Object.entries(beside)) setPath(segment, key, code);
      setPath(segment, path, value);
    },
  };
}

type ValueOf<L> = L extends Lens<infer T> ? T : never;

/** An object of lenses; what the document does not say is left out. Undefined when it says nothing at all. */
// oxlint-disable-next-line typescript/no-explicit-any -- lenses of different values in one object; `unknown` is not assignable both ways.
export function record<F extends Record<string, Lens<any>>>(fields: F): Lens<{ [K in keyof F]?: ValueOf<F[K]> }> {
  // oxlint-disable-next-line typescript/no-explicit-any -- lenses of different values in one object; `unknown` is not assignable both ways.
  const entries = Object.entries(fields) as [string, Lens<any>][];
  return {
    read(node, context) {
      const value: Record<string, unknown> = {};
      for (const [name, lens] of entries) {
        const found = lens.read(node, context);
        if (found !== undefined) value[name] = found;
      }
      return Object.keys(value).length === 0 ? undefined : (value as never);
    },
    prepare(node, context) {
      for (const [, lens] of entries) lens.prepare?.(node, context);
    },
    write(value, node, context) {
      for (const [name, lens] of entries) {
        lens.prepare?.(node, context);
        const member = (value as Record<string, unknown>)[name] ?? lens.usual?.(context);
        if (member !== undefined) lens.write(member, node, context);
      }
    },
  };
}

/** The lens inside the first pass of a loop. */
export function within<T>(loop: string, lens: Lens<T>): Lens<T> {
  const open = (node: Draft): Draft => {
    node[loop] ??= [{}];
    const list = node[loop] as Draft[];
    return list[0] as Draft;
  };
  return {
    read: (node, context) => {
      const [found] = all(node, loop);
      return found === undefined ? undefined : lens.read(found, context);
    },
    write: (value, node, context) => lens.write(value, open(node), context),
  };
}

/** One value per pass of a loop or occurrence of a segment; passes that say nothing are passed over. */
export function each<T>(loop: string, lens: Lens<T>, wanted: (node: GuideLoop) => boolean = () => true): Lens<T[]> {
  return {
    read(node, context) {
      const values = all(node, loop)
        .filter(wanted)
        .flatMap((pass) => lens.read(pass, context) ?? []);
      return values.length === 0 ? undefined : (values as T[]);
    },
    write(values, node, context) {
      node[loop] ??= [];
      for (const value of values) {
        const pass: Draft = {};
        lens.write(value, pass, context);
        (node[loop] as Draft[]).push(pass);
      }
    },
  };
}

/**
 * Codes of the document for values of the model; a code without a meaning is refused, never guessed. The first code of a
 * value is written; codes that are plain numbers come in the order of numbers.
 */
export function coded<T extends string>(lens: Lens<string>, table: Readonly<Record<string, T>>, what: string): Lens<T> {
  const codes = new Map<string, string>();
  for (const [code, value] of Object.entries(table)) if (!codes.has(value)) codes.set(value, code);
  return {
    read(node, context) {
      const code = lens.read(node, context);
      if (code === undefined) return undefined;
      const value = table[code];
      if (value === undefined) throw new MapError('CODE_UNKNOWN', `${what} ${code} has no meaning here`);
      return value;
    },
    write(value, node, context) {
      const code = codes.get(value);
      if (code === undefined) throw new MapError('CODE_UNKNOWN', `${what} ${value} has no code in this document`);
      lens.write(code, node, context);
    },
  };
}

/** A value that the document must have. */
export function required<T>(lens: Lens<T>, code: string, what: string): Lens<T> {
  return {
    ...lens,
    read(node, context) {
      const value = lens.read(node, context);
      if (value === undefined) throw new MapError(code, `The document has no ${what}`);
      return value;
    },
  };
}

/** The value that counts where the document says nothing; it is written too. */
export function orElse<T>(lens: Lens<T>, usual: T): Lens<T> {
  return { ...lens, read: (node, context) => lens.read(node, context) ?? usual };
}

/** A value that the agreement knows where the record does not name it: it is written, and never assumed in reading. */
export function usually<T>(lens: Lens<T>, usual: (context: LensContext) => T | undefined): Lens<T> {
  return { ...lens, usual };
}

export function whole(lens: Lens<string>): Lens<number> {
  return {
    read(node, context) {
      const value = lens.read(node, context);
      return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
    },
    write: (value, node, context) => lens.write(String(value), node, context),
  };
}

export interface EdiForm {
  standard: 'x12' | 'edifact';
  type: string;
  schema: CanonicalSchemaName;
  /** Where two documents carry one form: the outbound operation of this one. Default `<schema>.send`. */
  operation?: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- lenses of different values in one object; `unknown` is not assignable both ways.
  fields: Record<string, Lens<any>>;
  /** Where the document names its currency. */
  currency?: Lens<string>;
  /** What else the hub is told by the document, e.g. the payment of a remittance. */
  also?(value: Record<string, unknown>, context: InboundContext): InboundResult[];
  /** The read body as the fields expect it, where versions put the same at different places. */
  settle?(body: GuideLoop, version: string): GuideLoop;
  /** What follows from the written body, such as counts, and what stands elsewhere in this version. */
  finish?(body: Draft, version: string): void;
}

/** Both maps of a document: the inbound under its type, the outbound under `<schema>.send`. */
export function defineFormMaps({
  standard,
  type,
  schema,
  operation,
  fields,
  currency,
  also,
  settle = (body) => body,
  finish,
}: EdiForm): [InboundMap, OutboundMap] {
  const lens = record(fields);
  return [
    defineInboundMap<GuideLoop>({
      connector: standard,
      topic: type,
      map(read, inbound) {
        const terms = ediTermsOf(inbound.settings);
        const guide = settle(read, inbound.version ?? terms.version);
        const found = currency?.read(guide, { terms, currency: terms.currency }) ?? terms.currency;
        const value = {
          partner: terms.partner,
          ...lens.read(guide, { terms, currency: found }),
          ...(currency && { currency: found }),
        };
        return [{ kind: 'document', schema, value }, ...(also?.(value, inbound) ?? [])];
      },
    }),
    defineOutboundMap<Record<string, unknown>>({
      connector: standard,
      operation: operation ?? `${schema}.send`,
      entity: 'document',
      map(value, { settings }) {
        const terms = ediTermsOf(settings);
        const named = typeof value.currency === 'string' ? value.currency : terms.currency;
        const context = { terms, currency: named };
        const body: Draft = {};
        currency?.write(named, body, context);
        lens.write(value as never, body, context);
        finish?.(body, terms.version);
        return body;
      },
    }),
  ];
}

/** CTT, as the summary section asks for it. */
export const countedLines =
  (loop: string) =>
  (body: Draft): void => {
    body.CTT = { lineCount: String(all(body, loop).length) };
  };
