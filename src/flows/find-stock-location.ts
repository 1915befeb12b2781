import type { Location } from '../model/index.ts';
import { resolveCrossReferences, shipToExternal } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import type { StockProblem } from './stock-problem.ts';

/** The warehouse as a document names it (N1*WH, NAD+WH). */
export interface NamedWarehouse {
  readonly name?: string;
  readonly code?: string;
  readonly qualifier?: string;
}

interface Question {
  readonly agreement: string;
  readonly partner: string;
  readonly today: string;
  readonly named: NamedWarehouse | undefined;
}

/**
 * Which of our locations a document under a warehouse's agreement is about: the one that works under it, or of several the one
 * that the document names by its GLN, by our code or by a code with a cross-reference.
 */
export async function findStockLocation(
  tx: Tx,
  locations: readonly Location[],
  question: Question,
): Promise<Location | StockProblem> {
  const { agreement, partner, today, named } = question;
  const own = locations.filter((location) => location.agreement === agreement);
  const code = named?.code;
  const [only] = own.length === 1 ? own : [];
  if (code === undefined) return only ?? unnamed(own);
  const external = shipToExternal({ ...named, code });
  const references = await resolveCrossReferences(tx, partner, [{ type: 'location', external }], today);
  const referred = references.get(`location\0${external}`);
  const found =
    locations.find((location) => location.code === referred) ??
    locations.find((location) => location.gln === code || location.code === code);
  if (found !== undefined && found.agreement !== agreement) {
    const names = own.map((location) => location.code).join(', ');
    const text = `it names the warehouse ${code}, which is ${found.code}; the agreement ${agreement} is that of ${names}`;
    return { code: 'MAP_FAILED', subject: 'warehouse', text };
  }
  return found ?? only ?? unknown(partner, external, own);
}

function unnamed(own: readonly Location[]): StockProblem {
  const names = own.map(({ code }) => code).join(', ');
  const text = `it names no warehouse (N1*WH, NAD+WH), and several work under its agreement: ${names}`;
  return { code: 'MAP_FAILED', subject: 'warehouse', text };
}

function unknown(partner: string, external: string, own: readonly Location[]): StockProblem {
  const names = own.map(({ code }) => code).join(', ');
  return {
    code: 'XREF_MISSING',
    subject: external,
    text: `it names the warehouse ${external}, which is none of ${names}`,
    suggestedFix:
      'Approve a cross-reference of that code to one of the locations, or give the location that code as its GLN, then work the message again.',
    data: { type: 'location', external, scope: partner },
  };
}

export const isProblem = (found: Location | StockProblem): found is StockProblem => 'subject' in found;
