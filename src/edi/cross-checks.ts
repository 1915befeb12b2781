/**
 * Checks beyond syntax, named by definitions: line counts, hash totals, store quantities, check digits, hierarchies,
 * invoice arithmetic. Each sees only the segments it asks for.
 */
import { checkDigitIsRight, hasCheckDigit } from './check-digit.ts';
import {
  controlTotals,
  datesByFormat,
  lineGtins as edifactGtins,
  packageSsccs,
  partyGlns as edifactGlns,
} from './cross-checks-edifact.ts';
import { DecimalSum } from './decimal-sum.ts';
import { type Issue, issue } from './issue.ts';
import type { Matcher } from './matcher.ts';
import type { Definition, Place } from './schema.ts';
import { packKey, type SegmentView } from './segment-view.ts';

export interface CrossCheck {
  keys: number[];
  begin(): void;
  segment(view: SegmentView, ordinal: number, place: Place, matcher: Matcher, issues: Issue[]): void;
  end(issues: Issue[]): void;
}

function at(view: SegmentView, ordinal: number, elementPosition: number, componentPosition?: number): Partial<Issue> {
  const token = view.elementToken(elementPosition);
  const where: Partial<Issue> = {
    segmentId: view.id,
    segmentOrdinal: ordinal,
    elementPosition,
    byteOffset: view.offset + (token < 0 ? 0 : view.tokenStart(token)),
    value: view.element(elementPosition, componentPosition ?? 1),
  };
  if (componentPosition !== undefined) where.componentPosition = componentPosition;
  return where;
}

/** Add an element's number to a sum, and without its decimal point to another. */
function addElement(view: SegmentView, position: number, sum: DecimalSum, bare?: DecimalSum): void {
  const token = view.elementToken(position);
  if (token < 0) return;
  const from = view.start + view.tokenStart(token);
  const to = view.start + (view.ends[token] as number);
  if (sum.addBytes(view.buf, from, to)) {
    bare?.addBytes(view.buf, from, to);
    return;
  }
  const text = view.text(token).trim();
  if (text === '') return;
  sum.add(text);
  bare?.add(text.replace('.', ''));
}

/** CTT01 is the number of line segments; CTT02, where sent, a hash total of the lines' quantities. */
function lineCount(lineKey: number, quantityPosition: number): CrossCheck {
  const ctt = packKey('CTT');
  let lines = 0;
  const sum = new DecimalSum();
  const bare = new DecimalSum();
  return {
    keys: [lineKey, ctt],
    begin() {
      lines = 0;
      sum.clear();
      bare.clear();
    },
    segment(view, ordinal, _place, _matcher, issues) {
      if (view.key === lineKey) {
        lines++;
        if (quantityPosition > 0) addElement(view, quantityPosition, sum, bare);
        return;
      }
      const declared = view.element(1).trim();
      if (/^\d+$/.test(declared) && Number(declared) !== lines) {
        const message = `CTT01 says ${declared} lines, there are ${lines}`;
        issues.push(issue('LINE_COUNT_MISMATCH', message, { ...at(view, ordinal, 1), elementRef: '354' }));
      }
      const total = view.element(2).trim();
      if (total === '' || quantityPosition === 0 || sum.equals(total) || hashEquals(bare, total)) return;
      const message = `CTT02 says ${total}, the quantities add up to ${sum}`;
      issues.push(issue('HASH_TOTAL_MISMATCH', message, { ...at(view, ordinal, 2), elementRef: '347' }));
    },
    end() {},
  };
}

/** X12 hash totals disregard decimal points and drop what exceeds the field's ten digits on the left. */
function hashEquals(bare: DecimalSum, total: string): boolean {
  const digits = bare.toString();
  const declared = total.replace('.', '').replace(/^0+(?=\d)/, '');
  return declared === digits || (digits.length > 10 && declared === digits.slice(-10).replace(/^0+(?=\d)/, ''));
}

/** Store quantities of SDQ add up to the quantity of their line. */
function storeQuantities(lineKey: number, quantityPosition: number): CrossCheck {
  const sdq = packKey('SDQ');
  const sum = new DecimalSum();
  const line = new DecimalSum();
  let known = false;
  let seen = false;
  let where: Partial<Issue> = {};
  const settle = (issues: Issue[]) => {
    if (!seen) return;
    if (known && sum.toString() !== line.toString()) {
      const message = `The store quantities add up to ${sum}, the line's quantity is ${line}`;
      issues.push(issue('STORE_QUANTITY_MISMATCH', message, where));
    }
    seen = false;
    sum.clear();
  };
  return {
    keys: [lineKey, sdq],
    begin() {
      known = false;
      seen = false;
      sum.clear();
    },
    segment(view, ordinal, _place, _matcher, issues) {
      if (view.key === lineKey) {
        settle(issues);
        line.clear();
        const token = view.elementToken(quantityPosition);
        known = token >= 0 && view.tokenLength(token) > 0;
        if (known) addElement(view, quantityPosition, line);
        return;
      }
      if (!seen) where = at(view, ordinal, 4);
      seen = true;
      for (let position = 4; position <= 22; position += 2) addElement(view, position, sum);
    },
    end: settle,
  };
}

/** Lengths of the identifiers that have a check digit, as bits, by packed qualifier. */
const GTIN_LENGTHS: ReadonlyMap<number, number> = new Map(
  Object.entries({ UP: [12, 13, 14], UI: [12, 13, 14], EN: [13, 12, 14], UK: [14, 13, 12], EO: [8] }).map(
    ([qualifier, lengths]) => [packKey(qualifier), lengths.reduce((bits, length) => bits | (1 << length), 0)],
  ),
);

/** Whether a token is a GTIN of one of the lengths with its check digit right, in the plain case. */
function isGtin(view: SegmentView, token: number, lengths: number): boolean {
  const length = view.tokenLength(token);
  if (length > 14 || (lengths & (1 << length)) === 0) return false;
  const from = view.start + view.tokenStart(token);
  return checkDigitIsRight(view.buf, from, from + length);
}

/** GTINs among the qualifier and id pairs of a line start at `from`. */
function lineGtins(keys: string[], from: number): CrossCheck {
  return {
    keys: keys.map(packKey),
    begin() {},
    segment(view, ordinal, _place, _matcher, issues) {
      for (let position = from; position < from + 20; position += 2) {
        const qualifier = view.elementKey(position);
        if (qualifier < 0) {
          if (position + 1 >= view.count) return;
          continue;
        }
        const lengths = GTIN_LENGTHS.get(qualifier);
        if (lengths === undefined) continue;
        const token = view.elementToken(position + 1);
        if (token < 0) return;
        if (isGtin(view, token, lengths)) continue;
        const value = view.element(position + 1).trim();
        if (value.length > 14 || (lengths & (1 << value.length)) === 0 || hasCheckDigit(value)) continue;
        issues.push(issue('CHECK_DIGIT', `The check digit of GTIN ${value} is wrong`, at(view, ordinal, position + 1)));
      }
    },
    end() {},
  };
}

/** SSCCs in MAN under GM or AA, with or without the application identifier 00. */
function ssccMarks(): CrossCheck {
  return {
    keys: [packKey('MAN')],
    begin() {},
    segment(view, ordinal, _place, _matcher, issues) {
      for (const position of [2, 3, 5, 6]) {
        const qualifier = view.element(position < 4 ? 1 : 4);
        if (qualifier !== 'GM' && qualifier !== 'AA') continue;
        const value = view.element(position).trim();
        if (value === '') continue;
        const sscc = value.length === 20 && value.startsWith('00') ? value.slice(2) : value;
        if (sscc.length === 18 && hasCheckDigit(sscc)) continue;
        const message = sscc.length === 18 ? `The check digit of SSCC ${sscc} is wrong` : `${value} is no SSCC`;
        issues.push(issue('CHECK_DIGIT', message, at(view, ordinal, position)));
      }
    },
    end() {},
  };
}

const UL = packKey('UL');

/** GLNs in N104 under UL. */
function partyGlns(): CrossCheck {
  return {
    keys: [packKey('N1')],
    begin() {},
    segment(view, ordinal, _place, _matcher, issues) {
      if (view.elementKey(3) !== UL) return;
      const value = view.element(4).trim();
      if (value.length === 13 && hasCheckDigit(value)) return;
      const message = value.length === 13 ? `The check digit of GLN ${value} is wrong` : `${value} is no GLN`;
      issues.push(issue('CHECK_DIGIT', message, at(view, ordinal, 4)));
    },
    end() {},
  };
}

/** HL: ids are unique within the document and parents are found by HL02, never by order. CTT01 counts them. */
function hierarchy(): CrossCheck {
  const hl = packKey('HL');
  const levels = new Map<string, { level: string; children: number; flag: string; at: Partial<Issue> }>();
  return {
    keys: [hl],
    begin() {
      levels.clear();
    },
    segment(view, ordinal, _place, _matcher, issues) {
      const id = view.element(1).trim();
      const parentId = view.element(2).trim();
      if (id === '') return;
      if (levels.has(id)) {
        issues.push(
          issue('HIERARCHY_ID_REPEATED', `HL01 ${id} occurs twice`, { ...at(view, ordinal, 1), elementRef: '628' }),
        );
      }
      const parent = levels.get(parentId);
      if (parentId !== '' && parent === undefined) {
        const message = `HL02 names parent ${parentId}, which has not occurred`;
        issues.push(issue('HIERARCHY_PARENT_UNKNOWN', message, { ...at(view, ordinal, 2), elementRef: '734' }));
      }
      if (parentId === '' && levels.size > 0)
        issues.push(
          issue('HIERARCHY_LEVEL', `HL ${id} has no parent though it is not the first`, at(view, ordinal, 2)),
        );
      if (parent !== undefined) parent.children++;
      if (levels.size < HIERARCHY_MAX)
        levels.set(id, { level: view.element(3), children: 0, flag: view.element(4), at: at(view, ordinal, 4) });
    },
    end(issues) {
      for (const [id, node] of levels) {
        if (node.flag === '0' && node.children > 0)
          issues.push(issue('HIERARCHY_CHILD_FLAG', `HL04 of ${id} denies children, it has ${node.children}`, node.at));
        if (node.flag === '1' && node.children === 0)
          issues.push(issue('HIERARCHY_CHILD_FLAG', `HL04 of ${id} announces children, it has none`, node.at));
      }
    },
  };
}

/** Hierarchies larger than this are not followed, so that memory stays bounded. */
const HIERARCHY_MAX = 200_000;

/**
 * TDS01 = lines ± allowances and charges + tax, in exact arithmetic. Only told when every line has quantity and price, no
 * price basis is in play, and nothing else (percentages, line-level tax inside prices) makes the sum a guess.
 */
function invoiceTotal(): CrossCheck {
  const [it1, sac, txi, tds] = ['IT1', 'SAC', 'TXI', 'TDS'].map(packKey) as [number, number, number, number];
  let sum = 0n;
  let sure = true;
  /** Charges on lines and on the invoice both: then one often repeats the other. */
  let lineCharges = false;
  let charges = false;
  let declared: { cents: bigint; at: Partial<Issue> } | undefined;
  return {
    keys: [it1, sac, txi, tds],
    begin() {
      sum = 0n;
      sure = true;
      lineCharges = false;
      charges = false;
      declared = undefined;
    },
    segment(view, ordinal, _place, matcher) {
      if (view.key === it1) {
        const amount = product(view.element(2).trim(), view.element(4).trim());
        if (amount === undefined || view.element(5) !== '') sure = false;
        else sum += amount;
      } else if (view.key === tds) {
        const text = view.element(1).trim();
        if (/^-?\d{1,18}$/.test(text)) declared = { cents: BigInt(text), at: at(view, ordinal, 1) };
      } else if (view.key === sac) {
        if (matcher.path(matcher.at).startsWith('IT1')) lineCharges = true;
        else charges = true;
        const amount = view.element(5).trim();
        const kind = view.element(1);
        if (!/^-?\d{1,18}$/.test(amount) || (kind !== 'A' && kind !== 'C')) sure = sure && kind === 'N';
        else sum += (kind === 'A' ? -1n : 1n) * BigInt(amount) * SCALE_CENTS;
      } else {
        const amount = scaled(view.element(2).trim());
        if (amount === undefined || matcher.path(matcher.at) !== '') sure = false;
        else sum += amount;
      }
    },
    end(issues) {
      if (declared === undefined || !sure || (lineCharges && charges)) return;
      const difference = declared.cents * SCALE_CENTS - sum;
      // Half a cent per line may be lost in rounding; a whole cent is allowed.
      if (difference <= SCALE_CENTS && difference >= -SCALE_CENTS) return;
      const message = 'TDS01 is not the sum of lines, allowances, charges and taxes';
      issues.push(issue('TOTAL_MISMATCH', message, declared.at));
    },
  };
}

const SCALE = 10n ** 8n;
const SCALE_CENTS = 10n ** 6n;

function scaled(text: string): bigint | undefined {
  const match = /^(-?)(\d{0,18})\.?(\d{0,8})$/.exec(text);
  if (match === null || `${match[2]}${match[3]}` === '') return undefined;
  const value = BigInt(`${match[2]}${(match[3] as string).padEnd(8, '0')}`);
  return match[1] === '-' ? -value : value;
}

function product(quantity: string, price: string): bigint | undefined {
  const left = scaled(quantity);
  const right = scaled(price);
  return left === undefined || right === undefined ? undefined : (left * right) / SCALE;
}

type Maker = (definition: Definition, argument: string) => CrossCheck;

/** Checks by the names that definitions use; the text after a colon is their argument. */
const MAKERS = new Map<string, Maker>([
  ['lines', (_definition, argument) => lineCount(...segmentAndPosition(argument))],
  ['stores', (_definition, argument) => storeQuantities(...segmentAndPosition(argument))],
  [
    'gtin',
    (_definition, argument) => lineGtins([segmentAndPositionText(argument)[0]], segmentAndPositionText(argument)[1]),
  ],
  ['sscc', ssccMarks],
  ['gln', partyGlns],
  ['hierarchy', hierarchy],
  ['total', invoiceTotal],
  ['control', controlTotals],
  ['dates', datesByFormat],
  ['gln-nad', edifactGlns],
  ['gtin-lin', edifactGtins],
  ['sscc-gin', packageSsccs],
]);

/** Names of the checks that a definition may ask for. */
export const CHECK_NAMES: ReadonlySet<string> = new Set(MAKERS.keys());

function segmentAndPositionText(argument: string): [string, number] {
  const [id, position] = argument.split('.');
  return [id ?? '', Number(position ?? 0)];
}

function segmentAndPosition(argument: string): [number, number] {
  const [id, position] = segmentAndPositionText(argument);
  return [packKey(id), position];
}

export function makeCrossChecks(definition: Definition): CrossCheck[] {
  return definition.checks.map((text) => {
    const [name, argument] = text.split(':');
    const make = MAKERS.get(name ?? '');
    if (make === undefined) throw new Error(`EDI definition: unknown check "${text}"`);
    return make(definition, argument ?? '');
  });
}
