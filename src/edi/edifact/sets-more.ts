/** Structures of the other messages. */
import type { MessageText } from './sets-trade.ts';

/** D.96A gives most of the groups fewer repeats; taking more of them harms nobody. */
const AS_LATER = 'public grammars of D.01B; D.96A is taken with the limits of D.01B';

/** Amounts of a charge in a transport document. */
const RATES = (indent: string): string =>
  ['CUX ?', 'PRI ?', 'EQN ?', 'PCD ?', 'MOA ?9', 'QTY ?9'].map((line) => `${indent}${line}\n`).join('');

const GOVERNMENTAL = (indent: string): string => `${indent}GOR> ?9 governmental
${indent}  GOR 1
${indent}  DTM ?9
${indent}  LOC ?9
${indent}  SEL ?9
${indent}  FTX ?9
${indent}  DOC> ?9 documents
${indent}    DOC 1
${indent}    DTM ?
`;

const PAYMENTS = (indent: string): string => `${indent}CPI> ?9 payments
${indent}  CPI 1
${indent}  RFF ?99
${indent}  CUX ?
${indent}  LOC ?9
${indent}  MOA ?9
`;

export const MORE_MESSAGES: readonly MessageText[] = [
  {
    type: 'IFTMIN',
    label: 'Transport instruction',
    provenance: AS_LATER,
    checks: ['dates', 'gln-nad', 'sscc-gin'],
    structure: `
UNH 1
BGM 1
CTA ?
COM ?9
DTM ?9
TSR ?9
CUX ?9
MOA ?99
FTX ?99
CNT ?9
DOC ?9
GDS ?9
LOC> ?99 places
  LOC 1
  DTM ?9
TOD> ?2 deliveryTerms
  TOD 1
  LOC ?9
RFF> ?999 references
  RFF 1
  DTM ?9
${GOVERNMENTAL('')}${PAYMENTS('')}TCC> ?99 charges
  TCC 1
  LOC ?
  FTX ?
${RATES('  ')}TDT> ?99 transports
  TDT 1
  DTM ?9
  TSR ?9
  LOC> ?99 places
    LOC 1
    DTM ?9
  RFF> ?99 references
    RFF 1
    DTM ?9
NAD> +99 parties
  NAD 1
  LOC ?9
  MOA ?9
  CTA> ?9 contacts
    CTA 1
    COM ?9
  DOC> ?9 documents
    DOC 1
    DTM ?
  TCC> ?99 charges
    TCC 1
${RATES('    ')}  RFF> ?9 references
    RFF 1
    DTM ?9
${PAYMENTS('  ')}  TSR> ?99 services
    TSR 1
    RFF ?
    LOC ?
    TPL ?
    FTX ?9
GID> ?999 goods
  GID 1
  HAN ?99
  TMP ?
  RNG ?
  TMD ?
  LOC ?9
  MOA ?9
  PIA ?9
  FTX ?99
  PCD ?9
  NAD> ?9 parties
    NAD 1
    DTM ?
    LOC ?9
  GDS ?9
  MEA> ?99 measurements
    MEA 1
    EQN ?
  DIM> ?99 dimensions
    DIM 1
    EQN ?
  RFF> ?9 references
    RFF 1
    DTM ?9
  PCI> ?999 markings
    PCI 1
    RFF ?
    DTM ?
    GIN ?10
  DOC> ?9 documents
    DOC 1
    DTM ?9
${GOVERNMENTAL('  ')}  TPL> ?9 placements
    TPL 1
    MEA> ?9 measurements
      MEA 1
      EQN ?
  SGP> ?999 splitGoods
    SGP 1
    MEA> ?9 measurements
      MEA 1
      EQN ?
  TCC> ?99 charges
    TCC 1
${RATES('    ')}    LOC ?9
  DGS> ?99 dangerousGoods
    DGS 1
    FTX ?99
    CTA> ?9 contacts
      CTA 1
      COM ?9
    MEA> ?9 measurements
      MEA 1
      EQN ?
    SGP> ?999 splitGoods
      SGP 1
      MEA> ?9 measurements
        MEA 1
        EQN ?
EQD> ?999 equipment
  EQD 1
  EQN ?
  TMD ?
  MEA ?9
  DIM ?9
  SEL ?99
  TPL ?9
  HAN ?
  TMP ?
  FTX ?9
  RFF ?9
  TCC> ?99 charges
    TCC 1
${RATES('    ')}  NAD> ?9 parties
    NAD 1
    DTM ?
    CTA> ?9 contacts
      CTA 1
      COM ?9
  EQA> ?99 attached
    EQA 1
    EQN ?
  DGS> ?99 dangerousGoods
    DGS 1
    FTX ?9
    CTA> ?9 contacts
      CTA 1
      COM ?9
UNT 1
`,
  },
  {
    type: 'IFTSTA',
    label: 'Transport status',
    provenance: AS_LATER,
    checks: ['dates', 'gln-nad', 'sscc-gin'],
    structure: `
UNH 1
BGM 1
DTM ?9
TSR ?
NAD> ?9 parties
  NAD 1
  CTA> ?9 contacts
    CTA 1
    COM ?9
RFF> ?9 references
  RFF 1
  DTM ?9
LOC ?9
FTX ?9
CNT ?9
CNI> ?99999 consignments
  CNI 1
  LOC ?9
  CNT ?9
  STS> +99 statuses
    STS 1
    RFF ?999
    DTM ?9
    DOC ?
    FTX ?9
    NAD> ?9 parties
      NAD 1
      CTA> ?9 contacts
        CTA 1
        COM ?9
    LOC ?
    PCI ?99
    TDT> ?99 transports
      TDT 1
      DTM ?9
      RFF ?9
      LOC> ?9 places
        LOC 1
        DTM ?9
    EQD> ?99 equipment
      EQD 1
      MEA ?9
      DIM ?9
      SEL ?9
      RFF ?9
      TPL ?9
      TMD ?
      EQA> ?99 attached
        EQA 1
        SEL ?9
    GID> ?99 goods
      GID 1
      HAN ?9
      SGP ?99
      DGS ?9
      FTX ?9
      MEA> ?99 measurements
        MEA 1
        EQN ?
      DIM> ?99 dimensions
        DIM 1
        EQN ?
      PCI> ?99 markings
        PCI 1
        GIN ?9
UNT 1
`,
  },
  {
    type: 'APERAK',
    label: 'Application error and acknowledgment',
    provenance: AS_LATER,
    checks: ['dates'],
    structure: `
UNH 1
BGM 1
DTM ?9
FTX ?9
CNT ?9
DOC> ?99 documents
  DOC 1
  DTM ?99
RFF> ?9 references
  RFF 1
  DTM ?9
NAD> ?9 parties
  NAD 1
  CTA ?9
  COM ?9
ERC> ?99999 errors
  ERC 1
  FTX ?
  RFF> ?9 references
    RFF 1
    FTX ?9
UNT 1
`,
  },
  {
    type: 'CONTRL',
    label: 'Syntax and service report',
    provenance: 'ISO 9735 service message, syntax 3',
    structure: `
UNH 1
UCI 1
UCM> ?999999 messages
  UCM 1
  UCS> ?999 segments
    UCS 1
    UCD ?99
UCF> ?999999 groups
  UCF 1
  UCM> ?999999 messages
    UCM 1
    UCS> ?999 segments
      UCS 1
      UCD ?99
UNT 1
`,
  },
];

export const TRANSPORT_SEGMENTS = `
CDI Physical or logical state | 7001! C564
CED Computer environment | C000 C000 C000 C000
COD Component details | C000 C000
CPI Charge payment | C000 C000 C000
EFI External file | C000 C000 C000 C000
GEI Processing information | C000 C000 C000
GOR Governmental requirements | C000 C000 C000 C000 C000
MKS Market or sales channel | 7293! C332 1229
MTD Maintenance operation | C000 C000 C000 C000
PTY Priority | C000 C000
TCC Charge or rate | C000 C000 C000 C000
TPL Transport placement | C222!
HYN Hierarchy | C000 C000 C000 C000 C000
RJL Accounting journal | C000 C000
TRU Technical rules | C000 C000 C000 C000
CNI Consignment | 1490 C503 1312
DIM Dimensions | 6145! C211
DLI Document line | 1073! 1082!
EQN Number of units | C523!
GDS Nature of the cargo | C703
GID Goods item | 1496 C213 C213 C213
PGI Product group | 5379! C288
STS Status | C601 C555 C556 C556 C556 C556 C556
TSR Transport service | C536 C233 C537 C703
`;

export const TRANSPORT_ELEMENTS = `
0000 an 1/512 other Not interpreted
3496 an 1/17 channelId Sales channel
7001 an 1/3 stateType Kind of state
7007 an 1/3 stateCode State
7006 an 1/35 state State
7293 an 1/3 sector Sector
1073 an 1/3 lineIndicator Document line
5379 an 1/3 groupType Kind of product group
5388 an 1/25 group Product group
5389 an 1/25 groupName Product group
7273 an 1/3 serviceRequirement Service requirement
`;

export const TRANSPORT_COMPOSITES = `
C000 other Not interpreted | 0000 0000 0000 0000 0000 0000 0000 0000 0000
C332 channel Sales channel | 3496! 1131 3055
C564 state State | 7007 1131 3055 7006
C233 service Service | 7273! 1131 3055 7273 1131 3055
C288 group Product group | 5389 1131 3055 5388
C523 units Number of units | 6350 6353
`;
