/** What the EDI maps need of a trading partner agreement, defaults filled in; `partners` keeps the whole of it. */
export interface EdiTerms {
  /** Account number of the partner. */
  readonly partner: string;
  readonly channel: string;
  /** Currency where the document names none. */
  readonly currency: string;
  readonly test: boolean;
  /** Version of what we originate: `004010`, `D.96A`. */
  readonly version: string;
  /** IANA zone of dates and times that name none. */
  readonly timeZone: string;
  /** Unit of quantities that are written without one. */
  readonly defaultUnit?: string;
  /** Our unit code → the partner's, where they differ. */
  readonly units: Readonly<Record<string, string>>;
  /** Element 235 under which item numbers are written. Without `gtin` it follows the GTIN's length: UP, EN or UK. */
  readonly itemQualifiers: { readonly buyer: string; readonly vendor: string; readonly gtin?: string };
  readonly lineCodes: {
    readonly accepted: string;
    readonly partial: string;
    readonly backordered: string;
    readonly rejected: string;
    readonly quantityChanged: string;
    readonly priceChanged: string;
    readonly substituted: string;
    readonly hold: string;
  };
  /** BAK02. AK, AT and RJ carry no lines. */
  readonly acknowledgmentCodes: { readonly accepted: string; readonly changed: string; readonly rejected: string };
  readonly shipNotice: {
    readonly structure: 'SOPI' | 'SOTPI' | 'SOTI' | 'SOIP' | 'SOITP' | 'SOI';
    readonly structureCode?: string;
    readonly ssccWithAi: boolean;
  };
  /** W0501 of a 940 that takes a release back. */
  readonly warehouse: { readonly cancelCode: string };
  readonly seller: {
    readonly name?: string;
    readonly vendorNo?: string;
    readonly qualifier?: string;
    readonly code?: string;
  };
  /** Both sides by name and code (element 66), for documents that must name them. */
  readonly us?: TermParty;
  readonly them?: TermParty;
}

export interface TermParty {
  readonly name?: string;
  readonly code?: string;
  readonly qualifier?: string;
}

/** The terms as the maps get them in `context.settings`. */
export function ediTermsOf(settings: Readonly<Record<string, unknown>>): EdiTerms {
  return settings as unknown as EdiTerms;
}

/** Our unit code as this partner writes it, and back. A unit that the agreement does not name stays as it is. */
export function unitToPartner(terms: EdiTerms, uom: string): string {
  return terms.units[uom] ?? uom;
}

export function unitFromPartner(terms: EdiTerms, code: string): string {
  return Object.entries(terms.units).find(([, theirs]) => theirs === code)?.[0] ?? code;
}
