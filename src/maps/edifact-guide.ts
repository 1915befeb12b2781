/**
 * The parts of EDIFACT guide JSON (see `edi`) that the maps touch: values stand in composites under their names, told
 * apart by a qualifier. D.96A and D.01B differ in a few places (BGM 1004, NAD 3229); reading takes either.
 */
import { all, first, type GuideLoop, type GuideSegment, text } from './x12-guide.ts';

export { all, first, type GuideLoop, type GuideSegment, text } from './x12-guide.ts';

/** A composite of a segment. */
export function composite(segment: GuideSegment | undefined, name: string): GuideSegment | undefined {
  const value = segment?.[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as GuideSegment) : undefined;
}

/** A component of a composite, as trimmed text. */
export function part(segment: GuideSegment | undefined, name: string, component: string): string | undefined {
  return text(composite(segment, name), component);
}

/** The composite `inner` of the first segment `name` whose qualifier is one of `codes`, in the order of `codes`. */
export function qualifiedBy(
  from: GuideLoop | undefined,
  name: string,
  inner: string,
  codes: readonly string[],
): GuideSegment | undefined {
  for (const code of codes) {
    const found = all(from, name).find((segment) => part(segment, inner, 'qualifier') === code);
    if (found !== undefined) return composite(found, inner);
  }
  return undefined;
}

/** The ISO date of the first DTM under one of these qualifiers (2005). A period counts by its beginning. */
export function dated(from: GuideLoop | undefined, ...codes: string[]): string | undefined {
  return isoDateOf(text(qualifiedBy(from, 'DTM', 'date', codes), 'value'));
}

function isoDateOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/^\d{4}-\d{2}-\d{2}/.test(value)) return value.slice(0, 10);
  const match = /^(\d{4})(\d{2})(\d{2})(\d{4}|\d{6}|\d{8})?$/.exec(value);
  return match === null ? undefined : `${match[1]}-${match[2]}-${match[3]}`;
}

/** Date and time as written, `2026-06-01T09:00`; midnight where only a date stands. */
export function datedAt(from: GuideLoop | undefined, ...codes: string[]): string | undefined {
  const value = text(qualifiedBy(from, 'DTM', 'date', codes), 'value');
  if (value !== undefined && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(value)) return value;
  const date = isoDateOf(value);
  return date === undefined ? undefined : `${date}T00:00`;
}

/** RFF of the header or a line, whether the message gives it a group of its own or not. */
export function referenceSegments(from: GuideLoop | undefined): { rff: GuideSegment; loop: GuideLoop }[] {
  const loops = all(from, 'references').map((loop) => ({ rff: first(loop, 'RFF') as GuideSegment, loop }));
  const bare = all(from, 'RFF').map((rff) => ({ rff, loop: {} }));
  return [...loops, ...bare].filter(({ rff }) => rff !== undefined);
}

export function referenced(from: GuideLoop | undefined, ...codes: string[]): string | undefined {
  for (const code of codes) {
    const found = referenceSegments(from).find(({ rff }) => part(rff, 'reference', 'qualifier') === code);
    if (found !== undefined) return part(found.rff, 'reference', 'number');
  }
  return undefined;
}

/** A quantity under one of these qualifiers (6063), its unit as written. */
export function counted(
  from: GuideLoop | undefined,
  ...codes: string[]
): { value: string; unit: string | undefined } | undefined {
  const found = qualifiedBy(from, 'QTY', 'quantity', codes);
  const value = text(found, 'quantity');
  return value === undefined ? undefined : { value, unit: text(found, 'unit') };
}

/** An amount under one of these qualifiers (5025), in major units as written. MOA stands bare or in groups `amounts`. */
export function amountOf(from: GuideLoop | undefined, ...codes: string[]): string | undefined {
  const bare = text(qualifiedBy(from, 'MOA', 'amount', codes), 'amount');
  if (bare !== undefined) return bare;
  for (const loop of all(from, 'amounts')) {
    const found = text(qualifiedBy(loop, 'MOA', 'amount', codes), 'amount');
    if (found !== undefined) return found;
  }
  return undefined;
}

/** BGM 1004: an element in D.96A, in a composite in D.01B. */
export function documentNumber(guide: GuideLoop): string | undefined {
  const bgm = first(guide, 'BGM');
  return text(bgm, 'number') ?? part(bgm, 'identification', 'number');
}

/** BGM for both directories: the definition takes the form that it knows. */
export function startOf(documentCode: string, number: string, messageFunction: string): Record<string, unknown> {
  return { document: { documentCode }, number, identification: { number }, function: messageFunction };
}

export function dateSegment(qualifier: string, value: string): Record<string, unknown> {
  return { date: { qualifier, value, format: value.length > 10 ? '203' : '102' } };
}

export function referenceLoop(qualifier: string, number: string, date?: string): Record<string, unknown> {
  return {
    RFF: { reference: { qualifier, number } },
    ...(date === undefined ? {} : { DTM: [dateSegment('171', date)] }),
  };
}

export function quantitySegment(qualifier: string, quantity: string, unit?: string): Record<string, unknown> {
  return { quantity: { qualifier, quantity, unit } };
}

export function amountSegment(qualifier: string, amount: string): Record<string, unknown> {
  return { amount: { qualifier, amount } };
}
