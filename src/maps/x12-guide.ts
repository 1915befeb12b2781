/**
 * The parts of X12 guide JSON (see `edi`) that the maps touch. Segments are objects under their ids, loops are arrays
 * under their names; whatever may repeat is an array. Numbers are decimal strings, dates ISO.
 */
export type GuideSegment = Readonly<Record<string, unknown>>;
export type GuideLoop = Readonly<Record<string, unknown>>;

/** Segments or loop passes under a name, whether the set lets them repeat or not. */
export function all(from: GuideLoop | undefined, name: string): GuideSegment[] {
  const value = from?.[name];
  if (Array.isArray(value)) return value as GuideSegment[];
  return typeof value === 'object' && value !== null ? [value as GuideSegment] : [];
}

export function first(from: GuideLoop | undefined, name: string): GuideSegment | undefined {
  return all(from, name)[0];
}

/** An element as trimmed text; undefined when absent or blank. */
export function text(segment: GuideSegment | undefined, name: string): string | undefined {
  const value = segment?.[name];
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** The value of the first segment `name` whose element `key` is one of `codes`, in the order of `codes`. */
export function qualified(
  from: GuideLoop | undefined,
  name: string,
  key: string,
  codes: readonly string[],
  value: string,
): string | undefined {
  for (const code of codes) {
    const found = all(from, name).find((segment) => text(segment, key) === code && text(segment, value) !== undefined);
    if (found !== undefined) return text(found, value);
  }
  return undefined;
}

/** Without the properties that are undefined, and undefined when nothing is left. */
export function compact<T extends Record<string, unknown>>(value: T): T | undefined {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as T);
}

/** Date qualifiers (element 374) of the windows that a buyer states and that we echo. */
export const WINDOW_DATES = {
  requestedShip: '010',
  requestedDelivery: '002',
  shipNotBefore: '037',
  shipNotAfter: '038',
  deliverNotBefore: '064',
  deliverNotAfter: '063',
  cancelAfter: '001',
} as const;

/** Basis codes (element 639) that price more than one unit; all others price one. */
export const PRICE_BASIS_QUANTITIES: Readonly<Record<string, string>> = { HP: '100', TP: '1000' };
