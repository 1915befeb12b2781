import { createHash } from 'node:crypto';

export type Entry = Readonly<Record<string, unknown>>;

/** One list of an apply file, and where its entries live in the API. */
export interface ApplyPart {
  readonly name: string;
  /** Path of an entry. */
  pathOf(entry: Entry): string;
  /** What people call an entry. */
  keyOf(entry: Entry): string;
  /** Fields of the entry that only the path carries, or that are never read back. */
  readonly unread?: readonly string[];
}

/** A key's field as text; `-` where the entry has none. Anything but text or a number is no key, and left for the hub to refuse. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
const keyed = (name: string, route: string, ...fields: string[]): ApplyPart => ({
  name,
  pathOf: (entry) => `/v1/${route}/${fields.map((field) => encodeURIComponent(textOf(entry[field]))).join('/')}`,
  keyOf: (entry) => fields.map((field) => textOf(entry[field])).join('/'),
});

/**
 * A cross-reference is known by what it says, not by an id that somebody chose: its id is derived, so that the same
 * entry is the same resource on every run. RFC 9562 §5.8.
 */
function crossReferenceId(entry: Entry): string {
  const text = JSON.stringify(['crossdock', entry.scope, entry.type, entry.external, entry.validFrom ?? null]);
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** In the order in which they are applied: what others refer to comes first. */
export const applyParts: readonly ApplyPart[] = [
  keyed('locations', 'locations', 'code'),
  keyed('items', 'items', 'sku'),
  keyed('prices', 'prices', 'id'),
  keyed('customers', 'customers', 'accountNo'),
  keyed('suppliers', 'suppliers', 'accountNo'),
  keyed('stockPolicies', 'stock-policies', 'sku', 'location', 'channel'),
  keyed('expectedSupply', 'expected-supply', 'poNo', 'sku', 'location'),
  { ...keyed('connections', 'connections', 'id'), unread: ['secrets'] },
  keyed('agreements', 'agreements', 'id'),
  {
    name: 'crossReferences',
    pathOf: (entry) => `/v1/cross-references/${crossReferenceId(entry)}`,
    keyOf: (entry) => [entry.scope, entry.type, entry.external].map(textOf).join(' '),
  },
];

/** Applied last, by its own rule: a snapshot is ordered by `asOfSeq`. */
export const stockPart = 'stock';
/** Not a list but one setting of the tenant: `{openMax, reason?}`, the bound of open deliveries. */
export const intakePart = 'intake';
export const knownParts: readonly string[] = [...applyParts.map((part) => part.name), stockPart, intakePart];
