import type { EdiTerms, TermParty } from '../maps/index.ts';
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
    timeZone: terms.timeZone,
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
    warehouse: { cancelCode: agreement.warehouse?.cancelCode ?? 'F' },
    seller: agreement.seller ?? {},
    us: ourselves(agreement),
    them: addressed(agreement.them, agreement.standard),
  };
}

/** Interchange qualifiers (I05, 0007) whose ids mean the same in N1 (element 66); another id is what both have agreed on. */
const X12_IDS: Readonly<Record<string, string>> = { '01': '1', '14': '9' };
const EDIFACT_IDS: Readonly<Record<string, string>> = { '14': 'UL', '1': '1' };

function addressed({ id, qualifier }: Terms['agreement']['us'], standard: string): TermParty {
  const ids = standard === 'x12' ? X12_IDS : EDIFACT_IDS;
  return { code: id.trim(), qualifier: ids[qualifier] ?? 'ZZ' };
}

/** We under the name and code that the agreement has for us as a seller, and by our address otherwise. */
function ourselves({ seller, standard, us }: Terms['agreement']): TermParty {
  const address = addressed(us, standard);
  const name = seller?.name === undefined ? {} : { name: seller.name };
  return seller?.code === undefined
    ? { ...name, ...address }
    : { ...name, code: seller.code, qualifier: seller.qualifier ?? 'ZZ' };
}
