import type { LineOutcome } from '../model/index.ts';
import type { EdiTerms } from './edi-terms.ts';
import { MapError } from './map.ts';

/** Line codes that mean the same with everybody, beside those of the agreement: ACK01 of the 855 and 865. */
const X12_CODES: Readonly<Record<string, LineOutcome>> = {
  IA: 'accepted',
  AC: 'accepted',
  AR: 'accepted',
  SP: 'accepted',
  IE: 'price_changed',
  IP: 'price_changed',
  IB: 'backordered',
  IQ: 'quantity_changed',
  IC: 'quantity_changed',
  DR: 'quantity_changed',
  IS: 'substituted',
  ID: 'rejected',
  IR: 'rejected',
  IH: 'held',
  IF: 'held',
  IW: 'held',
};

/** 1229 of ORDRSP. */
const EDIFACT_CODES: Readonly<Record<string, LineOutcome>> = {
  '4': 'held',
  '5': 'accepted',
  '3': 'quantity_changed',
  '6': 'quantity_changed',
  '24': 'quantity_changed',
  '7': 'rejected',
  '2': 'rejected',
  '10': 'rejected',
  '38': 'substituted',
};

/**
 * What a partner's line code means: by the agreement first, then by what is common. Of codes that the agreement uses for
 * several meanings the first counts. A code without a meaning is refused, never guessed.
 */
export function outcomeOf(
  code: string | undefined,
  terms: EdiTerms,
  standard: 'x12' | 'edifact',
  path: string,
): LineOutcome {
  const own: Record<string, LineOutcome> = {};
  const { lineCodes } = terms;
  const meanings: [string, LineOutcome][] = [
    [lineCodes.accepted, 'accepted'],
    // Accepted as far as the quantity beside it goes.
    [lineCodes.partial, 'accepted'],
    [lineCodes.backordered, 'backordered'],
    [lineCodes.substituted, 'substituted'],
    [lineCodes.rejected, 'rejected'],
    [lineCodes.hold, 'held'],
    [lineCodes.priceChanged, 'price_changed'],
    [lineCodes.quantityChanged, 'quantity_changed'],
  ];
  for (const [written, meaning] of meanings) own[written] ??= meaning;
  const common = standard === 'x12' ? X12_CODES : EDIFACT_CODES;
  const found = own[code ?? ''] ?? common[code ?? ''] ?? (/^R[1-9]$/.test(code ?? '') ? 'rejected' : undefined);
  if (found === undefined)
    throw new MapError('LINE_CODE_UNKNOWN', `Line code ${code ?? '(none)'} has no meaning here`, path);
  return found;
}
