/** Structures of the trade messages, as D.96A has them. Group limits are generous where guides differ. */

export interface MessageText {
  type: string;
  label: string;
  provenance: string;
  checks?: string[];
  structure: string;
  /** Replacements that make the D.01B structure: each text is replaced once, in order. */
  d01b?: readonly (readonly [string, string])[];
  /** The D.01B structure as a whole, where it is another one. */
  shapeD01b?: string;
}

export const PARTIES = (indent: string, name = 'parties', max = 99): string => `${indent}NAD> ?${max} ${name}
${indent}  NAD 1
${indent}  LOC ?99
${indent}  FII ?5
${indent}  RFF> ?9999 references
${indent}    RFF 1
${indent}    DTM ?5
${indent}  DOC> ?5 documents
${indent}    DOC 1
${indent}    DTM ?5
${indent}  CTA> ?25 contacts
${indent}    CTA 1
${indent}    COM ?5
`;

const REFERENCES = `RFF> ?9999 references
  RFF 1
  DTM ?5
`;

const HEADER_TERMS = `TAX> ?5 taxes
  TAX 1
  MOA ?
  LOC ?5
CUX> ?5 currencies
  CUX 1
  PCD ?5
  DTM ?5
PAT> ?10 paymentTerms
  PAT 1
  DTM ?5
  PCD ?
  MOA ?
TDT> ?10 transports
  TDT 1
  LOC> ?10 places
    LOC 1
    DTM ?5
TOD> ?5 deliveryTerms
  TOD 1
  LOC ?2
`;

const PACKAGES = (indent: string): string => `${indent}PAC> ?99 packages
${indent}  PAC 1
${indent}  MEA ?5
${indent}  QTY ?5
${indent}  DTM ?5
${indent}  PCI> ?5 markings
${indent}    PCI 1
${indent}    RFF ?
${indent}    DTM ?5
${indent}    GIN ?10
`;

const ALLOWANCES = (indent: string, max: number): string => `${indent}ALC> ?${max} charges
${indent}  ALC 1
${indent}  ALI ?5
${indent}  DTM ?5
${indent}  QTY> ? quantities
${indent}    QTY 1
${indent}    RNG ?
${indent}  PCD> ? percentages
${indent}    PCD 1
${indent}    RNG ?
${indent}  MOA> ?2 amounts
${indent}    MOA 1
${indent}    RNG ?
${indent}  RTE> ? rates
${indent}    RTE 1
${indent}    RNG ?
${indent}  TAX> ?5 taxes
${indent}    TAX 1
${indent}    MOA ?
`;

const SCHEDULES = (indent: string, max: number): string => `${indent}EQD> ?10 equipment
${indent}  EQD 1
${indent}  HAN ?5
${indent}  MEA ?5
${indent}  FTX ?5
${indent}SCC> ?${max} schedules
${indent}  SCC 1
${indent}  FTX ?5
${indent}  RFF ?5
${indent}  QTY> ?10 quantities
${indent}    QTY 1
${indent}    DTM ?5
`;

const ORDER_HEAD = (references: string): string => `
UNH 1
BGM 1
DTM +35
PAI ?
ALI ?5
IMD ?
FTX ?99
${references}${PARTIES('')}${HEADER_TERMS}${PACKAGES('')}${SCHEDULES('', 10)}APR> ?25 priceInformation
  APR 1
  DTM ?5
  RNG ?
${ALLOWANCES('', 15)}RCS> ?100 requirements
  RCS 1
  RFF ?5
  DTM ?5
  FTX ?5
`;

const ORDER_LINE = (adjustments: string): string => `LIN> ?200000 lines
  LIN 1
  PIA ?25
  IMD ?99
  MEA ?99
  QTY ?99
  PCD ?5
  ALI ?5
  DTM ?35
  MOA ?10
  GIN ?1000
  GIR ?1000
  QVR ?
  DOC ?5
  PAI ?
  FTX ?99
  CCI> ?999 characteristics
    CCI 1
    CAV ?10
    MEA ?10
  PAT> ?10 paymentTerms
    PAT 1
    DTM ?5
    PCD ?
    MOA ?
${adjustments}  PRI> ?25 prices
    PRI 1
    CUX ?
    APR ?
    RNG ?
    DTM ?5
  RFF> ?9999 references
    RFF 1
    DTM ?5
${PACKAGES('  ')}  LOC> ?9999 places
    LOC 1
    QTY ?
    DTM ?5
  TAX> ?10 taxes
    TAX 1
    MOA ?
    LOC ?5
${PARTIES('  ', 'parties', 999)}${ALLOWANCES('  ', 99)}  TDT> ?10 transports
    TDT 1
    LOC> ?10 places
      LOC 1
      DTM ?5
  TOD> ?5 deliveryTerms
    TOD 1
    LOC ?2
${SCHEDULES('  ', 100)}  RCS> ?100 requirements
    RCS 1
    RFF ?5
    DTM ?5
    FTX ?5
  STG> ?10 stages
    STG 1
    QTY> ?3 quantities
      QTY 1
      MOA ?
`;

const ORDER_SUMMARY = `UNS 1
MOA ?12
CNT ?10
ALC> ?10 totalCharges
  ALC 1
  ALI ?
  MOA +2
UNT 1
`;

const ADJUSTMENTS = (indent: string): string => `${indent}AJT> ?10 adjustments
${indent}  AJT 1
${indent}  FTX ?5
`;

/** Dangerous goods of D.01B, by indentation. */
const DANGEROUS = (indent: string): string =>
  ['DGS> ?999 dangerousGoods', '  DGS 1', '  FTX ?5', '  CTA> ?99 contacts', '    CTA 1', '    COM ?5']
    .map((line) => `${indent}${line}\n`)
    .join('');

/** What D.01B adds to orders: related numbers, indicators, maintenance, dangerous goods, higher limits. */
const ORDER_D01B: [string, string][] = [
  ['IMD ?\nFTX ?99\n', 'IMD ?999\nFTX ?99\nGIR ?10\n'],
  ['  LOC ?5\nCUX', '  LOC ?9\nCUX'],
  ['PCD ?\n  MOA ?\nTDT', 'PCD ?\n  MOA> ?9999 amounts\n    MOA 1\n    GIR ?9\n    RJL ?99\nTDT'],
  ['ALC> ?15 charges', 'ALC> ?99 charges'],
  [
    'RCS> ?100 requirements\n  RCS 1\n  RFF ?5\n  DTM ?5\n  FTX ?5\n',
    'RCS> ?999 requirements\n  RCS 1\n  RFF ?5\n  DTM ?5\n  FTX ?9999\n',
  ],
  ['LIN> ?200000 lines', `${DANGEROUS('')}LIN> ?200000 lines`],
  ['  MOA ?10\n  GIN ?1000', '  MOA ?10\n  GIS ?99\n  GIN ?1000'],
  ['  DOC ?5\n  PAI ?\n  FTX ?99', '  DOC ?99\n  PAI ?\n  MTD ?99\n  FTX ?99'],
  ['    PCD ?\n    MOA ?\n', '    PCD ?\n    MOA> ?9999 amounts\n      MOA 1\n      GIR ?9\n'],
  ['    APR ?\n', '    APR ?99\n'],
  [
    '  RFF> ?9999 references\n    RFF 1\n    DTM ?5\n  PAC',
    '  RFF> ?9999 references\n    RFF 1\n    DTM ?5\n    GIS ?99\n    MOA ?99\n  PAC',
  ],
  [
    '    DTM ?5\n    PCI> ?5 markings',
    '    DTM ?5\n    RFF> ? references\n      RFF 1\n      DTM ?5\n    PCI> ?5 markings',
  ],
  ['    LOC 1\n    QTY ?\n    DTM ?5', '    LOC 1\n    QTY ?\n    PCD ?\n    DTM ?5'],
  [
    '  RCS> ?100 requirements\n    RCS 1\n    RFF ?5\n    DTM ?5\n    FTX ?5\n',
    '  RCS> ?999 requirements\n    RCS 1\n    RFF ?5\n    DTM ?5\n    FTX ?9999\n',
  ],
  ['UNS 1\nMOA ?12\n', `${DANGEROUS('  ')}UNS 1\nMOA ?99\n`],
];

/** Marks of packages in the answers to orders, of the message and of its lines. */
const ANSWER_D01B: [string, string][] = [
  [
    '  PCI> ?5 markings\n    PCI 1\n    RFF ?\n    DTM ?5\n    GIN ?10\nEQD',
    '  PCI> ?99 markings\n    PCI 1\n    RFF ?\n    DTM ?5\n    GIN ?99\nEQD',
  ],
  [
    '    PCI> ?5 markings\n      PCI 1\n      RFF ?\n      DTM ?5\n      GIN ?10\n',
    '    PCI> ?99 markings\n      PCI 1\n      RFF ?\n      DTM ?5\n      GIN ?99\n',
  ],
];

const INVOICE_D01B: [string, string][] = [
  ['IMD ?\nFTX ?99\n', 'IMD ?\nFTX ?99\nLOC ?10\nGIS ?10\nDGS ?\nGIR ?10\n'],
  [REFERENCES, `${REFERENCES}  GIR ?5\n  LOC ?2\n  MEA ?5\n  QTY ?2\n  FTX ?5\n  MOA ?2\n  RTE ?99\n`],
  ['  FII ?5\n', '  FII ?5\n  MOA ?99\n'],
  ['CUX> ?5 currencies', 'CUX> ?99 currencies'],
  ['  TDT 1\n', '  TDT 1\n  TSR ?\n'],
  [
    'TOD> ?5 deliveryTerms\n  TOD 1\n  LOC ?2\nPAC',
    'TOD> ?5 deliveryTerms\n  TOD 1\n  LOC ?2\nEQD> ?99 equipment\n  EQD 1\n  SEL ?9\nPAC',
  ],
  ['TOD> ?5', '  RFF> ?9999 references\n    RFF 1\n    DTM ?5\nTOD> ?5'],
  ['  MEA ?5\n  QTY ?5\n', '  MEA ?5\n  EQD ?\n  QTY ?5\n'],
  ['  ALI ?5\n  RFF>', '  ALI ?5\n  FTX ?\n  RFF>'],
  ['    MOA 1\n    RNG ?\n', '    MOA 1\n    RNG ?\n    CUX ?\n    DTM ?\n'],
  ['  PIA ?25\n  IMD ?10\n', '  PIA ?25\n  PGI ?99\n  IMD ?99\n'],
  ['  EQD ?\n  FTX ?10\n  MOA> ?5 amounts', '  EQD ?\n  FTX ?99\n  DGS ?\n  MOA> ?99 amounts'],
  ['    PCD ?\n    MOA ?\n  PRI', '    PCD ?99\n    MOA ?\n  PRI'],
  ['    PRI 1\n', '    PRI 1\n    CUX ?\n'],
  ['    PAC 1\n    MEA ?5\n    QTY ?5\n', '    PAC 1\n    MEA ?10\n    EQD ?\n    QTY ?5\n'],
  ['    PCI> ?5 markings\n', '    PCI> ?10 markings\n'],
  ['  NAD> ?20 parties', '  NAD> ?99 parties'],
  ['    ALI ?5\n    DTM ?5\n    QTY>', '    ALI ?5\n    DTM ?5\n    FTX ?\n    QTY>'],
  ['      MOA 1\n      RNG ?\n', '      MOA 1\n      RNG ?\n      CUX ?\n      DTM ?\n'],
  ['      TAX 1\n      MOA ?\n', '      TAX 1\n      MOA ?2\n'],
  ['    LOC 1\n    QTY ?\n', '    LOC 1\n    QTY ?100\n'],
  ['    TAX 1\n    MOA ?\n    LOC ?5', '    TAX 1\n    MOA ?2\n    LOC ?5'],
  [
    'UNS 1\n',
    '  GIS> ?10 indicators\n    GIS 1\n    RFF ?\n    DTM ?5\n    GIR ?5\n    LOC ?2\n    MEA ?5\n    QTY ?2\n    FTX ?5\n    MOA ?2\nUNS 1\n',
  ],
  ['    RFF 1\n    DTM ?\nTAX', '    RFF 1\n    DTM ?5\nTAX'],
  ['  ALI ?\n  MOA +2\nUNT', '  ALI ?\n  MOA ?2\n  FTX ?\nUNT'],
];

const DESPATCH_D01B: [string, string][] = [
  ['  PCD ?6\n', '  PCD ?6\n  TMD ?\n'],
  ['  FTX ?5\n  PAC>', '  FTX ?5\n  QVR ?9\n  PAC>'],
  ['      GIR ?99\n', '      GIR> ?99 identities\n        GIR 1\n        DTM ?5\n'],
  [
    '        GIN 1\n        DLM ?10\n',
    '        GIN 1\n        DLM ?10\n    COD> ?99 components\n      COD 1\n      MEA ?9\n      QTY ?9\n      PCD ?9\n',
  ],
  ['    DLM ?100\n    DTM ?5\n', '    DLM ?100\n    DTM ?5\n    NAD ?99\n    TDT ?\n    TMD ?\n    HAN ?20\n'],
  ['DGS> ?10 dangerousGoods', 'DGS> ?9999 dangerousGoods'],
  ['      HAN ?10\n', '      HAN> ?10 handling\n        HAN 1\n        FTX ?5\n        GIN ?1000\n'],
  ['CNT ?5\n', 'CNT ?99\n'],
];

/** Where D.96A has lower limits, those of D.01B are taken: what a sender gives too often there harms nobody. */
const AS_LATER = 'D.96A is taken with the limits of D.01B where those are higher';
const CONFIRMED = `EANCOM guides and public grammars of D.01B; ${AS_LATER}`;
const CONFIRMED_ORDERS = `EANCOM guides and public grammars of D.96A and D.01B; ${AS_LATER}`;
const CONFIRMED_ANSWERS = `${CONFIRMED}; its groups in D.96A are those of ORDERS`;

const CHECKS = ['control', 'dates', 'gln-nad', 'gtin-lin', 'sscc-gin'];

const INVOICE_HEAD_ALLOWANCE = ALLOWANCES('', 9999).replace(
  '  DTM ?5\n',
  '  RFF> ?5 references\n    RFF 1\n    DTM ?5\n',
);

export const TRADE_MESSAGES: readonly MessageText[] = [
  {
    type: 'ORDERS',
    label: 'Purchase order',
    provenance: CONFIRMED_ORDERS,
    checks: CHECKS,
    structure: ORDER_HEAD(REFERENCES) + ORDER_LINE('') + ORDER_SUMMARY,
    d01b: ORDER_D01B,
  },
  {
    type: 'ORDRSP',
    label: 'Purchase order response',
    provenance: CONFIRMED_ANSWERS,
    checks: CHECKS,
    structure: ORDER_HEAD(REFERENCES + ADJUSTMENTS('')) + ORDER_LINE(ADJUSTMENTS('  ')) + ORDER_SUMMARY,
    d01b: [...ORDER_D01B, ...ANSWER_D01B],
  },
  {
    type: 'ORDCHG',
    label: 'Purchase order change',
    provenance: CONFIRMED_ANSWERS,
    checks: CHECKS,
    structure: ORDER_HEAD(REFERENCES + ADJUSTMENTS('')) + ORDER_LINE(ADJUSTMENTS('  ')) + ORDER_SUMMARY,
    d01b: [...ORDER_D01B, ...ANSWER_D01B],
  },
  {
    type: 'INVOIC',
    label: 'Invoice',
    provenance: CONFIRMED,
    checks: CHECKS,
    structure: `
UNH 1
BGM 1
DTM +35
PAI ?
ALI ?5
IMD ?
FTX ?99
${REFERENCES}${PARTIES('')}TAX> ?5 taxes
  TAX 1
  MOA ?
  LOC ?5
CUX> ?5 currencies
  CUX 1
  DTM ?5
PAT> ?10 paymentTerms
  PAT 1
  DTM ?5
  PCD ?
  MOA ?
  PAI ?
  FII ?
TDT> ?10 transports
  TDT 1
  LOC> ?10 places
    LOC 1
    DTM ?5
TOD> ?5 deliveryTerms
  TOD 1
  LOC ?2
${PACKAGES('').replace('?99 packages', '?1000 packages')}${INVOICE_HEAD_ALLOWANCE}RCS> ?100 requirements
  RCS 1
  RFF ?5
  DTM ?5
  FTX ?5
AJT> ? adjustments
  AJT 1
  FTX ?5
INP> ? instructions
  INP 1
  FTX ?5
LIN> ?9999999 lines
  LIN 1
  PIA ?25
  IMD ?10
  MEA ?5
  QTY ?5
  PCD ?
  ALI ?5
  DTM ?35
  GIN ?1000
  GIR ?1000
  QVR ?
  EQD ?
  FTX ?10
  MOA> ?5 amounts
    MOA 1
    CUX ?
  PAT> ?10 paymentTerms
    PAT 1
    DTM ?5
    PCD ?
    MOA ?
  PRI> ?25 prices
    PRI 1
    APR ?
    RNG ?
    DTM ?5
  RFF> ?10 references
    RFF 1
    DTM ?5
${PACKAGES('  ')}  LOC> ?9999 places
    LOC 1
    QTY ?
    DTM ?5
  TAX> ?99 taxes
    TAX 1
    MOA ?
    LOC ?5
${PARTIES('  ', 'parties', 20)}${ALLOWANCES('  ', 30)}  TDT> ?10 transports
    TDT 1
    LOC> ?10 places
      LOC 1
      DTM ?5
  TOD> ?5 deliveryTerms
    TOD 1
    LOC ?2
  RCS> ?100 requirements
    RCS 1
    RFF ?5
    DTM ?5
    FTX ?5
UNS 1
CNT ?10
MOA> +100 amounts
  MOA 1
  RFF> ? references
    RFF 1
    DTM ?
TAX> ?10 taxTotals
  TAX 1
  MOA ?9
ALC> ?15 totalCharges
  ALC 1
  ALI ?
  MOA +2
UNT 1
`,
    d01b: INVOICE_D01B,
  },
  {
    type: 'DESADV',
    label: 'Despatch advice',
    provenance: CONFIRMED,
    checks: CHECKS,
    structure: `
UNH 1
BGM 1
DTM ?10
ALI ?5
MEA ?5
MOA ?5
CUX ?9
RFF> ?10 references
  RFF 1
  DTM ?
NAD> ?99 parties
  NAD 1
  LOC ?10
  RFF> ?10 references
    RFF 1
    DTM ?
  CTA> ?10 contacts
    CTA 1
    COM ?5
TOD> ?10 deliveryTerms
  TOD 1
  LOC ?5
  FTX ?5
TDT> ?10 transports
  TDT 1
  PCD ?6
  LOC> ?10 places
    LOC 1
    DTM ?10
EQD> ?10 equipment
  EQD 1
  MEA ?5
  SEL ?25
  EQA ?5
  HAN> ?10 handling
    HAN 1
    FTX ?10
CPS> ?9999 packing
  CPS 1
  FTX ?5
  PAC> ?9999 packages
    PAC 1
    MEA ?10
    QTY ?10
    HAN> ?10 handling
      HAN 1
      FTX ?10
    PCI> ?1000 markings
      PCI 1
      RFF ?
      DTM ?5
      GIR ?99
      GIN> ?99 numbers
        GIN 1
        DLM ?10
  LIN> ?9999 lines
    LIN 1
    PIA ?10
    IMD ?25
    MEA ?10
    QTY ?10
    ALI ?10
    GIN ?100
    GIR ?100
    DLM ?100
    DTM ?5
    FTX ?99
    MOA ?5
    RFF> ?99 references
      RFF 1
      NAD ?
      CTA ?
      DTM ?
    DGS> ?10 dangerousGoods
      DGS 1
      QTY ?
      FTX ?5
    LOC> ?100 places
      LOC 1
      NAD ?
      DTM ?
      QTY ?10
    SGP> ?1000 splitGoods
      SGP 1
      QTY> ?10 quantities
        QTY 1
        PCI ?
    TOD> ?
      TOD 1
      LOC ?
      FTX ?5
    PCI> ?9999 markings
      PCI 1
      DTM ?5
      MEA ?10
      QTY ?
      GIN> ?10 numbers
        GIN 1
        DLM ?100
      HAN ?10
    QVR> ?10 differences
      QVR 1
      DTM ?5
CNT ?5
UNT 1
`,
    d01b: DESPATCH_D01B,
  },
];
