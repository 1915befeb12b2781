import type { EdiTerms } from '../maps/index.ts';
import type { Terms } from '../partners/index.ts';

/** The part of an agreement that the EDI maps work with, defaults filled in. */
export function ediTerms(terms: Terms): EdiTerms & Record<string, unknown> {
  const { agreement } = terms;
  const { itemQualifiers, orderAcknowledgment, shipNotice } = agreement;
  return {
    partner: agreement.partner,
    channel: terms.channel,
    currency: agreement.currency ?? 'USD',
    test: agreement.usage === 'test',
    units: agreement.units ?? {},
    itemQualifiers: {
      buyer: itemQualifiers?.buyer ?? 'IN',
      vendor: itemQualifiers?.vendor ?? 'VN',
      gtin: itemQualifiers?.gtin,
    },
    lineCodes: terms.lineCodes,
    acknowledgmentCodes: {
      accepted: orderAcknowledgment?.codes?.accepted ?? 'AD',
      changed: orderAcknowledgment?.codes?.changed ?? 'AC',
      rejected: orderAcknowledgment?.codes?.rejected ?? 'RD',
    },
    shipNotice: {
      structure: shipNotice?.structure ?? 'SOPI',
      structureCode: shipNotice?.structureCode,
      ssccWithAi: shipNotice?.ssccWithAi ?? true,
    },
    seller: agreement.seller ?? {},
  };
}
