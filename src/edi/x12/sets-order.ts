/** Structures of purchase orders, their acknowledgments and changes. */
import { LATER_RELEASES, type SetText } from './set-text.ts';

/** Lines of a structure, indented. */
const block = (indent: string, text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => `${indent}${line}\n`)
    .join('');

const CODES = `
LM> * codeSources
  LM 1
  LQ +
`;

/** What the four documents share from their first segment to their notes. */
const HEAD = (first: string, closing: string): string => `
ST 1
${first} 1
CUR ?
REF *
PER ?3
TAX *
FOB *
CTP *
PAM ?10
CSH ?25
TC2 *
SAC> ?25 charges
  SAC 1
  CUR ?
ITD *
DIS ?20
INC ?
DTM ?10
LDT ?12
LIN ?5
SI *
PID ?200
MEA ?40
PWK ?25
PKG ?200
TD1 ?2
TD5 ?12
TD3 ?12
TD4 ?5
${closing.trim()}
`;

const AMOUNTS = `
AMT> * amounts
  AMT 1
  REF *
  DTM ?
  PCT *
  FA1> * accounting
    FA1 1
    FA2 +
`;

const NOTES = `N9> ?1000 notes
  N9 1
  DTM *
  MSG ?1000
`;

const PARTIES = `N1> ?200 parties
  N1 1
  N2 ?2
  N3 ?2
  N4 *
  NX2 *
  REF ?12
  PER *
  SI *
  FOB ?
  TD1 ?2
  TD5 ?12
  TD3 ?12
  TD4 ?5
  PKG ?200
  MSG *
`;

const SPECIFICATIONS = `${CODES.trim()}
SPI> * specifications
  SPI 1
  REF ?5
  DTM ?5
  MSG ?50
  N1> ?20 parties
    N1 1
    N2 ?2
    N3 ?2
    N4 ?
    REF ?20
    G61 ?
    PER *
    MSG ?50
  CB1> * contracts
    CB1 1
    REF ?20
    DTM ?5
    LDT ?
    MSG ?50
`;

const ADVERTISING = `ADV> * advertising
  ADV 1
  DTM *
  MTX *
`;

/** A line from its items to its carrier. */
const LINE_HEAD = `
LIN *
SI *
CUR ?
CN1 ?
PO3 ?25
CTP> * prices
  CTP 1
  CUR ?
PAM ?10
MEA ?40
PID> ?1000 descriptions
  PID 1
  MEA ?10
PWK ?25
`;

const LINE_TERMS = `
PO4 *
REF *
PER ?3
SAC> ?25 charges
  SAC 1
  CUR ?
  CTP ?
IT8 ?25
CSH *
ITD ?2
DIS ?20
INC ?
TAX *
FOB *
SDQ ?500
IT3 ?5
DTM ?10
`;

const CARRIERS = `
TD1 ?
TD5 ?12
TD3 ?12
TD4 ?5
`;

const ACKNOWLEDGMENTS = `
ACK> ?104 acknowledgments
  ACK 1
  DTM ?
`;

const QUANTITIES = `
QTY> * quantities
  QTY 1
  SI *
`;

const SCHEDULES = `
SCH> ?200 schedules
  SCH 1
  TD1 ?2
  TD5 ?12
  TD3 ?12
  TD4 ?5
  REF *
`;

const PACKAGING = `
PKG> ?200 packaging
  PKG 1
  MEA *
`;

const LEAD_TIMES = `
LS> ? leadTimeLoop
  LS 1
  LDT> * leadTimes
    LDT 1
    QTY *
    MSG ?
    REF ?3
${block('    ', CODES)}  LE 1
`;

const LINE_NOTES = `
N9> ?1000 notes
  N9 1
  DTM *
  MEA ?40
  MSG ?1000
`;

const LINE_PARTIES = `
N1> ?200 parties
  N1 1
  N2 ?2
  N3 ?2
  N4 ?
  QTY *
  NX2 *
  REF ?12
  PER ?3
  SI *
  DTM ?
  FOB ?
  SCH ?200
  TD1 ?2
  TD5 ?12
  TD3 ?12
  TD4 ?5
  PKG ?200
  LDT> * leadTimes
    LDT 1
    MAN ?10
    QTY ?5
    MSG ?
    REF ?3
`;

const SUBLINE_CHARGES = `
SAC> ?25 charges
  SAC 1
  CUR ?
  CTP ?
`;

const SUBLINE_NOTES = `
N9> * notes
  N9 1
  DTM *
  MSG *
`;

const SUBLINE_PARTIES = `
N1> ?10 parties
  N1 1
  N2 ?2
  N3 ?2
  N4 ?
  NX2 *
  REF ?12
  PER ?3
  SI *
`;

const SUBLINES = (body: readonly string[]): string => `
SLN> ?1000 sublines
  SLN 1
  MSG *
  SI *
  PID ?1000
  PO3 ?104
${body.map((part) => block('  ', part)).join('')}`;

const LINE_AMOUNTS = `
AMT> * amounts
  AMT 1
  REF ?
  PCT *
`;

const TOTALS = `CTT> ? totals
  CTT 1
  AMT ?
SE 1
`;

const lines = (first: string, most: string, parts: readonly string[]): string =>
  `${first}> ${most} lines\n  ${first} 1\n${parts.map((part) => block('  ', part)).join('')}`;

const SUBLINES_OF_ORDER = SUBLINES([
  'TC2 *\nADV *\nDTM ?10\nCTP ?25\nPAM ?10\nPO4 ?\nTAX ?3',
  SUBLINE_NOTES,
  SUBLINE_CHARGES,
  QUANTITIES,
  SUBLINE_PARTIES,
]);

const SUBLINES_OF_CHANGE = SUBLINES([
  'TC2 *',
  SUBLINE_CHARGES,
  'DTM ?10\nCTP ?25\nPAM ?10\nPO4 ?\nTAX ?3\nADV *',
  QUANTITIES,
  SUBLINE_NOTES,
  SUBLINE_PARTIES,
]);

const SUBLINES_OF_ANSWER = SUBLINES([
  'CTP ?25\nPAM ?10\nACK ?104',
  SUBLINE_CHARGES,
  'DTM ?10\nPO4 ?\nTAX ?3\nADV *',
  QUANTITIES,
  SUBLINE_NOTES,
  SUBLINE_PARTIES,
]);

const ORDER = `${HEAD('BEG', `MAN ?10\nPCT *\nCTB ?5\nTXI *${AMOUNTS}`)}${NOTES}${PARTIES}${SPECIFICATIONS}${ADVERTISING}${lines(
  'PO1',
  '+100000',
  [
    LINE_HEAD,
    LINE_TERMS,
    'TC2 *',
    CARRIERS,
    'PCT *\nMAN ?10\nMSG *\nSPI *\nTXI *\nCTB *',
    QUANTITIES,
    SCHEDULES,
    PACKAGING,
    LEAD_TIMES,
    LINE_NOTES,
    LINE_PARTIES,
    SUBLINES_OF_ORDER,
    LINE_AMOUNTS,
    CODES,
  ],
)}${TOTALS}`;

const ORDER_ANSWER = `${HEAD('BAK', 'PCT *\nMAN ?10\nTXI *\nCTB *')}${NOTES}${PARTIES}${ADVERTISING}${lines(
  'PO1',
  '?100000',
  [
    LINE_HEAD,
    LINE_TERMS,
    'LDT ?12',
    CARRIERS,
    ACKNOWLEDGMENTS,
    'MAN ?10\nAMT ?\nCTB *\nTXI *\nMSG *',
    QUANTITIES,
    PACKAGING,
    SCHEDULES,
    LINE_NOTES,
    LINE_PARTIES,
    SUBLINES_OF_ANSWER,
  ],
)}${TOTALS}`;

const CHANGE = `${HEAD('BCH', `CTB *\nMAN ?10\nG53 *\nTXI *\nPCT *${AMOUNTS}`)}${NOTES}${PARTIES}${SPECIFICATIONS}${ADVERTISING}${lines(
  'POC',
  '*',
  [
    LINE_HEAD,
    'PKG ?200',
    LINE_TERMS,
    CARRIERS,
    'MAN ?10\nPCT *\nTC2 ?2\nCTB *\nTXI *\nSPI *\nMSG *',
    QUANTITIES,
    SCHEDULES,
    LINE_NOTES,
    LEAD_TIMES,
    LINE_PARTIES,
    SUBLINES_OF_CHANGE,
    LINE_AMOUNTS,
    CODES,
  ],
)}${TOTALS}`;

const CHANGE_ANSWER = `${HEAD('BCA', 'PCT *\nMAN ?10\nTXI *\nCTB *\nG53 *')}${NOTES}${PARTIES}AMT> * amounts
  AMT 1
  PCT *
${ADVERTISING}${lines('POC', '*', [
  LINE_HEAD,
  'PKG ?200',
  LINE_TERMS,
  CARRIERS,
  'TXI *\nPCT *',
  ACKNOWLEDGMENTS,
  'MAN ?10\nSPI *\nMSG *\nCTB *',
  'AMT> * amounts\n  AMT 1\n  PCT *',
  QUANTITIES,
  SCHEDULES,
  `LDT> * leadTimes\n  LDT 1\n  QTY *\n  MSG ?\n${block('  ', CODES)}`,
  LINE_NOTES,
  LINE_PARTIES,
  SUBLINES_OF_ANSWER,
])}${TOTALS}`;

const PUBLIC = `public retail and industry guides, public grammars of 004010; ${LATER_RELEASES}`;

export const ORDER_SETS: SetText[] = [
  {
    type: '850',
    functionalId: 'PO',
    label: 'Purchase order',
    provenance: PUBLIC,
    checks: ['lines:PO1.2', 'stores:PO1.2', 'gtin:PO1.6', 'gln'],
    structure: ORDER,
  },
  {
    type: '855',
    functionalId: 'PR',
    label: 'Purchase order acknowledgment',
    provenance: PUBLIC,
    checks: ['lines:PO1.2', 'stores:PO1.2', 'gtin:PO1.6', 'gln'],
    structure: ORDER_ANSWER,
  },
  {
    type: '860',
    functionalId: 'PC',
    label: "Buyer's change of a purchase order",
    provenance: PUBLIC,
    checks: ['lines:POC.3', 'stores:POC.3', 'gtin:POC.8', 'gln'],
    structure: CHANGE,
  },
  {
    type: '865',
    functionalId: 'CA',
    label: "Seller's change, or acknowledgment of a change",
    provenance: PUBLIC,
    checks: ['lines:POC.3', 'stores:POC.3', 'gtin:POC.8', 'gln'],
    structure: CHANGE_ANSWER,
  },
];
