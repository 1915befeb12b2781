/** Structures of planning, routing, return, rebate, resale and status documents. */
import { LATER_RELEASES, type SetText } from './set-text.ts';

const PUBLIC = `public partner guides and public grammars of 004010; ${LATER_RELEASES}`;

/** A party's loop content, by indentation. */
const PARTY = (indent: string, more: readonly string[] = ['REF ?12', 'PER ?3']): string =>
  ['N1 1', 'N2 ?2', 'N3 ?2', 'N4 ?', ...more].map((line) => `${indent}${line}\n`).join('');

const CODES = (indent: string, name = 'codeSources', most = '*'): string =>
  `${indent}LM> ${most} ${name}\n${indent}  LM 1\n${indent}  LQ +100\n`;

const ACCOUNTING = (indent: string): string => `${indent}FA1> * accounting\n${indent}  FA1 1\n${indent}  FA2 +\n`;

const set = (
  type: string,
  functionalId: string,
  label: string,
  body: string,
  checks: string[] = ['gln'],
  provenance = PUBLIC,
): SetText => ({ type, functionalId, label, provenance, checks, structure: `ST 1\n${body.replace(/^\n/, '')}SE 1\n` });

const RESALE = set(
  '867',
  'PT',
  'Product transfer and resale report',
  `
BPT 1
CUR ?
DTM ?10
REF ?12
PER ?3
MEA ?20
PSA ?10
N1> ?5 parties
${PARTY('  ', ['REF ?12'])}  PER> * contacts
    PER 1
    REF *
${CODES('')}PTD> + transfers
  PTD 1
  DTM ?10
  REF ?20
  PRF ?
  PER ?3
  MAN ?
  N1> ?5 parties
${PARTY('    ', ['REF ?20', 'PER ?3'])}    SII> * sales
      SII 1
      N9 ?
  QTY> * lines
    QTY 1
    LIN ?
    PO3 ?25
    PO4 ?
    UIT ?12
    AMT ?12
    ITA ?10
    PID ?200
    MEA ?40
    PWK ?25
    PKG ?25
    REF *
    PER ?3
    DTM ?10
    CUR ?
    DD ?
    LDT ?
    LM> * codeSources
      LM 1
      LQ ?100
    LX> * units
      LX 1
      REF *
      DTM ?
      N1 ?
${CODES('      ')}${ACCOUNTING('    ')}CTT> ? totals
  CTT 1
  AMT ?12
  ITA ?10
`,
  ['gtin:LIN.2', 'gln'],
);

const ROUTING_REQUEST = set(
  '753',
  'RF',
  'Request for routing instructions',
  `
BGN 1
PER ?
YNQ ?
N1> +5 parties
${PARTY('  ', [])}LX 1
N1> +9999 destinations
${PARTY('  ', ['L11 ?5', 'G62 ?2', 'USI ?'])}  OID> ?9999 orders
    OID 1
    CMC *
    L11 ?5
    LAD *
`,
);

const ROUTING = set(
  '754',
  'RG',
  'Routing instructions',
  `
BGN 1
PER ?5
N1> +5 parties
${PARTY('  ', [])}LX> +9999 shipments
  LX 1
  L11 ?5
  BLR ?
  SMD ?
  OID *
  G62 ?2
  MSI ?
  QTY> ?25 quantities
    QTY 1
    AT9 ?
  N1> ? destination
${PARTY('    ', [])}`,
);

const RETURN = set(
  '180',
  'AN',
  'Return authorization and notification',
  `
BGN 1
RDR ?
PRF ?
DTM ?10
N9 ?10
PER ?2
SAC ?10
G38 ?
PKG ?5
TD1 ?10
TD5 ?10
NTE ?5
N1> ?200 parties
${PARTY('  ', ['PER ?5'])}${CODES('', 'codeSources', '?10')}BLI> * lines
  BLI 1
  N9 ?20
  PID ?5
  RDR ?
  SAC ?10
  AMT *
  MEA *
  CRC *
  NTE *
  PRF ?
  DTM ?15
  DD ?100
  GF ?
  TD5 ?5
  SDQ ?100
${CODES('  ', 'codeSources', '?10')}  N1> ?200 parties
${PARTY('    ', ['PER ?5'])}  QTY> * quantities
    QTY 1
    AMT ?5
    DTM ?10
    N1 ?
${CODES('    ', 'codeSources', '?10')}    LX> * units
      LX 1
      N9 *
      DTM ?10
      N1 ?
${CODES('      ', 'codeSources', '?10')}${ACCOUNTING('  ')}`,
  ['gtin:BLI.1', 'stores:BLI.3', 'gln'],
);

const ADJUSTMENT = set(
  '812',
  'CD',
  'Credit or debit adjustment',
  `
BCD 1
CUR ?
N9 *
PER *
ITD *
DTM *
FOB ?
SHD *
SAC ?25
N1> +200 parties
${PARTY('  ', ['N9 ?12', 'PER ?3', 'AMT ?10'])}${CODES('', 'codeSources', '?10')}${ACCOUNTING('')}CDD> * adjustments
  CDD 1
  LIN ?
  PO4 ?
  SAC ?25
  N9 *
  DTM ?5
${CODES('  ', 'codeSources', '?10')}  N11> * stores
    N11 1
    AMT ?10
    PCT ?2
    N1> * parties
      N1 1
      AMT ?10
      PCT ?2
`,
  ['gtin:LIN.2', 'gln'],
);

const REFERENCES = (indent: string): string => `${indent}REF> * references\n${indent}  REF 1\n${indent}  DTM *\n`;

const STATUS = set(
  '870',
  'RS',
  'Order status report',
  `
BSR 1
TD3 ?
TD4 ?
TD5 ?
DTM ?10
${REFERENCES('')}N1> ?200 parties
${PARTY('  ', ['REF ?12', 'PER ?3', 'PWK ?'])}${CODES('', 'codeSources', '?10')}HL> +1000 hierarchy
  HL 1
  PRF ?
  ISR> ?104 statuses
    ISR 1
    PID ?6
    QTY ?4
  PER ?3
  DTM ?10
  CS ?3
${REFERENCES('  ')}  N1> ?200 parties
${PARTY('    ')}${CODES('  ', 'codeSources', '?10')}  PO1> ?1000 lines
    PO1 1
    CUR ?
    SLN ?100
    PO3 ?
    PID ?1000
    MEA ?40
    PKG ?25
    ISR> ?104 statuses
      ISR 1
      PID ?6
      QTY ?4
      DTM ?10
      N1 ?
      N2 ?2
      N3 ?2
      N4 ?
      TD1 ?
      TD5 ?
      TD3 ?
      TD4 ?
      REF ?12
      SAC ?25
${CODES('      ', 'codeSources', '?10')}    LX> * units
      LX 1
      REF *
      N1 ?
      DTM ?10
${CODES('      ', 'codeSources', '?10')}CTT ?
`,
  ['hierarchy', 'gtin:PO1.6', 'gln'],
);

const STATUS_INQUIRY = set(
  '869',
  'RS',
  'Order status inquiry',
  `
BSI 1
NTE ?100
HL> + hierarchy
  HL 1
  PRF ?
  DTM ?10
  LIN *
  PID ?1000
  MEA ?40
  QTY ?
  GF ?
${REFERENCES('  ')}  N1> * parties
${PARTY('    ')}${CODES('  ')}${ACCOUNTING('  ')}CTT ?
`,
  ['hierarchy', 'gtin:LIN.2', 'gln'],
);

const ORGANIZATION = set(
  '816',
  'OR',
  'Organizational relationships',
  `
BHT 1
DTM ?10
REF ?12
N1> + parties
${PARTY('  ', ['PER ?3', 'REF ?12'])}HL> + hierarchy
  HL 1
  N1> + members
${PARTY('    ', ['PER *', 'REF ?12', 'QTY ?5', 'DTM ?10', 'LQ *', 'ASI ?'])}`,
  ['hierarchy', 'gln'],
);

const PLANNING = set(
  '830',
  'PS',
  'Planning schedule',
  `
BFR 1
XPO *
CUR ?
REF ?12
PER ?3
TAX ?3
FOB ?
CTP ?25
SAC ?25
CSH ?
ITD ?2
DTM ?10
PID ?200
MEA ?40
PWK ?25
PKG ?25
TD1 ?2
TD5 ?12
TD3 ?12
TD4 ?5
MAN ?10
N1> ?200 parties
${PARTY('  ', ['REF ?12', 'PER ?3', 'FOB ?'])}${CODES('')}LIN> + lines
  LIN 1
  UIT ?
  DTM ?10
  CUR ?
  PO3 ?25
  CTP ?25
  PID ?1000
  MEA ?40
  PWK ?25
  PKG ?25
  PO4 ?
  PRS ?
  REF ?12
  PER ?3
  SAC ?25
  ITD ?2
  TAX ?3
  FOB ?
  LDT ?12
  QTY *
  ATH ?20
  TD1 ?
  TD5 ?12
  TD3 ?12
  TD4 ?5
  MAN ?10
  DD ?10
  SLN> ?100 sublines
    SLN 1
    PID ?1000
    NM1 ?10
  N1> ?200 parties
${PARTY('    ', ['REF ?12', 'PER ?3', 'FOB ?'])}${CODES('  ')}  FST> * forecasts
    FST 1
    QTY *
    SDQ ?50
${CODES('    ')}  SDP> ?260 patterns
    SDP 1
    FST ?260
  SHP> ?25 shipped
    SHP 1
    REF ?5
CTT ?
`,
  ['lines:LIN', 'gtin:LIN.2', 'gln'],
);

const SHIPPING_SCHEDULE = set(
  '862',
  'SS',
  'Shipping schedule',
  `
BSS 1
DTM ?10
N1> ?200 parties
${PARTY('  ', ['REF ?12', 'PER ?3', 'FOB ?'])}LIN> +10000 lines
  LIN 1
  UIT 1
  PKG *
  PO4 *
  PRS ?
  QTY ?
  REF ?12
  PER ?
  SDP ?
  FST> ?100 forecasts
    FST 1
    DTM *
    SDQ *
    JIT> ?96 times
      JIT 1
      REF ?500
  SHP> ?10 shipped
    SHP 1
    REF ?12
  TD1 ?
  TD3 ?
  TD5 ?
CTT ?
`,
  ['lines:LIN', 'gtin:LIN.2', 'gln'],
);

const REBATE_HEAD = (first: string, more = ''): string => `
${first} 1
CUR ?
${more}NTE ?10
REF ?12
PER ?3
DTM ?10
N1> ?50 parties
${PARTY('  ')}`;

const REBATE_LINE = (more: readonly string[]): string =>
  [
    'LIN ?',
    ...more,
    'PID ?200',
    'MEA ?40',
    'UIT ?5',
    'QTY ?5',
    'AMT ?2',
    'RCD ?',
    'REF ?12',
    'DTM ?10',
    'CUR ?',
    'SSS ?',
  ]
    .map((line) => `    ${line}\n`)
    .join('');

const REBATE = set(
  '844',
  'CF',
  'Product transfer account adjustment',
  `${REBATE_HEAD('BAA')}CON> +10000 contracts
  CON 1
  REF ?12
  PER ?3
  DTM ?10
  N1> ?50 parties
${PARTY('    ')}    SII> * sales
      SII 1
      N9 ?
  PAD> ?1000 lines
    PAD 1
${REBATE_LINE([])}CTT 1
AMT ?5
`,
  ['gtin:LIN.2', 'gln'],
);

const REBATE_RESPONSE = set(
  '849',
  'CF',
  'Response to a product transfer account adjustment',
  `${REBATE_HEAD('BRC', 'AAA ?10\n')}CON> ?10000 contracts
  CON 1
  AAA ?10
  REF ?12
  PER ?3
  DTM ?10
  N1> ?50 parties
${PARTY('    ')}  PAD> ?1000 lines
    PAD 1
${REBATE_LINE(['AAA ?10'])}CTT 1
AMT ?5
`,
  ['gtin:LIN.2', 'gln'],
);

const PRICE_AUTHORIZATION = set(
  '845',
  'PA',
  'Price authorization or status',
  `
BPA 1
CUR ?
NTE ?10
REF ?12
PER ?3
DTM ?10
N1> ?10000 parties
${PARTY('  ', ['REF ?12', 'PER ?3', 'DTM ?10'])}CON> +10000 contracts
  CON 1
  REF ?12
  PER ?3
  DTM ?10
  CTB ?10
  ITD ?2
  N1> ?10000 parties
${PARTY('    ', ['REF ?12', 'PER ?3', 'DTM ?2', 'CTB ?25'])}  PAD> * lines
    PAD 1
    CTB ?10
    PID ?200
    MEA ?40
    UIT ?20
    QTY ?5
    AMT ?5
    CUR ?
    SSS ?
    SHP ?
    DTM ?2
    LIN> ? item
      LIN 1
      G53 ?
      SLN ?100
    N1> ?10000 parties
${PARTY('      ', ['DTM ?10', 'CTB ?25'])}    CTP> ?25 prices
      CTP 1
      DTM ?10
      CTB ?25
      N1> ?10000 parties
${PARTY('        ', ['DTM ?10', 'CTB ?25'])}CTT 1
`,
  ['gtin:LIN.2', 'gln'],
);

export const SUPPLY_SETS: readonly SetText[] = [
  RESALE,
  ROUTING_REQUEST,
  ROUTING,
  RETURN,
  ADJUSTMENT,
  STATUS,
  STATUS_INQUIRY,
  ORGANIZATION,
  PLANNING,
  SHIPPING_SCHEDULE,
  REBATE,
  REBATE_RESPONSE,
  PRICE_AUTHORIZATION,
];
