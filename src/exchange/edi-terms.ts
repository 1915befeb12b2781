import type { EdiTerms } from '../maps/index.ts';
import type { Terms } from '../partners/index.ts';

/** BAK02. */
const X12_ANSWERS = { accepted: 'AD', changed: 'AC', rejected: 'RD' };
/** BGM 1225 of an ORDRSP. */
const EDIFACT_ANSWERS = { accepted: '29', changed: '30', rejected: '27' };

/** The part of an agreement that the EDI maps work with, defaults filled in. */
export function ediTerms(terms: Terms): EdiTerms & Record<string, unknown> {
  const { agreement } = terms;
  const { itemQualifiers, orderAcknowledgment, shipNotice } = agreement;
  return {
    partner: agreement.partner,
    channel: terms.channel,
    currency: agreement.currency ?? 'USD',
    test: agreement.usage === 'test',
    version: agreement.version,
    defaultUnit: agreement.defaultUnit,
    units: agreement.units ?? {},
    itemQualifiers: {
      buyer: itemQualifiers?.buyer ?? 'IN',
      vendor: itemQualifiers?.vendor ?? 'VN',
      gtin: itemQualifiers?.gtin,
    },
    lineCodes: terms.lineCodes,
    acknowledgmentCodes: {
      ...(agreement.standard === 'x12' ? X12_ANSWERS : EDIFACT_ANSWERS),
      ...orderAcknowledgment?.codes,
    },
    shipNotice: {
      structure: shipNotice?.structure ?? 'SOPI',
      structureCode: shipNotice?.structureCode,
      ssccWithAi: shipNotice?.ssccWithAi ?? true,
    },
    seller: agreement.seller ?? {},
  };
}
