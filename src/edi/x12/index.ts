/** The X12 definitions: one base dictionary, releases as deltas over it, sets compiled when first asked for. */
import { compilePlaces, makeDefinition } from '../definition-language.ts';
import { Dictionary } from '../dictionary.ts';
import type { Definition } from '../schema.ts';
import { packKey } from '../segment-view.ts';
import { CODES, COMPOSITES, ELEMENTS } from './elements.ts';
import { RELEASE_DELTAS, RELEASES } from './releases.ts';
import { MORE_ELEMENTS, MORE_SEGMENTS, OTHER_ELEMENTS, SEGMENTS } from './segments.ts';
import { KNOWN_SEGMENT_IDS } from './segment-ids.ts';
import type { SetText } from './set-text.ts';
import { ORDER_SETS } from './sets-order.ts';
import { LOGISTICS_ELEMENTS, LOGISTICS_SEGMENTS, WAREHOUSE_ELEMENTS } from './segments-logistics.ts';
import { LOGISTICS_SETS } from './sets-logistics.ts';
import { SUPPLY_ELEMENTS, SUPPLY_SEGMENTS } from './segments-supply.ts';
import { SHIP_INVOICE_SETS } from './sets-ship-invoice.ts';
import { SUPPLY_SETS } from './sets-supply.ts';

export { RELEASES } from './releases.ts';

/** Every transaction set we define. A new one is one entry in one of these lists. */
export const X12_SETS: readonly SetText[] = [...ORDER_SETS, ...SHIP_INVOICE_SETS, ...LOGISTICS_SETS, ...SUPPLY_SETS];

const knownKeys: ReadonlySet<number> = new Set(KNOWN_SEGMENT_IDS.trim().split(/\s+/).map(packKey));
const byType = new Map(X12_SETS.map((set) => [set.type, set]));
const dictionaries = new Map<string, Dictionary>();
const definitions = new Map<string, Definition>();

/** The release of ours that governs a GS08 or ISA12 (`004010VICS`, `00401`), or undefined outside 004000 to 005010. */
function releaseOf(version: string): string | undefined {
  const digits = /^\d{5,6}/.exec(version)?.[0].padEnd(6, '0');
  if (digits === undefined || digits < '004000' || digits > '005019') return undefined;
  return RELEASES.findLast((release) => release <= digits) ?? RELEASES[0];
}

export function x12Dictionary(release: string): Dictionary {
  let dictionary = dictionaries.get(release);
  if (dictionary === undefined) {
    const deltas = RELEASE_DELTAS.filter((delta) => delta.since <= release);
    const base = {
      elements: ELEMENTS + MORE_ELEMENTS + OTHER_ELEMENTS + LOGISTICS_ELEMENTS + WAREHOUSE_ELEMENTS + SUPPLY_ELEMENTS,
      codes: CODES,
      composites: COMPOSITES,
      segments: SEGMENTS + MORE_SEGMENTS + LOGISTICS_SEGMENTS + SUPPLY_SEGMENTS,
    };
    dictionary = new Dictionary(base, deltas);
    dictionaries.set(release, dictionary);
  }
  return dictionary;
}

export function x12Definition(version: string, type: string): Definition | undefined {
  const release = releaseOf(version);
  const set = byType.get(type);
  if (release === undefined || set === undefined) return undefined;
  const key = `${release} ${type}`;
  let definition = definitions.get(key);
  if (definition === undefined) {
    const dictionary = x12Dictionary(release);
    const about = {
      standard: 'x12' as const,
      version: release,
      type,
      functionalId: set.functionalId,
      label: set.label,
      provenance: set.provenance,
      checks: set.checks ?? [],
      knownKeys,
    };
    definition = makeDefinition(about, compilePlaces(dictionary, set.structure), dictionary.keys);
    definitions.set(key, definition);
  }
  return definition;
}

/** The functional identifier (GS01) in which a set travels. */
export function functionalIdOf(type: string): string | undefined {
  return byType.get(type)?.functionalId;
}
