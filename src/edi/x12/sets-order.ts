/** Structures of purchase orders, their acknowledgments and changes. */
import type { SetText } from './set-text.ts';

const PARTY = (indent: string, more = '') => `
${indent}N1 1
${indent}N2 ?2
${indent}N3 ?2
${indent}N4 *
${indent}NX2 *
${indent}REF ?12
${indent}PER *
${indent}SI *
${indent}FOB ?
${indent}TD1 ?2
${indent}TD5 ?12
${indent}TD3 ?12
${indent}TD4 ?5
${indent}PKG ?200
${more}`;

const HEAD = (first: string) => `
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
MAN ?10
PCT *
CTB ?5
TXI *
AMT> * amounts
  AMT 1
  REF *
  DTM ?
  PCT *
  FA1> * accounting
    FA1 1
    FA2 +
N9> ?1000 notes
  N9 1
  DTM *
  MSG ?1000
N1> ?200 parties${PARTY('  ', '  MSG *')}
LM> * codeSources
  LM 1
  LQ +
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
    PER *
`;

const LINE_HEAD = `  LIN *
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
  TC2 *
  TD1 ?
  TD5 ?12
  TD3 ?12
  TD4 ?5
  PCT *
  MAN ?10
  MSG *
  SPI *
  TXI *
  CTB *
`;

const LINE_TAIL = `  QTY> * quantities
    QTY 1
    SI *
  SCH> ?200 schedules
    SCH 1
    TD1 ?2
    TD5 ?12
    TD3 ?12
    TD4 ?5
    REF *
  PKG> ?200 packaging
    PKG 1
    MEA *
  LS ?
  LDT> * leadTimes
    LDT 1
    QTY *
    MSG ?
    REF ?3
  LE ?
  N9> ?1000 notes
    N9 1
    DTM *
    MEA ?40
    MSG ?1000
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
  SLN> ?1000 sublines
    SLN 1
    MSG *
    SI *
    PID ?1000
    PO3 ?104
    TC2 *
    ADV ?
    DTM ?10
    CTP ?25
    PAM ?10
    PO4 ?
    TAX ?3
    SAC> ?25 charges
      SAC 1
      CUR ?
      CTP ?
    QTY> * quantities
      QTY 1
      SI *
    N9> * notes
      N9 1
      DTM *
      MSG *
    N1> ?10 parties
      N1 1
      N2 ?2
      N3 ?2
      N4 ?
      NX2 *
      REF ?12
      PER ?3
      SI *
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

export const ORDER_SETS: SetText[] = [
  {
    type: '850',
    functionalId: 'PO',
    label: 'Purchase order',
    provenance: 'public retail and industry guides; less used loops unverified',
    checks: ['lines:PO1.2', 'stores:PO1.2', 'gtin:PO1.6', 'gln'],
    structure: `${HEAD('BEG')}PO1> +100000 lines
  PO1 1
${LINE_HEAD}${LINE_TAIL}${TOTALS}`,
  },
  {
    type: '855',
    functionalId: 'PR',
    label: 'Purchase order acknowledgment',
    provenance: 'public retail guides; less used loops unverified',
    checks: ['lines:PO1.2', 'stores:PO1.2', 'gtin:PO1.6', 'gln'],
    structure: `${HEAD('BAK')}PO1> *100000 lines
  PO1 1
${LINE_HEAD}  ACK> ?104 acknowledgments
    ACK 1
    DTM ?
${LINE_TAIL}${TOTALS}`.replace('PO1> *100000', 'PO1> ?100000'),
  },
  {
    type: '860',
    functionalId: 'PC',
    label: "Buyer's change of a purchase order",
    provenance: 'public retail guides; less used loops unverified',
    checks: ['lines:POC.3', 'stores:POC.3', 'gtin:POC.8', 'gln'],
    structure: `${HEAD('BCH')}POC> * lines
  POC 1
${LINE_HEAD}${LINE_TAIL}${TOTALS}`,
  },
  {
    type: '865',
    functionalId: 'CA',
    label: "Seller's change, or acknowledgment of a change",
    provenance: 'public retail guides; less used loops unverified',
    checks: ['lines:POC.3', 'stores:POC.3', 'gtin:POC.8', 'gln'],
    structure: `${HEAD('BCA')}POC> * lines
  POC 1
${LINE_HEAD}  ACK> ?104 acknowledgments
    ACK 1
    DTM ?
${LINE_TAIL}${TOTALS}`,
  },
];
