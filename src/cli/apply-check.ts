import type { Page } from '../api/index.ts';
import { type ApplyPart, applyParts, type Entry, stockPart, textOf } from './apply-parts.ts';
import type { HubClient } from './hub-client.ts';

/** What is wrong with, or odd about, one entry of an apply file. */
export interface Finding {
  readonly part: string;
  readonly key: string;
  readonly message: string;
}

interface Refusal {
  code?: string;
  errors?: { pointer: string; code: string; message?: string }[];
}

/** Statuses with which the hub refuses an entry; anything else is no answer about the entry. */
const refusals = [400, 404, 405, 409, 412, 413, 422, 428];
/**
 * Spots that the schema finds are named in capitals, those of an item by itself like the last three. What else the rooms find
 * may be so only until the rest of the file is there.
 */
const ofEntryAlone = /^([A-Z_]+|duplicate|baseUom|checkDigit)$/;

export interface Rehearsal {
  /** That the hub would leave the entry as it is, secrets included. */
  readonly unchanged: boolean;
  /** Why the hub would refuse it, whatever else the file brings; empty when it would not. */
  readonly problems: readonly string[];
}

/** Has the hub check a PUT, and say whether it would change anything, without doing it. Secrets are compared there alone. */
export async function rehearse(
  client: HubClient,
  { path, entry, etag }: { path: string; entry: Entry; etag: string | undefined },
): Promise<Rehearsal> {
  const reply = await client.request(`${path}?dryRun=true`, {
    method: 'PUT',
    json: entry,
    ...(etag === undefined ? {} : { headers: { 'if-match': etag } }),
    // 403: who may only read can still compare.
    accept: [...refusals, 403],
  });
  if (reply.status < 300) return { unchanged: etag !== undefined && reply.etag === etag, problems: [] };
  return { unchanged: false, problems: reply.status === 403 ? [] : lastingProblems(reply.body as Refusal) };
}

/** Those that nothing earlier in the same file can mend. */
function lastingProblems({ code, errors = [] }: Refusal): string[] {
  // A key that makes no path.
  if (code === 'NOT_FOUND' || code === 'METHOD_NOT_ALLOWED') return ['has no key, or none that can be one'];
  if (code !== 'VALIDATION_FAILED') return [];
  return errors
    .filter((error) => ofEntryAlone.test(error.code))
    .map((error) => `${error.pointer || '/'}: ${error.message ?? error.code}`);
}

/** Entries that a file has more than once: the second would be made upon the first. */
export function findDuplicates(entriesOf: (part: string) => readonly Entry[]): Finding[] {
  return applyParts.flatMap((part) => {
    const seen = new Set<string>();
    return entriesOf(part.name).flatMap((entry) => {
      const path = part.pathOf(entry);
      if (!seen.has(path)) {
        seen.add(path);
        return [];
      }
      return [{ part: part.name, key: part.keyOf(entry), message: 'is in the file more than once' }];
    });
  });
}

interface Reference {
  readonly field: string;
  /** The parts in any of which it may be. */
  readonly to: readonly string[];
  readonly key: unknown;
  /** That the hub refuses the entry while it is not there. */
  readonly needed?: true;
}

const to = (entry: Entry, field: string, ...parts: string[]): Reference => ({ field, to: parts, key: entry[field] });

const needed = (reference: Reference): Reference => ({ ...reference, needed: true });

/** Who is on the other side of an agreement; a warehouse that ships for us is neither customer nor supplier. */
const partnerField = 'partner';

const referencesOf: Readonly<Record<string, (entry: Entry) => Reference[]>> = {
  locations: (entry) => [to(entry, 'fulfilledBy', 'connections'), to(entry, 'agreement', 'agreements')],
  prices: (entry) => [needed(to(entry, 'sku', 'items')), to(entry, 'customer', 'customers')],
  stockPolicies: (entry) => [to(entry, 'sku', 'items'), to(entry, 'location', 'locations')],
  expectedSupply: (entry) => [needed(to(entry, 'sku', 'items')), to(entry, 'location', 'locations')],
  agreements: (entry) => [to(entry, partnerField, 'customers', 'suppliers'), to(entry, 'connection', 'connections')],
  crossReferences: (entry) => {
    if (entry.type === 'item') return [to(entry, 'canonical', 'items')];
    return entry.type === 'customer' ? [to(entry, 'canonical', 'customers')] : [];
  },
  [stockPart]: (entry) => [
    needed(to(entry, 'location', 'locations')),
    ...(Array.isArray(entry.positions) ? entry.positions : []).map((position: unknown, index) => ({
      field: `positions[${index}].sku`,
      to: ['items'],
      key: (position as Entry | null)?.sku,
      needed: true as const,
    })),
  ],
};

/**
 * What entries refer to and neither the file nor the hub has. The hub takes most of it, as systems may be set up in any
 * order, which is why these are warnings: whoever applies the file is to know.
 */
export async function findDangling(
  client: HubClient,
  entriesOf: (part: string) => readonly Entry[],
): Promise<{ problems: Finding[]; warnings: Finding[] }> {
  const known = new Map<string, Promise<boolean>>();
  const parts = new Map(applyParts.map((part) => [part.name, part]));
  for (const part of applyParts)
    for (const entry of entriesOf(part.name)) known.set(part.pathOf(entry), Promise.resolve(true));
  const isThere = (path: string): Promise<boolean> => {
    const asked = known.get(path) ?? client.request(path, { accept: [403, 404] }).then((reply) => reply.status !== 404);
    known.set(path, asked);
    return asked;
  };
  const isWarehouse = ({ id }: Entry): Promise<boolean> => namedByLocation(client, entriesOf('locations'), id);
  const findings = { problems: [] as Finding[], warnings: [] as Finding[] };
  for (const [name, referencesIn] of Object.entries(referencesOf)) {
    for (const entry of entriesOf(name)) {
      for (const { field, to: targets, key, needed: isNeeded } of referencesIn(entry)) {
        if (typeof key !== 'string' || key === '') continue;
        const paths = targets.map((target) => pathOf(parts.get(target)!, key));
        const there = await Promise.all(paths.map(isThere));
        if (there.includes(true)) continue;
        if (field === partnerField && (await isWarehouse(entry))) continue;
        const message = `${field} refers to ${key}, which is not there among the ${targets.join(' or ')}`;
        const finding = { part: name, key: parts.get(name)?.keyOf(entry) ?? textOf(entry.location), message };
        (isNeeded === true ? findings.problems : findings.warnings).push(finding);
      }
    }
  }
  return findings;
}

/** Whether a location, of the file or of the hub, gets its releases under the agreement. */
async function namedByLocation(client: HubClient, inFile: readonly Entry[], agreement: unknown): Promise<boolean> {
  if (inFile.some((location) => location.agreement === agreement)) return true;
  let after = '';
  do {
    const path = `/v1/locations?limit=500${after}`;
    const { status, body } = await client.request<Page<{ value: Entry }>>(path, { accept: [403] });
    if (status === 403) return false;
    if (body.data.some(({ value }) => value.agreement === agreement)) return true;
    after = body.nextCursor === undefined ? '' : `&after=${encodeURIComponent(body.nextCursor)}`;
  } while (after !== '');
  return false;
}

/** Of a kind with a key of one field. */
function pathOf(part: ApplyPart, key: string): string {
  return part.pathOf({ sku: key, code: key, accountNo: key, id: key });
}
