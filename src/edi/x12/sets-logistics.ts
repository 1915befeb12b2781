/** Structures of warehouse, transport, payment, catalogue and report documents. */
import { LATER_RELEASES, type SetText } from './set-text.ts';

const PUBLIC = `public partner guides and public grammars of 004010; ${LATER_RELEASES}`;

const PARTY = (indent: string, more: readonly string[] = ['REF ?12', 'PER ?3'], names = 'N2 ?2'): string =>
  ['N1 1', names, 'N3 ?2', 'N4 ?', ...more].map((line) => `${indent}${line}\n`).join('');

const CODES = (indent: string, most = '?10', each = '+100'): string =>
  `${indent}LM> ${most} codeSources\n${indent}  LM 1\n${indent}  LQ ${each}\n`;

const ACCOUNTING = (indent: string): string => `${indent}FA1> * accounting\n${indent}  FA1 1\n${indent}  FA2 +\n`;

const STORES = (indent: string): string => `${indent}SPO> * orders\n${indent}  SPO 1\n${indent}  SDQ ?10\n`;

/** Dangerous goods, whose segments are read but not interpreted. */
const HAZARD = (indent: string, most = '?25', more: readonly string[] = []): string =>
  [
    `LH1> ${most} hazards`,
    '  LH1 1',
    '  LH2 ?4',
    '  LH3 ?12',
    '  LFH ?20',
    '  LEP *',
    '  LH4 ?',
    '  LHT ?3',
    ...more.map((line) => `  ${line}`),
  ]
    .map((line) => `${indent}${line}\n`)
    .join('');

/** A description of goods with its contacts, who answer for dangerous ones. */
const DESCRIBED = (indent: string): string => `${indent}L5> ?99 descriptions
${indent}  L5 1
${indent}  AT8 ?
${indent}  G61> ?99 contacts
${indent}    G61 1
${indent}    L11 ?5
${indent}    LH6 ?6
${HAZARD(`${indent}    `)}`;

const EQUIPMENT = (indent: string): string => `${indent}N7> ?10 equipment
${indent}  N7 1
${indent}  N7A ?
${indent}  N7B ?
${indent}  MEA ?
${indent}  M7 ?2
`;

/** What an adjustment or a remittance refers to line by line. */
const REMITTED_LINES = (indent: string): string => `${indent}IT1> * lines
${indent}  IT1 1
${indent}  REF> * references
${indent}    REF 1
${indent}    DTM ?
${indent}  SAC> * charges
${indent}    SAC 1
${indent}    TXI *
${indent}  SLN> * sublines
${indent}    SLN 1
${indent}    REF> * references
${indent}      REF 1
${indent}      DTM *
${indent}    SAC> * charges
${indent}      SAC 1
${indent}      TXI *
`;

const STATUSES = (indent: string): string =>
  `${indent}AT7> ?10 events\n${indent}  AT7 1\n${indent}  MS1 ?\n${indent}  MS2 ?\n`;

/** Serial numbers and lots of a warehouse line. */
const UNITS = (indent: string, more = ''): string => `${indent}LX> * units
${indent}  LX 1
${indent}  N9 *
${indent}  G62 ?10
${indent}  N1 ?
${more}${CODES(`${indent}  `)}`;

/**
 * Header of the warehouse documents, from the parties on. Two places are laxer than the standard: the carrier (W27) of a 943 and
 * the party of a 944 are often left out, by our own forms too, and nothing is lost by taking such a document.
 */
const WAREHOUSE_HEAD = (parties: string, names: string, dates: string, notes: string): string => `N1> ${parties} parties
${PARTY('  ', ['PER ?5'], names)}N9 ?15
G61 ?3
G62 ${dates}
NTE ${notes}
`;

const set = (
  type: string,
  functionalId: string,
  label: string,
  body: string,
  checks: string[] = [],
  provenance = PUBLIC,
): SetText => ({ type, functionalId, label, provenance, checks, structure: `ST 1\n${body.replace(/^\n/, '')}SE 1\n` });

export const LOGISTICS_SETS: readonly SetText[] = [
  set(
    '820',
    'RA',
    'Payment order and remittance advice',
    `
BPR 1
NTE *
TRN ?
CUR ?
REF *
DTM *
N1> * parties
${PARTY('  ', ['REF *', 'PER *', 'RDM ?', 'DTM ?'], 'N2 *')}ENT> * entities
  ENT 1
  NM1> * names
    NM1 1
    N2 *
    N3 *
    N4 *
    REF *
    PER *
  ADX> * adjustments
    ADX 1
    NTE *
    PER *
    DTM ?
    REF> * references
      REF 1
      DTM *
${REMITTED_LINES('    ')}  RMR> * remittances
    RMR 1
    NTE *
    REF *
    DTM *
${REMITTED_LINES('    ')}    ADX> * adjustments
      ADX 1
      NTE *
      PER *
      REF> * references
        REF 1
        DTM *
${REMITTED_LINES('      ')}TXP> * taxes
  TXP 1
  TXI *
DED *
`,
  ),
  set(
    '832',
    'SC',
    'Price and sales catalogue',
    `
BCT 1
CTP ?100
REF *
YNQ ?10
PER *
DTM ?10
CTB ?25
CUR ?5
ITD ?5
LDT *
SAC> * charges
  SAC 1
TD1 *
TD5 *
TD3 *
TD4 *
FOB ?
PKG *
G93 ?50
TXI *
AAA ?
N1> * parties
${PARTY('  ', ['REF ?12', 'PKG *', 'PER *', 'DTM ?10'])}${CODES('', '*', '+')}N9> * notes
  N9 1
  DTM *
  MSG *
LIN> * lines
  LIN 1
  PO1 ?
  G53 ?
  SI *
  DTM ?10
  REF *
  YNQ ?10
  PER *
  CRD *
  CTB ?25
  PID> ?200 descriptions
    PID 1
  MEA ?40
  PKG ?25
  PO4 ?
  TD1 *
  TD5 *
  TD3 *
  TD4 *
  ITD ?5
  LDT *
  SAC> * charges
    SAC 1
  FOB ?
  AAA ?
  TC2 ?2
  TXI *
  G55 ?
  G54 ?
  CTP> ?100 prices
    CTP 1
    G40 ?99
    DTM ?10
    G36 ?
    LDT ?
    CUR ?5
    PO4 ?
    CTB ?5
    REF *
    G43 *
    SAC *
    G26 ?99
  N1> * parties
${PARTY('    ', ['REF ?12', 'PER *', 'DTM ?10', 'PKG *'])}  G39> * vendorItems
    G39 1
    CTP ?
  PKL> ?20 packagingLevels
    PKL 1
    CTP ?
    PKG ?2
  LFG> ? hazard
    LFG 1
    CRC> * conditions
      CRC 1
      QTY ?
${CODES('  ', '*', '+')}  SLN> * sublines
    SLN 1
    SI *
    PID *
    DTM *
    CTP *
    PAM *
    PO4 *
    PKG *
    QTY *
    MEA *
    SAC *
    MTX *
${CODES('    ', '*', '+')}  N9> * notes
    N9 1
    DTM *
    MSG *
CTT ?
`,
    ['lines:LIN', 'gtin:LIN.2', 'gln'],
  ),
  set(
    '846',
    'IB',
    'Inventory inquiry or advice',
    `
BIA 1
CUR ?
DTM ?10
REF ?12
PER ?3
MEA ?20
N1> ?5 parties
${PARTY('  ')}${CODES('')}LIN> +10000 lines
  LIN 1
  PID ?200
  MEA ?40
  PKG ?25
  DTM ?10
  CTP ?25
  CUR ?
  SAC ?25
  REF *
  PER ?3
  SDQ ?500
  MAN ?
  UIT ?12
  CS ?
  DD *
  G53 ?
  PCT *
  LDT ?12
${CODES('  ')}  SLN> ?1000 sublines
    SLN 1
    PID ?200
    MEA ?40
    PKG ?25
    MAN> ?100 marks
      MAN 1
      MEA ?40
  QTY> ?99 quantities
    QTY 1
    UIT ?12
    MEA ?25
    LDT ?12
    DTM ?10
    SCH> ?25 schedules
      SCH 1
      MEA ?25
${CODES('    ', '*')}    LS> ? referenceLoop
      LS 1
      REF> * references
        REF 1
        DTM *
        N1 ?
${CODES('        ')}      LE 1
  N1> ?200 parties
${PARTY('    ')}CTT ?
`,
    ['lines:LIN', 'gtin:LIN.2', 'gln'],
  ),
  set(
    '852',
    'PD',
    'Product activity',
    `
XQ 1
XPO *
N9 *
PER ?3
N1> ?200 parties
${PARTY('  ', ['FOB ?', 'TD5 ?', 'DTM *', 'N9 *', 'PER ?3'], 'N2 ?')}LIN> ?999999 lines
  LIN 1
  CTP ?25
  PO4 ?
  N9 *
  PID *
  AMT ?10
  PAL ?
  QTY ?
  ZA> + activities
    ZA 1
    QTY ?
    CTP ?25
    SDQ *
    G95> ? requirements
      G95 1
      DTM ?2
CTT ?
`,
    ['lines:LIN', 'gtin:LIN.2'],
  ),
  set(
    '861',
    'RC',
    'Receiving advice',
    `
BRA 1
CUR ?
REF *
PER ?3
DTM +10
PRF ?25
TD1 ?2
TD5 ?12
TD3 ?12
TD4 ?5
MEA ?40
N1> ?200 parties
${PARTY('  ', ['REF ?100', 'PER ?3', 'FOB ?'])}${CODES('')}RCD> ?200000 lines
  RCD 1
  SN1 ?
  CUR ?
  LIN ?100
  PID ?1000
  PO4 ?100
  REF ?12
  PER ?3
  DTM ?10
  PRF ?25
  MEA *
  FOB ?
  TD1 ?20
  TD5 ?12
  TD3 ?12
  TD4 ?5
  SAC ?10
  MAN *
${CODES('  ')}  SLN> ?100 sublines
    SLN 1
    PID ?1000
    NM1 ?
${CODES('    ')}  N1> ?200 parties
${PARTY('    ', ['REF ?100', 'PER ?3', 'FOB ?'])}CTT ?
`,
    ['lines:RCD'],
  ),
  set(
    '940',
    'OW',
    'Warehouse shipping order',
    `
W05 1
${WAREHOUSE_HEAD('?10', 'N2 ?2', '?10', '*')}W09 ?2
W66 ?
W6 ?
R2 ?13
BNX ?
${CODES('')}LX> * loads
  LX 1
  MAN *
  SDQ *
  N1 ?
  G62 ?10
  W01> * lines
    W01 1
    G69 ?5
    N9 ?200
    NTE *
    W20 ?3
    QTY ?10
    AMT *
    G62 ?10
    G66 ?
    N1 ?3
    PER ?5
    LH2 ?6
    LHR ?
    LH6 ?5
${CODES('    ')}    LS> ? unitLoop
      LS 1
${UNITS('      ', '        SDQ *\n')}${HAZARD('        ', '*', ['LHR ?5', 'PER ?5'])}      LE 1
${ACCOUNTING('    ')}W76 ?
`,
  ),
  set(
    '943',
    'AR',
    'Warehouse stock transfer advice',
    `
W06 1
${WAREHOUSE_HEAD('+10', 'N2 ?', '?5', '?20')}W27 ?
W28 ?10
W10 ?
W04> +9999 lines
  W04 1
  G69 ?5
  N9 ?200
  W20 ?2
W03 1
`,
  ),
  set(
    '944',
    'RE',
    'Warehouse stock receipt',
    `
W17 1
${WAREHOUSE_HEAD('?10', 'N2 ?', '?5', '?20')}W08 ?
W18 ?10
G08 ?2
W07> +9999 lines
  W07 1
  G69 ?5
  N9 ?200
  W20 ?2
  W13> ?50 exceptions
    W13 1
    N9 ?200
W14 1
`,
  ),
  set(
    '945',
    'SW',
    'Warehouse shipping advice',
    `
W06 1
${WAREHOUSE_HEAD('+10', 'N2 ?', '?10', '?20')}W27 ?
W6 ?
W28 ?10
W10 ?10
G72 ?5
${CODES('')}LX> * loads
  LX 1
  MAN *
  PAL ?
  N9 ?10
  W12> * lines
    W12 1
    G69 ?5
    N9 ?200
    G62 ?10
    QTY ?10
    MEA ?5
    AMT ?
    R4 ?5
    W27 ?
    N1 ?5
    G72 ?5
${CODES('    ')}    LS> ? unitLoop
      LS 1
${UNITS('      ')}      LE 1
${ACCOUNTING('    ')}W03 ?
`,
    ['sscc'],
  ),
  set(
    '947',
    'AW',
    'Warehouse inventory adjustment',
    `
W15 1
${WAREHOUSE_HEAD('+100', 'N2 ?', '?5', '?20')}${CODES('')}W19> + lines
  W19 1
  G69 ?5
  N9 ?10
  CS ?
  AMT ?
  G62 ?10
${CODES('  ')}  N1> ?50 parties
${PARTY('    ', ['G61 ?5'])}${UNITS('  ')}${ACCOUNTING('  ')}`,
    [],
    `${PUBLIC}; an adjustment without a number is taken too`,
  ),
  set(
    '204',
    'SM',
    'Load tender',
    `
B2 1
B2A 1
L11 ?50
G62 *
MS3 ?
AT5 ?6
PLD ?
LH6 ?6
NTE ?10
N1> ?15 parties
${PARTY('  ', ['L11 *', 'G61 ?3'], 'N2 ?')}${EQUIPMENT('')}S5> +999 stops
  S5 1
  L11 ?50
  G62 ?2
  AT8 ?
  LAD ?999
  AT5 ?6
  PLD ?
  NTE ?20
  N1> ? party
${PARTY('    ', ['G61 ?3'], 'N2 ?')}${DESCRIBED('  ')}  OID> ?999 orders
    OID 1
    G62 ?2
    LAD ?999
${DESCRIBED('    ')}${EQUIPMENT('  ')}L3 ?
`,
  ),
  set(
    '990',
    'GF',
    'Response to a load tender',
    `
B1 1
N9 *
G62 ?6
N7 ?
L9 ?40
V9 ?10
K1 ?10
S5> ?999 stops
  S5 1
  N9 ?10
  G62 ?10
  K1 ?10
`,
  ),
  set(
    '210',
    'IM',
    'Freight invoice',
    `
B3 1
C2 ?
C3 ?
ITD ?
N9 ?300
G62 ?6
R3 ?12
H3 ?6
K1 ?10
N1> ?10 parties
${PARTY('  ', ['N9 ?5'], 'N2 ?')}N7> ?10 equipment
  N7 1
  M7 ?2
${STORES('')}S5> ?999 stops
  S5 1
  N9 ?10
  G62 ?10
  H3 ?6
${STORES('  ')}  N1> ?2 parties
${PARTY('    ', ['N9 ?5'], 'N2 ?')}    N7> ?10 equipment
      N7 1
      M7 ?2
LX> ?9999 lines
  LX 1
  N9 ?5
  POD ?
  L5 ?30
  H1 ?3
  H2 ?2
  L0 ?10
  L1 ?50
  L4 ?10
  L7 ?10
  K1 ?10
${STORES('  ')}  N1> ?999999 parties
${PARTY('    ', ['N9 ?10'], 'N2 ?')}    CD3> ?999999 cartons
      CD3 1
      N9 ?20
      H6 ?10
      L9 ?10
      POD ?
      G62 ?
${STORES('    ')}L3 ?
`,
  ),
  set(
    '214',
    'QM',
    'Shipment status',
    `
B10 1
L11 ?300
MAN ?9999
K1 ?10
N1> ?10 parties
${PARTY('  ', ['G61 ?', 'G62 ?', 'L11 ?10'], 'N2 ?')}MS3 ?12
LX> ?999999 statuses
  LX 1
${STATUSES('  ')}  L11 ?10
  MAN ?9999
  Q7 ?10
  K1 ?10
  AT5 ?10
  AT8 ?10
  CD3> ?999999 cartons
    CD3 1
    L11 ?20
${STATUSES('    ')}    NM1 ?
    Q7 ?10
    AT8 ?
    MAN ?9999
    N1> ?999999 parties
${PARTY('      ', ['L11 ?10'], 'N2 ?')}  PRF> ?999999 orders
    PRF 1
    N1> ?999999 parties
${PARTY('      ', ['L11 ?10'], 'N2 ?')}    CD3> ?999999 cartons
      CD3 1
      L11 ?20
${STATUSES('      ')}      MAN ?9999
${STORES('  ')}`,
  ),
  set(
    '824',
    'AG',
    'Application advice',
    `
BGN 1
N1> * parties
${PARTY('  ')}OTI> + originals
  OTI 1
  REF ?12
  DTM ?2
  PER ?3
  AMT *
  QTY *
  NM1 ?9
  TED> * errors
    TED 1
    NTE ?100
    RED ?100
  LM> * codeSources
    LM 1
    LQ> +100 codes
      LQ 1
      RED ?100
`,
  ),
  set(
    '864',
    'TX',
    'Text message',
    `
BMG 1
DTM ?10
N1> ?200 parties
${PARTY('  ')}MIT> + messages
  MIT 1
  N1> ?200 parties
${PARTY('    ')}  MSG +100000
`,
  ),
];
