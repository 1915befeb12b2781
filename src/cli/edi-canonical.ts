/** The canonical layer of `crossdock edi read`: the maps under the usual terms, for whoever has no agreement at hand. */
import type { Guide, Interchange } from '../edi/index.ts';
import { ediTerms } from '../exchange/index.ts';
import { indexMaps, MapError } from '../maps/index.ts';
import { termsOf } from '../partners/index.ts';

export interface Canonical {
  /** What the document's map makes of it: `{ kind, value }`, `schema` for documents. */
  canonical?: unknown;
  /** Why there is none. */
  unmapped?: { message: string; code?: string; path?: string };
}

/**
 * Maps a document as the hub would under an agreement that says nothing special: no cross-references, no overlay, the
 * sender's id standing for the partner.
 */
export function canonicalOf(guide: Guide, interchange: Interchange): Canonical {
  const map = indexMaps().inbound(guide.standard, guide.type);
  if (map === undefined) return { unmapped: { message: `There is no map of ${guide.type} to a canonical document` } };
  const agreement = {
    id: 'unnamed',
    partner: interchange.sender.id,
    standard: guide.standard,
    version: guide.version,
    us: interchange.receiver,
    them: interchange.sender,
    usage: interchange.usage === 'T' ? ('test' as const) : ('production' as const),
  };
  const context = {
    source: interchange.sender.id,
    settings: ediTerms(termsOf(agreement, 1)),
    receivedAt: '1970-01-01T00:00:00Z',
    version: guide.version,
    lookup: () => undefined,
  };
  try {
    // The guide's nodes have no prototype; plain objects are what maps are written for.
    return { canonical: map.map(JSON.parse(JSON.stringify(guide.body)), context) };
  } catch (error) {
    if (error instanceof MapError) {
      const { code, message, path } = error;
      return { unmapped: path === undefined ? { code, message } : { code, message, path } };
    }
    // Exact arithmetic refuses what is no number, or too large a one.
    if (error instanceof RangeError) return { unmapped: { message: error.message } };
    throw error;
  }
}
