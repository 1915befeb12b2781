/** Structures of the ship notice, the invoice and the functional acknowledgment. */
import { LATER_RELEASES, type SetText } from './set-text.ts';

const PARTY = (indent: string) => `${indent}N1 1
${indent}N2 ?2
${indent}N3 ?2
${indent}N4 ?
${indent}REF ?12
${indent}PER ?3
`;

export const SHIP_INVOICE_SETS: SetText[] = [
  {
    type: '856',
    functionalId: 'SH',
    label: 'Ship notice',
    provenance: `public retail and automotive guides, public grammars of 004010; ${LATER_RELEASES}`,
    checks: ['lines:HL', 'hierarchy', 'sscc', 'gtin:LIN.2', 'gln'],
    structure: `
ST 1
BSN 1
DTM ?10
HL> +200000 hierarchy
  HL 1
  LIN ?
  SN1 ?
  SLN ?1000
  PRF ?
  PO4 ?
  PID ?200
  MEA ?40
  PWK ?25
  PKG ?25
  TD1 ?20
  TD5 ?12
  TD3 ?12
  TD4 ?5
  TSD ?
  REF *
  PER ?3
  LH1> ?100 hazards
    LH1 1
    LH2 ?4
    LH3 ?12
    LFH ?20
    LEP *
    LH4 ?
    LHT ?3
    LHR ?10
    PER ?5
    LHE ?
  CLD> ?200 loads
    CLD 1
    REF ?200
    DTP ?
  MAN *
  DTM ?10
  FOB ?
  PAL ?
  N1> ?200 parties
${PARTY('    ')}    FOB ?
  SDQ ?50
  ETD ?
  CUR ?
  SAC> * charges
    SAC 1
    CUR ?
  GF ?
  YNQ ?10
  LM> ?10 codeSources
    LM 1
    LQ +100
  V1> * vessels
    V1 1
    R4 *
    DTM *
CTT ?
SE 1
`,
  },
  {
    type: '810',
    functionalId: 'IN',
    label: 'Invoice',
    provenance: `public retail and industry guides, public grammars of 004010; ${LATER_RELEASES}`,
    checks: ['lines:IT1.2', 'stores:IT1.2', 'gtin:IT1.6', 'gln', 'total'],
    structure: `
ST 1
BIG 1
NTE ?100
CUR ?
REF ?12
YNQ ?10
PER ?3
N1> ?200 parties
${PARTY('  ')}  DMG ?
ITD *
DTM ?10
FOB ?
PID ?200
MEA ?40
PWK ?25
PKG ?25
L7 *
BAL *
INC ?
PAM *
LM> ?10 codeSources
  LM 1
  LQ +100
N9> ? notes
  N9 1
  MSG +10
V1> * vessels
  V1 1
  R4 *
  DTM *
FA1> * accounting
  FA1 1
  FA2 +
IT1> ?200000 lines
  IT1 1
  CRC ?
  QTY ?5
  CUR ?
  IT3 ?5
  TXI ?10
  CTP ?25
  PAM ?10
  MEA ?40
  PID> ?1000 descriptions
    PID 1
    MEA ?10
  PWK ?25
  PKG ?25
  PO4 ?
  ITD ?2
  REF *
  YNQ ?10
  PER ?5
  SDQ ?500
  DTM ?10
  CAD *
  L7 *
  SR ?
  SAC> ?25 charges
    SAC 1
    TXI ?10
  SLN> ?1000 sublines
    SLN 1
    DTM ?
    REF *
    PID ?1000
    SAC ?25
    TC2 ?2
    TXI ?10
  N1> ?200 parties
${PARTY('    ')}    DMG ?
  LM> ?10 codeSources
    LM 1
    LQ +100
  V1> * vessels
    V1 1
    R4 *
    DTM *
  FA1> * accounting
    FA1 1
    FA2 +
TDS 1
TXI ?10
CAD ?
AMT *
SAC> ?25 charges
  SAC 1
  TXI ?10
ISS> * shipments
  ISS 1
  PID ?
CTT ?
SE 1
`,
  },
  {
    type: '997',
    functionalId: 'FA',
    label: 'Functional acknowledgment',
    provenance: 'public implementation guides',
    structure: `
ST 1
AK1 1
AK2> * documents
  AK2 1
  AK3> * segments
    AK3 1
    AK4 ?99
  AK5 1
AK9 1
SE 1
`,
  },
  {
    type: '999',
    functionalId: 'FA',
    label: 'Implementation acknowledgment',
    provenance: 'public implementation guides',
    structure: `
ST 1
AK1 1
AK2> * documents
  AK2 1
  IK3> * segments
    IK3 1
    CTX ?10
    IK4> ?99 elements
      IK4 1
      CTX ?10
  IK5 1
AK9 1
SE 1
`,
  },
];
