/** Character sets of EDIFACT interchanges, by syntax identifier (UNB 0001). */
import { CONTROL, EXTENDED, HIGH, LATIN1, LOWER, singleByte, UTF8, type Charset } from './segment-view.ts';

interface CharsetRule {
  charset: () => Charset;
  /** Character classes outside the set. */
  forbidden: number;
}

/** Levels A and B hold ASCII only; where real files carry more, UTF-8 or Latin-1 is the better guess. */
const RULES: Record<string, CharsetRule> = {
  UNOA: { charset: () => UTF8, forbidden: CONTROL | LOWER | EXTENDED | HIGH },
  UNOB: { charset: () => UTF8, forbidden: CONTROL | HIGH },
  UNOC: { charset: () => LATIN1, forbidden: CONTROL },
  UNOD: { charset: () => singleByte('iso-8859-2'), forbidden: CONTROL },
  UNOE: { charset: () => singleByte('iso-8859-5'), forbidden: CONTROL },
  UNOF: { charset: () => singleByte('iso-8859-7'), forbidden: CONTROL },
  UNOG: { charset: () => singleByte('iso-8859-3'), forbidden: CONTROL },
  UNOH: { charset: () => singleByte('iso-8859-4'), forbidden: CONTROL },
  UNOI: { charset: () => singleByte('iso-8859-6'), forbidden: CONTROL },
  UNOJ: { charset: () => singleByte('iso-8859-8'), forbidden: CONTROL },
  UNOK: { charset: () => singleByte('iso-8859-9'), forbidden: CONTROL },
  // The airlines' names for levels A and B.
  IATA: { charset: () => UTF8, forbidden: CONTROL | LOWER | EXTENDED | HIGH },
  IATB: { charset: () => UTF8, forbidden: CONTROL | HIGH },
  UNOW: { charset: () => UTF8, forbidden: CONTROL },
  UNOX: { charset: () => UTF8, forbidden: CONTROL },
  UNOY: { charset: () => UTF8, forbidden: CONTROL },
};

const made = new Map<string, Charset>();

/** The character set of a syntax identifier; `undefined` when there is no such identifier. */
export function charsetOf(syntaxId: string): { charset: Charset; forbidden: number } | undefined {
  const rule = RULES[syntaxId];
  if (rule === undefined || !Object.hasOwn(RULES, syntaxId)) return undefined;
  let charset = made.get(syntaxId);
  if (charset === undefined) {
    charset = rule.charset();
    made.set(syntaxId, charset);
  }
  return { charset, forbidden: rule.forbidden };
}
