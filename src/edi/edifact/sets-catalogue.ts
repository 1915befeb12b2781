/** Structure of the price and sales catalogue. D.01B has more of everything, and files, rules and hierarchies beside it. */
import type { MessageText } from './sets-trade.ts';

const LINES = (indent: string, lines: readonly string[]): string => lines.map((line) => `${indent}${line}\n`).join('');

const TAXES = (indent: string, max: number): string =>
  LINES(indent, [`TAX> ?${max} taxes`, '  TAX 1', '  MOA ?', '  DTM ?']);

/** Quantities, percentages, amounts and rates of a charge, each with its range, as often as told. */
const CHARGES = (
  indent: string,
  max: number,
  dates: string,
  [quantities, percentages, amounts, rates]: number[],
): string =>
  LINES(indent, [
    `ALC> ?${max} charges`,
    '  ALC 1',
    '  ALI ?5',
    ...(dates === '' ? [] : [`  ${dates}`]),
    `  QTY> ?${quantities} quantities`,
    '    QTY 1',
    '    RNG ?',
    `  PCD> ?${percentages} percentages`,
    '    PCD 1',
    '    RNG ?',
    `  MOA> ?${amounts} amounts`,
    '    MOA 1',
    '    RNG ?',
    `  RTE> ?${rates} rates`,
    '    RTE 1',
    '    RNG ?',
  ]) + TAXES(`${indent}  `, 5);

const PRICES = (indent: string, apr: string, more: readonly string[] = []): string =>
  LINES(indent, [
    'PRI> ?100 prices',
    '  PRI 1',
    '  CUX ?5',
    `  APR ${apr}`,
    '  RNG ?',
    '  DTM ?5',
    ...more.map((line) => `  ${line}`),
  ]);

const TERMS = (indent: string): string =>
  LINES(indent, ['PAT> ?10 paymentTerms', '  PAT 1', '  DTM ?5', '  PCD ?', '  MOA ?']);

const DELIVERY = (indent: string): string =>
  LINES(indent, ['TDT> ?10 transports', '  TDT 1', '  LOC ?10', 'TOD> ?5 deliveryTerms', '  TOD 1', '  LOC ?2']);

const PARTIES = (indent: string, max: number, places: number): string =>
  LINES(indent, [
    `NAD> ?${max} parties`,
    '  NAD 1',
    `  LOC ?${places}`,
    '  RFF> ?10 references',
    '    RFF 1',
    '    DTM ?5',
    '  CTA> ?5 contacts',
    '    CTA 1',
    '    COM ?5',
  ]);

const CURRENCIES = (indent: string, max: number): string =>
  LINES(indent, [`CUX> ?${max} currencies`, '  CUX 1', '  DTM ?5']);

const RULES = (indent: string): string => LINES(indent, ['TRU> ?9 rules', '  TRU 1', '  DTM ?9']);

const FILES = (indent: string): string =>
  LINES(indent, ['EFI> ?99 files', '  EFI 1', '  CED ?99', '  COM ?9', '  RFF ?9', '  DTM ?9', '  QTY ?9']);

const CHARACTERISTICS = (indent: string, max: number, values: number, measures: number): string =>
  LINES(indent, [`CCI> ?${max} characteristics`, '  CCI 1', `  CAV ?${values}`, `  MEA ?${measures}`]);

const HIERARCHY = (indent: string): string =>
  LINES(indent, [
    'HYN> ?999 hierarchies',
    '  HYN 1',
    '  PIA ?99',
    '  QTY ?9',
    '  FTX ?99',
    '  RFF> ?999 references',
    '    RFF 1',
    '    DTM ?9',
  ]) +
  CHARACTERISTICS(`${indent}  `, 99, 9, 99) +
  LINES(indent, ['  NAD> ?99 parties', '    NAD 1', '    PIA ?99', '    QTY ?9']) +
  CHARACTERISTICS(`${indent}    `, 99, 99, 9);

const TEN = [10, 10, 10, 10];

const HEADING = (currencies: number, rules: string): string => `
UNH 1
BGM 1
DTM +35
ALI ?5
FTX ?99
RFF> ?99 references
  RFF 1
  DTM ?5
${PARTIES('', 99, 25)}${TAXES('', 5)}${CURRENCIES('', currencies)}${TERMS('')}${DELIVERY('')}${CHARGES('', 10, 'DTM ?9', TEN)}${rules}PGI> ?1000 productGroups
  PGI 1
  DTM ?15
  QTY ?10
  ALI ?5
  FTX ?5
${CURRENCIES('  ', 10)}`;

/** Terms of a product group. */
const GROUP = (apr: string): string =>
  PRICES('  ', apr) +
  TAXES('  ', 10) +
  CHARGES('  ', 99, '', [1, 1, 2, 1]) +
  PARTIES('  ', 20, 5) +
  TERMS('  ') +
  DELIVERY('  ') +
  LINES('  ', ['PAC> ?10 packages', '  PAC 1', '  MEA ?10', '  HAN ?5']);

export const CATALOGUE_MESSAGES: readonly MessageText[] = [
  {
    type: 'PRICAT',
    label: 'Price and sales catalogue',
    provenance:
      'EANCOM 2002 guides and public grammars for D.01B; D.96A as a public grammar of D.97A has it, CNT at its end unverified',
    checks: ['dates', 'gln-nad', 'gtin-lin'],
    structure: `${HEADING(5, '')}${GROUP('?99')}  LIN> ?99999 lines
    LIN 1
    PIA ?25
    IMD ?999
    MEA ?10
    QTY ?10
    HAN ?5
    ALI ?5
    DTM ?10
    NAD ?99
    RFF ?5
    LOC ?25
    DOC ?
    FTX ?99
${CHARACTERISTICS('    ', 999, 10, 10)}${TAXES('    ', 10)}${CURRENCIES('    ', 5)}${PRICES('    ', '?99', ['PCD ?5', 'LOC ?99'])}${CHARGES('    ', 99, 'DTM ?9', TEN)}    PAC> ?999 packages
      PAC 1
      MEA ?10
      QTY ?99
      HAN ?5
${TERMS('    ')}${DELIVERY('    ')}CNT ?5
UNT 1
`,
    shapeD01b: `${HEADING(20, RULES(''))}${GROUP('?99')}${FILES('  ')}${RULES('  ')}  LIN> * lines
    LIN 1
    PIA ?99
    IMD ?999
    MEA ?10
    QTY ?10
    HAN ?5
    ALI ?5
    DTM ?10
    RFF ?99
    LOC ?
    DOC ?
    PTY ?99
    FTX ?999
${CHARACTERISTICS('    ', 999, 10, 10)}${TAXES('    ', 10)}${CURRENCIES('    ', 5)}${PRICES('    ', '?99', ['PCD ?5', 'LOC ?99'])}${CHARGES('    ', 99, 'DTM ?9', [10, 99, 10, 10])}    PAC> ?999 packages
      PAC 1
      MEA ?10
      QTY ?99
      HAN ?5
${TERMS('    ')}${DELIVERY('    ')}${FILES('    ')}    NAD> ?99 parties
      NAD 1
      CTA> ?99 contacts
        CTA 1
        COM ?99
${RULES('    ')}    DGS> ?9 dangerousGoods
      DGS 1
      QTY ?9
      FTX ?9
${HIERARCHY('    ')}UNT 1
`,
  },
];
