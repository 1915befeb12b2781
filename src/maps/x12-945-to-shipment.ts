import {
  addDecimals,
  compareDecimals,
  type FulfillmentFact,
  isPositiveDecimal,
  maxDecimal,
  type ShipmentPackage,
  type ShipmentReport,
  subtractDecimals,
} from '../model/index.ts';
import { type EdiTerms, ediTermsOf, unitFromPartner } from './edi-terms.ts';
import { defineInboundMap, type InboundContext, type InboundResult, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { gramsOf, ssccFrom } from './shipped-goods.ts';
import { all, first, type GuideLoop, qualified, text } from './x12-guide.ts';
import { instantOf } from './x12-instant.ts';

type Content = ShipmentPackage['contents'][number];

/**
 * W1201: what becomes of the part of a line that does not ship with this advice. `open`: it is still to come from this
 * warehouse; `done`: there is none. What ships is what W1203 says, whatever the code.
 */
const REST_OF: Readonly<Record<string, 'done' | 'open' | 'short' | 'cancelled'>> = {
  CC: 'done',
  CL: 'done',
  CM: 'done',
  BP: 'open',
  PR: 'open',
  PS: 'open',
  BO: 'open',
  NS: 'open',
  CP: 'short',
  DI: 'short',
  OS: 'short',
  CU: 'cancelled',
  IC: 'cancelled',
};
/** Another item than the one ordered: nobody but a person can say whether the buyer takes it, and from which stock it went. */
const SUBSTITUTED = new Set(['CS', 'IS']);

/**
 * Warehouse shipping advice about one release (W0602): the shipment, a package for each LX with its SSCC and tracking
 * number, and what the warehouse will not ship of the lines. The latter are facts of the release as a whole, so that several
 * advices about it, in whatever order, come to one state.
 */
export const x12_945ToShipment = defineInboundMap<GuideLoop>({
  connector: 'x12',
  topic: '945',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const w06 = first(guide, 'W06');
    const fulfillmentNo = text(w06, 'depositorOrder');
    const date = text(w06, 'date');
    if (fulfillmentNo === undefined || date === undefined)
      throw new MapError('SHIPMENT_MISSING', 'W06 names no depositor order or date', 'W06');
    const loads = all(guide, 'loads');
    const lines = loads.flatMap((load) => all(load, 'lines').map((line) => lineOf(line, terms)));
    if (lines.length === 0) throw new MapError('LINES_MISSING', 'The advice has no lines', 'loads');
    const shippedAt = shippedInstant(guide, date, terms, context);
    const packages = loads.flatMap((load, index) => packageOf(load, index + 1, terms, context));
    const bol = qualified(guide, 'N9', 'referenceQualifier', ['BM'], 'reference');
    const document = text(w06, 'shipmentId') ?? text(w06, 'agentShipment') ?? bol;
    const results: InboundResult[] = [];
    if (packages.length > 0) {
      if (document === undefined)
        throw new MapError('SHIPMENT_MISSING', 'W06 names no shipment, and no N9*BM a bill of lading', 'W06');
      const w27 = first(guide, 'W27');
      const value: ShipmentReport = present({
        source: context.source,
        // A warehouse may give one number to all that leaves together, and advises of each release by itself.
        document: `${document} ${fulfillmentNo}`,
        sequence: 0,
        fulfillmentNo,
        shippedAt: shippedAt.believed,
        carrier: text(w27, 'scac'),
        service: text(w27, 'routing'),
        proNo: qualified(guide, 'N9', 'referenceQualifier', ['CN'], 'reference'),
        bol,
        packages,
      });
      results.push({ kind: 'shipment', value });
    }
    const common = {
      source: context.source,
      document: fulfillmentNo,
      fulfillmentNo,
      sequence: sequenceOf(shippedAt.told, document ?? ''),
      occurredAt: shippedAt.believed,
    };
    const facts = restOf(lines).map((rest): FulfillmentFact => ({ ...common, ...rest }));
    if (facts.length > 0) results.push({ kind: 'facts', value: facts });
    return results;
  },
});

/** `told` is the same whenever the advice is read; `believed` takes a day without a time of day for before it was sent. */
function shippedInstant(
  guide: GuideLoop,
  date: string,
  { timeZone }: EdiTerms,
  { receivedAt, writtenAt = receivedAt }: InboundContext,
): { told: string; believed: string } {
  const g62 = all(guide, 'G62').find(
    (each) => text(each, 'dateQualifier') === '11' && text(each, 'time') !== undefined,
  );
  const time = text(g62, 'time');
  if (time !== undefined) {
    const told = instantOf(text(g62, 'date') ?? date, time, text(g62, 'timeZone'), timeZone);
    return { told, believed: told };
  }
  // Noon is the same day for almost everybody who is told of it.
  const told = instantOf(date, '12:00', undefined, timeZone);
  // As late as it can be: a report of the stock that was made before is then not taken to know of it. But not so late that
  // it is the next day three zones east, where the buyer is told of the day.
  const written = new Date(writtenAt).toISOString();
  if (written < instantOf(date, '00:00', undefined, timeZone)) return { told, believed: told };
  const latest = instantOf(date, '18:00', undefined, timeZone);
  return { told, believed: written < latest ? written : latest };
}

/** By time; two advices of one instant are told apart by their numbers, so that their order does not depend on the post. */
function sequenceOf(instant: string, document: string): number {
  let hash = 0;
  for (const character of document) hash = (hash * 31 + character.charCodeAt(0)) % 997;
  return Math.floor(Date.parse(instant) / 1000) * 1000 + hash;
}

interface Line {
  lineNo: number;
  code: string;
  ordered?: string;
  shipped: string;
  /** W1204, not negative. */
  difference?: string;
  uom?: string;
}

function lineOf(loop: GuideLoop, terms: EdiTerms): Line {
  const w12 = first(loop, 'W12');
  const code = text(w12, 'status') ?? '';
  const lineNo = qualified(loop, 'N9', 'referenceQualifier', ['LI'], 'reference');
  if (lineNo === undefined || !/^\d{1,6}$/.test(lineNo))
    throw new MapError('LINE_UNKNOWN', 'W12 names, by N9*LI, no line of the 940', 'loads');
  if (SUBSTITUTED.has(code)) {
    throw new MapError(
      'SUBSTITUTED',
      `Line ${lineNo} was shipped as another item (W1201 ${code}): whether the buyer takes it is for a person to decide`,
      'loads',
    );
  }
  if (REST_OF[code] === undefined) throw new MapError('CODE_UNKNOWN', `W1201 ${code} has no meaning here`, 'loads');
  const shipped = text(w12, 'shippedQuantity');
  const unit = text(w12, 'unit');
  if (shipped?.startsWith('-') === true)
    throw new MapError('QUANTITY_INVALID', `W1203 ${shipped} is less than zero`, 'loads');
  return present({
    lineNo: Number(lineNo),
    code,
    ordered: text(w12, 'quantity'),
    shipped: shipped ?? '0',
    difference: text(w12, 'quantityDifference')?.replace(/^-/, ''),
    uom: unit === undefined ? undefined : unitFromPartner(terms, unit),
  });
}

/**
 * What will not come of each line, under the code that says so. Cartons repeat what was ordered of a line, or each tell their
 * own part of it: where all name the same quantity and together hold no more, it is the line's.
 */
function restOf(lines: readonly Line[]): Pick<FulfillmentFact, 'lineNo' | 'kind' | 'quantity' | 'uom' | 'reason'>[] {
  return [...Map.groupBy(lines, (line) => line.lineNo)].flatMap(([lineNo, own]) => {
    const last =
      own.findLast(({ code }) => REST_OF[code] === 'cancelled') ??
      own.findLast(({ code }) => REST_OF[code] === 'short');
    if (last === undefined) return [];
    const { code, uom } = last;
    if (uom === undefined || own.some((line) => line.uom !== undefined && line.uom !== uom))
      throw new MapError('QUANTITY_MISSING', `Line ${lineNo} has no one unit in which W12 counts`, 'loads');
    const shipped = addDecimals('0', ...own.map((line) => line.shipped));
    const [ordered] = own.map((line) => line.ordered);
    const isOfLine =
      ordered !== undefined &&
      own.every((line) => line.ordered !== undefined && compareDecimals(line.ordered, ordered) === 0) &&
      compareDecimals(shipped, ordered) <= 0;
    const quantity = isOfLine ? subtractDecimals(ordered, shipped) : addDecimals('0', ...own.map(missingOf));
    if (!isPositiveDecimal(quantity)) return [];
    return [{ lineNo, kind: REST_OF[code] as 'short' | 'cancelled', quantity, uom, reason: `W1201 ${code}` }];
  });
}

function missingOf({ lineNo, code, ordered, shipped, difference }: Line): string {
  if (ordered !== undefined) return maxDecimal('0', subtractDecimals(ordered, shipped));
  if (difference !== undefined) return difference;
  if (REST_OF[code] === 'done') return '0';
  throw new MapError('QUANTITY_MISSING', `W12 of line ${lineNo} tells neither what was ordered nor what is missing`);
}

function packageOf(load: GuideLoop, packageNo: number, terms: EdiTerms, context: InboundContext): ShipmentPackage[] {
  const contents = all(load, 'lines').flatMap((line) => contentOf(line, terms, context));
  if (contents.length === 0) return [];
  const marks = (code: string): string | undefined => qualified(load, 'MAN', 'marksQualifier', [code], 'marks');
  const [w12] = all(load, 'lines').map((line) => first(line, 'W12'));
  return [
    present({
      packageNo,
      sscc: ssccFrom(marks('GM')),
      tracking: marks('CP') ?? marks('SM') ?? qualified(load, 'N9', 'referenceQualifier', ['2I', 'CN'], 'reference'),
      weightGrams: gramsOf(
        text(w12, 'weight'),
        text(w12, 'weightUnit') === 'L' ? 'LB' : text(w12, 'weightUnit') === 'K' ? 'KG' : undefined,
      ),
      contents,
    }),
  ];
}

function contentOf(loop: GuideLoop, terms: EdiTerms, context: InboundContext): Content[] {
  const w12 = first(loop, 'W12');
  const { lineNo, shipped, uom } = lineOf(loop, terms);
  if (!isPositiveDecimal(shipped)) return [];
  const sku = itemOf(w12, terms);
  if (uom === undefined) throw new MapError('QUANTITY_MISSING', 'W12 has no shipped quantity with a unit', 'loads');
  if (sku === undefined) throw new MapError('LINE_UNKNOWN', `W12 names no item for line ${lineNo}`, 'loads');
  const serials = all(loop, 'N9').flatMap((n9) =>
    text(n9, 'referenceQualifier') === 'SE' ? (text(n9, 'reference') ?? []) : [],
  );
  return [
    present({
      lineNo,
      sku: context.lookup('item', sku) ?? sku,
      quantity: shipped,
      uom,
      lot: text(w12, 'lot') ?? qualified(loop, 'N9', 'referenceQualifier', ['LT'], 'reference'),
      serials: serials.length === 0 ? undefined : serials,
    }),
  ];
}

/** Under the qualifier by which our 940 names items, else under whichever comes first. */
function itemOf(w12: GuideLoop | undefined, { itemQualifiers }: EdiTerms): string | undefined {
  const pairs = [
    ...all(w12, 'ids').map((pair) => ({ qualifier: text(pair, 'qualifier'), id: text(pair, 'id') })),
    { qualifier: text(w12, 'qualifier2'), id: text(w12, 'id2') },
    { qualifier: text(w12, 'qualifier3'), id: text(w12, 'id3') },
  ].filter(({ id }) => id !== undefined);
  const ours = pairs.find(({ qualifier }) => qualifier === itemQualifiers.vendor);
  return (ours ?? pairs[0])?.id ?? text(w12, 'upcCase');
}
