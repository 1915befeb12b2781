/** Structures of warehouse, transport, payment, catalogue and report documents. */
import type { SetText } from './set-text.ts';

const UNVERIFIED = 'public guides; elements not interpreted and occurrence limits unverified';

const PARTY = (indent: string, more: readonly string[] = ['REF ?12', 'PER ?3']): string =>
  ['N1 1', 'N2 ?2', 'N3 ?2', 'N4 ?', ...more].map((line) => `${indent}${line}\n`).join('');

const LOTS = (indent: string): string => `${indent}G69 ?5\n${indent}N9 ?200\n${indent}QTY *\n${indent}W20 ?\n`;

const set = (
  type: string,
  functionalId: string,
  label: string,
  body: string,
  checks: string[] = [],
  provenance = UNVERIFIED,
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
${PARTY('  ', ['REF *', 'PER *', 'RDM ?', 'DTM ?'])}ENT> * entities
  ENT 1
  NM1> * names
    NM1 1
    N2 ?
    N3 *
    N4 *
    REF *
    PER *
  ADX> * adjustments
    ADX 1
    NTE *
    PER *
    REF> * references
      REF 1
      DTM *
  RMR> * remittances
    RMR 1
    NTE *
    REF *
    DTM *
    IT1> * lines
      IT1 1
      REF *
      SAC *
    ADX> * adjustments
      ADX 1
      NTE *
      PER *
      REF> * references
        REF 1
        DTM *
`,
  ),
  set(
    '832',
    'SC',
    'Price and sales catalogue',
    `
BCT 1
REF ?12
PER ?3
TAX ?3
FOB *
CTP> * prices
  CTP 1
PAM *
CSH ?5
SAC> ?25 charges
  SAC 1
CUR ?5
ITD ?5
DTM ?10
N9> ?1000 notes
  N9 1
  DTM ?
  MSG ?1000
N1> * parties
${PARTY('  ')}LIN> ?999999 lines
  LIN 1
  SI *
  DTM ?
  REF *
  PER ?3
  CTB *
  PID> ?1000 descriptions
    PID 1
    MEA ?10
    REF ?
  MEA *
  PKG ?25
  PO4 ?
  TAX *
  CSH ?5
  CUR ?5
  FOB *
  SAC> ?25 charges
    SAC 1
  ITD ?5
  TD1 ?
  TD5 *
  TD4 ?5
  LDT *
  QTY *
  CTP> * prices
    CTP 1
    CUR ?
    DTM ?
    PID ?
  SLN> ?1000 sublines
    SLN 1
    PID ?1000
  N1> * parties
${PARTY('    ')}CTT ?
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
MEA ?
N1> ?5 parties
${PARTY('  ')}LM> ?10 codeSources
  LM 1
  LQ +100
LIN> ?10000 lines
  LIN 1
  PID ?200
  MEA ?25
  PKG ?25
  DTM ?10
  CTP ?25
  CUR ?
  SAC ?25
  PO4 ?
  REF *
  PER ?3
  SDQ ?500
  MAN ?1
  UIT ?12
  CS ?
  DD ?100
  QTY> ?99 quantities
    QTY 1
    UIT ?12
    MEA ?25
    DTM ?10
    LDT ?12
    REF *
    SCH> ?25 schedules
      SCH 1
      DTM *
  SLN> ?100 sublines
    SLN 1
    PID ?200
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
N9 ?10
PER ?3
N1> ?5 parties
${PARTY('  ', ['REF ?12', 'PER ?3'])}LIN> +100000 lines
  LIN 1
  CTP ?25
  PO4 ?
  N9 ?10
  PID ?
  ZA> ?100 activities
    ZA 1
    SDQ ?1000
    CTP ?
  N1> ?100 parties
${PARTY('    ')}CTT ?
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
TAX ?3
DTM ?10
PRF *
PID ?200
MEA ?40
PWK ?25
TD1 ?2
TD5 ?12
TD3 ?12
TD4 ?5
N1> ?200 parties
${PARTY('  ')}RCD> ?200000 lines
  RCD 1
  SN1 ?
  CUR ?
  LIN ?100
  PID ?1000
  PO4 ?
  MEA *
  REF *
  DTM ?10
  PRF *
  MAN *
  N1> ?200 parties
${PARTY('    ')}CTT ?
`,
    ['lines:RCD'],
  ),
  set(
    '940',
    'OW',
    'Warehouse shipping order',
    `
W05 1
N1> ?10 parties
${PARTY('  ', ['PER ?3', 'N9 ?10'])}N9 ?10
G61 ?3
G62 ?10
NTE ?9999
W09 ?2
W66 ?
LX> +9999 loads
  LX 1
  MAN ?9
  W01> +9999 lines
    W01 1
${LOTS('    ')}    AMT *
    MEA *
    NTE *
    N1> ?200 parties
${PARTY('      ', ['PER ?3', 'N9 ?10'])}W76 ?
`,
  ),
  set(
    '943',
    'AR',
    'Warehouse stock transfer advice',
    `
W06 1
N1> ?10 parties
${PARTY('  ', ['PER ?3', 'N9 ?10'])}N9 ?15
G62 ?10
NTE ?20
W27 ?10
W28 ?10
W04> +9999 lines
  W04 1
${LOTS('  ')}W03 ?
`,
  ),
  set(
    '944',
    'RE',
    'Warehouse stock receipt',
    `
W17 1
N1> ?10 parties
${PARTY('  ', ['PER ?3', 'N9 ?10'])}N9 ?15
G62 ?10
NTE ?20
W08 ?
W07> +9999 lines
  W07 1
${LOTS('  ')}  MEA *
  W13> ?99 exceptions
    W13 1
    N9 ?100
W14 ?
`,
  ),
  set(
    '945',
    'SW',
    'Warehouse shipping advice',
    `
W06 1
N1> ?10 parties
${PARTY('  ', ['PER ?3', 'N9 ?10'])}N9 ?10
G62 ?10
NTE ?20
W27 ?
W28 ?10
LX> +9999 loads
  LX 1
  MAN *
  PAL ?
  N9 ?10
  W12> +9999 lines
    W12 1
${LOTS('    ')}    MAN *
    N1> ?200 parties
${PARTY('      ', ['PER ?3', 'N9 ?10'])}W03 ?
`,
    ['sscc'],
  ),
  set(
    '947',
    'AW',
    'Warehouse inventory adjustment',
    `
W15 1
N1> ?10 parties
${PARTY('  ', ['PER ?3', 'N9 ?10'])}G62 ?10
NTE ?10
W19> +9999 lines
  W19 1
  N1 ?
  N9 ?200
  G69 ?5
  NTE ?10
`,
  ),
  set(
    '204',
    'SM',
    'Load tender',
    `
B2 1
B2A 1
L11 *
G62 *
MS3 ?
AT5 ?6
PLD ?
LH6 ?6
NTE ?10
N1> ?15 parties
${PARTY('  ', ['L11 *', 'G61 ?3'])}N7> ?10 equipment
  N7 1
  M7 ?2
S5> +999 stops
  S5 1
  L11 *
  G62 ?2
  AT8 ?
  LAD *
  AT5 ?6
  PLD ?
  NTE ?20
  N1> ? party
${PARTY('    ', ['G61 ?3'])}  L5> ?99 descriptions
    L5 1
    AT8 ?
    G61 ?
  OID> ?999 orders
    OID 1
    G62 ?2
    LAD *
    L5> ?99 descriptions
      L5 1
      AT8 ?
L3 ?
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
K1 ?10
`,
  ),
  set(
    '210',
    'IM',
    'Freight invoice',
    `
B3 1
C3 ?
ITD ?
N9 ?300
G62 ?6
R3 ?12
H3 ?6
K1 ?10
N1> ?10 parties
${PARTY('  ', ['N9 ?5'])}N7> ?10 equipment
  N7 1
  M7 ?2
S5> ?999 stops
  S5 1
  N9 ?10
  G62 ?2
  H3 ?6
  N1> ?2 parties
${PARTY('    ', ['N9 ?5'])}LX> ?9999 lines
  LX 1
  N9 ?5
  POD ?
  L5 ?30
  L0 ?10
  L1 ?50
  L4 ?10
  L7 ?10
  K1 ?10
  N1> ?999999 parties
${PARTY('    ', ['N9 ?10'])}    CD3> ?999999 cartons
      CD3 1
      N9 ?20
      POD ?
      L1 ?50
      G62 ?10
L3 ?
`,
  ),
  set(
    '214',
    'QM',
    'Shipment status',
    `
B10 1
L11 ?300
MAN *
K1 ?10
N1> ?10 parties
${PARTY('  ', ['G62 ?', 'L11 *'])}MS3 ?12
LX> ?999999 statuses
  LX 1
  AT7> ?10 events
    AT7 1
    MS1 ?
    MS2 ?
    K1 ?10
    M7 ?
  L11 *
  MAN *
  Q7 ?10
  K1 ?10
  AT5 ?10
  AT8 *
  CD3> ?999999 cartons
    CD3 1
    L11 ?20
    AT7> ?10 events
      AT7 1
      MS1 ?
      MS2 ?
  PRF> * orders
    PRF 1
    L11 *
    N1 *
`,
  ),
  set(
    '824',
    'AG',
    'Application advice',
    `
BGN 1
N1> * parties
${PARTY('  ')}OTI> +10000 originals
  OTI 1
  REF ?12
  DTM ?2
  PER ?3
  AMT ?10
  QTY ?10
  TED> ?10000 errors
    TED 1
    NTE ?100
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
