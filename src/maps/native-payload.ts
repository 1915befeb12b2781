import type { Address } from '../model/index.ts';
import { MapError } from './map.ts';

/**
 * Reads fields of a native payload that nothing has validated yet. Every reader names the path of what it misses, so
 * that the exception a person sees points at the spot.
 */
export type Native = Readonly<Record<string, unknown>>;

export function objectAt(value: unknown, path: string): Native {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MapError('FIELD_INVALID', `${path} is not an object`, path);
  }
  return value as Native;
}

export function listAt(from: Native, field: string, path = field): Native[] {
  const value = from[field];
  if (!Array.isArray(value)) throw new MapError('FIELD_INVALID', `${path} is not a list`, path);
  return value.map((entry, index) => objectAt(entry, `${path}/${index}`));
}

/** A text or number that must be there; numbers become their exact decimal text. */
export function textAt(from: Native, field: string, path = field): string {
  const value = optionalText(from, field);
  if (value === undefined) throw new MapError('FIELD_MISSING', `${path} is missing`, path);
  return value;
}

export function optionalText(from: Native, field: string): string | undefined {
  const value = from[field];
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function integerAt(from: Native, field: string, path = field): number {
  const value = Number(textAt(from, field, path));
  if (!Number.isSafeInteger(value)) throw new MapError('FIELD_INVALID', `${path} is not a whole number`, path);
  return value;
}

/** An instant, normalised to UTC. */
export function instantAt(from: Native, field: string, path = field): string {
  const text = textAt(from, field, path);
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new MapError('FIELD_INVALID', `${path} is not an instant: ${text}`, path);
  return new Date(time).toISOString();
}

/** A quantity of a native payload; it has to be an exact decimal, as text or as a whole number. */
export function decimalAt(from: Native, field: string, path = field): string {
  const text = textAt(from, field, path);
  if (!/^-?\d{1,18}(\.\d{1,9})?$/.test(text)) {
    throw new MapError('FIELD_INVALID', `${path} is not an exact decimal: ${text}`, path);
  }
  return text;
}

/** A quantity of goods: an exact decimal, zero or more. What was taken back is said by a smaller total, never by a minus. */
export function quantityAt(from: Native, field: string, path = field): string {
  const text = decimalAt(from, field, path);
  if (text.startsWith('-')) throw new MapError('FIELD_INVALID', `${path} is less than zero: ${text}`, path);
  return text;
}

/** Fields that have a value, so that payloads carry no `undefined`. */
export function present<T extends Record<string, unknown>>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** An address as the lab's systems write it. */
export function nativeAddress(name: string | undefined, address: Address | undefined, gln: string | undefined) {
  return present({
    name,
    gln,
    addr1: address?.lines[0],
    addr2: address?.lines[1],
    city: address?.city,
    state: address?.region,
    zip: address?.postal,
    country: address?.country,
  });
}
