/** Structures of the messages that report: stock, receipts, payments, sales. D.01B has shapes of its own for all four. */
import type { MessageText } from './sets-trade.ts';

const CONFIRMED =
  'EANCOM 1997 guides for D.96A, EANCOM 2002 guides and public grammars for D.01B; what the guides leave out of D.96A as a public grammar of D.97A has it';

/** States of what was received, and who is to do what about them. */
const STATES = (indent: string): string => `${indent}CDI> ?10 states\n${indent}  CDI 1\n${indent}  INP ?5\n`;

/** RFF with its date, and what else a release has with it. */
const REFERENCES = (indent: string, max: number, dates: number, more: readonly string[] = []): string =>
  [`RFF> ?${max} references`, '  RFF 1', `  DTM ?${dates}`, ...more.map((line) => `  ${line}`)]
    .map((line) => `${indent}${line}\n`)
    .join('');

const CONTACTS = (max: number): string => `  CTA> ?${max} contacts\n    CTA 1\n    COM ?5\n`;

/** What is told of one stock: its quantity, numbers, places, dates, parties, prices and packages. */
const STOCK = (identities: string): string => `    GIN ?9999
    LOC ?5
    DTM ?5
    STS ?9
    NAD> ?5 parties
      NAD 1
      LOC ?
    PRI> ?5 prices
      PRI 1
      CUX ?
      DTM ?
${REFERENCES('    ', 10, 1)}    CPS> ?9999 packing
      CPS 1
      PAC> ?9999 packages
        PAC 1
        MEA ?10
        QTY ?10
        PCI> ?9999 markings
          PCI 1
          RFF ?
          DTM ?5
          GIN ?9999
${identities}`;

const IDENTITIES = `          GIR> ?99 identities
            GIR 1
            DTM ?5
`;

const INVENTORY = (text: string, lines: string, stock: string): string => `
UNH 1
BGM 1
${text}DTM +10
${REFERENCES('', 10, 1)}NAD> ?20 parties
  NAD 1
  LOC ?5
${REFERENCES('  ', 99, 1)}${CONTACTS(10)}CUX> ?5 currencies
  CUX 1
  DTM ?
CPS> ?9999 packing
  CPS 1
  PAC> ?999 packages
    PAC 1
    PCI ?1000
    QTY> ?9999 quantities
      QTY 1
      GIN ?9999
      DTM ?5
LIN> ${lines} lines
  LIN 1
  PIA ?10
  IMD ?10
  NAD ?
  MEA ?10
  ALI ?10
  LOC ?5
  DTM ?5
  FTX ?99
${REFERENCES('  ', 10, 1)}${stock}UNT 1
`;

/** What D.01B has with each reference of a RECADV. */
const CLAIMS = ['GEI ?99', 'MOA ?99', 'ALC ?'];

const RECEIPT = (
  head: string,
  more: readonly string[],
  parties: number,
  transport: number,
  lines: string,
  line: string,
): string => `
UNH 1
BGM 1
DTM +10
ALI ?5
${head}${REFERENCES('', 10, 1, more)}DOC> ?10 documents
  DOC 1
${STATES('  ')}NAD> +${parties} parties
  NAD 1
  LOC ?10
${REFERENCES('  ', 10, 1)}${CONTACTS(10)}TOD> ?10 deliveryTerms
  TOD 1
${STATES('  ')}  LOC> ?10 places
    LOC 1
    CDI ?10
TDT> ?10 transports
  TDT 1
  DTM ?10
  CDI ?${transport}
EQD> ?9999 equipment
  EQD 1
${STATES('  ')}  SEL> ?25 seals
    SEL 1
    CDI +10
  EQA> ?10 attached
    EQA 1
${STATES('    ')}CPS> ?9999 packing
  CPS 1
  PAC> ?9999 packages
    PAC 1
    QVR ?
    PCI> ?999 markings
      PCI 1
      RFF ?
${STATES('      ')}      GIN> ?999 numbers
        GIN 1
${STATES('        ')}  LIN> ${lines} lines
    LIN 1
    PIA ?10
    IMD ?25
    QTY ?10
    QVR ?10
    DTM ?5
${line}${STATES('    ')}    DOC> ?10 documents
      DOC 1
${STATES('      ')}    GIN> ?99 numbers
      GIN 1
${STATES('      ')}${REFERENCES('    ', 10, 1, more)}    PCI> ?9999 markings
      PCI 1
      QTY ?
      QVR ?
${STATES('      ')}      GIN> ?10 numbers
        GIN 1
${STATES('        ')}CNT ?
UNT 1
`;

const TAXES = (indent: string): string => `${indent}TAX> ?9 taxes\n${indent}  TAX 1\n${indent}  MOA ?9\n`;

/** `adjusted` and `lineAdjusted` are what D.01B has under AJT of a document and of a line. */
const PAYMENT = (
  text: string,
  parties: string,
  documents: string,
  adjusted: string,
  lineAdjusted: string,
  summary: string,
): string => `
UNH 1
BGM 1
DTM +5
RFF ?5
FII ?5
PAI ?
${text}NAD> ?99 parties
  NAD 1
${parties}${CONTACTS(5)}CUX> ?5 currencies
  CUX 1
  DTM ?
DOC> ${documents} documents
  DOC 1
  MOA +5
  DTM ?5
  RFF ?5
  NAD ?2
  CUX> ?5 currencies
    CUX 1
    DTM ?
  AJT> ?100 adjustments
    AJT 1
    MOA ?
    RFF ?
    FTX ?5
${adjusted}  INP> ?5 instructions
    INP 1
    FTX ?5
  DLI> ${documents} lines
    DLI 1
    MOA ?5
    PIA ?5
    DTM ?5
    CUX> ?5 currencies
      CUX 1
      DTM ?
    AJT> ?10 adjustments
      AJT 1
      MOA ?
      RFF ?
      FTX ?5
${lineAdjusted}UNS 1
${summary}UNT 1
`;

/** What stands under a quantity of a SLSRPT in D.01B. */
const SALE = (indent: string): string =>
  ['PRI ?9', 'DTM ?9', 'RFF ?9', 'STS ?9'].map((line) => `${indent}${line}\n`).join('');

export const REPORT_MESSAGES: readonly MessageText[] = [
  {
    type: 'INVRPT',
    label: 'Inventory report',
    // Later directories put INV before QTY, and senders who have moved on keep calling it D.96A.
    provenance: `${CONFIRMED}; INV before QTY is taken in D.96A too`,
    checks: ['dates', 'gln-nad', 'gtin-lin', 'sscc-gin'],
    structure: INVENTORY(
      '',
      '?9999',
      `  INV> ?9999 movements
    INV 1
    QTY 1
${STOCK('')}  QTY> ?9999 quantities
    QTY 1
    INV ?
${STOCK('')}`,
    ),
    shapeD01b: INVENTORY('FTX ?99\n', '*', `  INV> ?9999 movements\n    INV 1\n    QTY 1\n${STOCK(IDENTITIES)}`),
  },
  {
    type: 'RECADV',
    label: 'Receiving advice',
    provenance: CONFIRMED,
    checks: ['control', 'dates', 'gln-nad', 'gtin-lin', 'sscc-gin'],
    structure: RECEIPT('', [], 10, 10, '?9999', ''),
    shapeD01b: RECEIPT('CUX ?9\nFTX ?99\n', CLAIMS, 99, 20, '*', '    PRI ?\n    FTX ?99\n    NAD ?99\n'),
  },
  {
    type: 'REMADV',
    label: 'Remittance advice',
    provenance: `${CONFIRMED}; the greatest number of amounts in the summary of D.96A unverified`,
    checks: ['dates', 'gln-nad'],
    structure: PAYMENT('FTX ?5\n', '', '?9999', '', '', 'MOA +10\n'),
    shapeD01b: PAYMENT(
      'FTX ?99\nGIS ?5\n',
      REFERENCES('  ', 9, 9),
      '*',
      `    QTY ?9\n${TAXES('    ')}`,
      TAXES('      '),
      'MOA +99\nALC> ?99 totalCharges\n  ALC 1\n  MOA ?9\n',
    ),
  },
  {
    type: 'SLSRPT',
    label: 'Sales data report',
    provenance: CONFIRMED,
    checks: ['dates', 'gln-nad', 'gtin-lin'],
    structure: `
UNH 1
BGM 1
DTM +5
NAD> +5 parties
  NAD 1
${CONTACTS(5)}${REFERENCES('', 5, 5)}CUX> ?5 currencies
  CUX 1
  DTM ?5
LOC> +200000 places
  LOC 1
  DTM ?5
${REFERENCES('  ', 99, 5)}  LIN> ?200000 lines
    LIN 1
    PIA ?5
    IMD ?5
    PAC ?5
    RFF ?5
    DOC ?5
    ALI ?5
    MOA ?5
    PRI ?5
    GIN ?9999
    QTY> ?999 quantities
      QTY 1
      MKS ?
      NAD ?
UNT 1
`,
    shapeD01b: `
UNH 1
BGM 1
DTM +5
MKS ?
${REFERENCES('', 9, 9)}NAD> +5 parties
  NAD 1
${CONTACTS(5)}${REFERENCES('  ', 9, 9)}CUX> ?5 currencies
  CUX 1
  DTM ?5
  STS ?5
LOC> * places
  LOC 1
  DTM ?5
  FTX ?5
${REFERENCES('  ', 99, 5)}  LIN> * lines
    LIN 1
    PIA ?5
    IMD ?5
    DTM ?9
    PAC ?5
    RFF ?5
    DOC ?5
    ALI ?5
    MOA ?5
    GIN ?9999
    PRI> ?999 prices
      PRI 1
      CUX ?
    PAI ?9
    QTY> ?999 quantities
      QTY 1
      MKS ?
      NAD ?
${SALE('      ')}GIS> ? byItem
  GIS 1
  LIN> * lines
    LIN 1
    PIA ?99
    IMD ?9
    PAC ?9
    MOA ?9
    LOC> * places
      LOC 1
      RFF ?9
      DTM ?9
      MOA ?9
      QTY> ?99 quantities
        QTY 1
${SALE('        ')}UNS 1
MOA ?9
UNT 1
`,
  },
];
