import { addDecimals, isPositiveDecimal, type PoAcknowledgment, subtractDecimals } from '../model/index.ts';
import {
  all,
  composite,
  dated,
  first,
  type GuideLoop,
  referenced,
  referenceSegments,
  part,
  text,
} from './edifact-guide.ts';
import { currencyOf, descriptionOf, idsOf, partiesOf, priceOf, quantityOf, referencesOf } from './edifact-reading.ts';
import { type EdiTerms, ediTermsOf } from './edi-terms.ts';
import { outcomeOf } from './line-outcomes.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { listed } from './x12-reading.ts';

type Line = PoAcknowledgment['lines'][number];
type Outcome = Line['outcomes'][number];

/** BGM 1225. */
const RESPONSE_TYPES: Readonly<Record<string, PoAcknowledgment['type']>> = {
  '29': 'accept',
  '4': 'change',
  '28': 'change',
  '30': 'change',
  '34': 'change',
  '27': 'reject',
};

/** The answer to a purchase order: the very one that an 855 with the same content gives. */
export const edifactOrdrspToAcknowledgment = defineInboundMap<GuideLoop>({
  connector: 'edifact',
  topic: 'ORDRSP',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const poNumber = referenced(guide, 'ON');
    const code = text(first(guide, 'BGM'), 'function');
    const type = RESPONSE_TYPES[code ?? ''];
    if (poNumber === undefined) throw new MapError('PO_NUMBER_MISSING', 'RFF ON names no purchase order', 'references');
    if (type === undefined) throw new MapError('PURPOSE_UNSUPPORTED', `BGM 1225 ${code} has no meaning here`, 'BGM');
    const currency = currencyOf(guide, terms);
    const value: PoAcknowledgment = present({
      partner: terms.partner,
      poNumber,
      release: referenced(guide, 'RE'),
      type,
      date: dated(guide, '137'),
      orderDate: orderDateOf(guide),
      references: referencesOf(guide, ['ON', 'RE']),
      parties: listed(partiesOf(guide).slice(0, 20)),
      lines: linesOf(guide, terms, currency),
    });
    return [{ kind: 'document', schema: 'po-acknowledgment', value }];
  },
});

/** DTM 171 beside RFF ON. */
export function orderDateOf(guide: GuideLoop): string | undefined {
  const order = referenceSegments(guide).find(({ rff }) => part(rff, 'reference', 'qualifier') === 'ON');
  return dated(order?.loop, '171', '4', '137');
}

function linesOf(guide: GuideLoop, terms: EdiTerms, currency: string): Line[] {
  const loops = all(guide, 'lines');
  const isPart = (loop: GuideLoop): boolean => composite(first(loop, 'LIN'), 'subline') !== undefined;
  const parts = Map.groupBy(loops.filter(isPart), (loop) => part(first(loop, 'LIN'), 'subline', 'lineNumber'));
  return loops
    .filter((loop) => !isPart(loop))
    .map((loop, index) =>
      lineOf(loop, parts.get(text(first(loop, 'LIN'), 'lineNumber')) ?? [], terms, currency, `lines/${index}`),
    );
}

function lineOf(loop: GuideLoop, parts: readonly GuideLoop[], terms: EdiTerms, currency: string, path: string): Line {
  const lin = first(loop, 'LIN');
  const ordered = quantityOf(loop, terms, path, '21');
  return present({
    lineNo: text(lin, 'lineNumber'),
    ...idsOf(loop),
    description: descriptionOf(loop),
    ordered,
    price: ordered === undefined ? undefined : priceOf(loop, ordered.uom, terms, currency, path),
    outcomes: outcomesOf(loop, parts, terms, path),
  });
}

/** Accepted (QTY 113) and backordered (QTY 83), the parts, and what the line's code says about the rest. */
function outcomesOf(loop: GuideLoop, parts: readonly GuideLoop[], terms: EdiTerms, path: string): Outcome[] {
  const action = text(first(loop, 'LIN'), 'action');
  const ordered = quantityOf(loop, terms, path, '21');
  const accepted = quantityOf(loop, terms, path, '113');
  const backordered = quantityOf(loop, terms, path, '83');
  const told: Outcome[] = parts.map((each) => partOf(each, terms, path));
  const rest =
    ordered === undefined ? undefined : restOf(ordered, [accepted, backordered, ...told.map((one) => one.quantity)]);
  const whole = action === undefined ? 'accepted' : outcomeOf(action, terms, 'edifact', path);
  const outcomes: Outcome[] = [];
  if (rest !== undefined && whole === 'held') outcomes.push({ status: 'held', quantity: rest });
  const acceptedAll = whole === 'accepted' && accepted === undefined && backordered === undefined ? rest : undefined;
  const taken = accepted ?? acceptedAll;
  if (taken !== undefined) outcomes.push({ status: 'accepted', quantity: taken });
  if (backordered !== undefined)
    outcomes.push(present({ status: 'backordered', quantity: backordered, date: dated(loop, '79', '10', '69') }));
  outcomes.push(...told);
  if (rest !== undefined && acceptedAll === undefined && whole !== 'held')
    outcomes.push({ status: 'rejected', quantity: rest });
  return outcomes;
}

function partOf(loop: GuideLoop, terms: EdiTerms, path: string): Outcome {
  const status = outcomeOf(text(first(loop, 'LIN'), 'action'), terms, 'edifact', path);
  const quantity = quantityOf(loop, terms, path, '113', '21');
  if (quantity === undefined) throw new MapError('QUANTITY_MISSING', `${path} has a sub-line without a quantity`, path);
  return present({ status, quantity, substitute: status === 'substituted' ? idsOf(loop).vendorItem : undefined });
}

/** What of the ordered quantity nothing was said about; undefined where nothing is left or the units differ. */
function restOf(
  ordered: Outcome['quantity'],
  told: readonly (Outcome['quantity'] | undefined)[],
): Outcome['quantity'] | undefined {
  const known = told.filter((quantity) => quantity !== undefined);
  if (known.some((quantity) => quantity.uom !== ordered.uom)) return undefined;
  const value = subtractDecimals(ordered.value, addDecimals('0', ...known.map((quantity) => quantity.value)));
  return isPositiveDecimal(value) ? { value, uom: ordered.uom } : undefined;
}
