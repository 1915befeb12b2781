import type { ShipmentPackage, ShipmentReport } from '../model/index.ts';
import { type EdiTerms, ediTermsOf, unitFromPartner } from './edi-terms.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { gramsOf, ssccFrom } from './shipped-goods.ts';
import { all, first, type GuideLoop, qualified, text } from './x12-guide.ts';

type Content = ShipmentPackage['contents'][number];

/** W1201: complete, partial with or without the rest to come. Nothing shipped of a line is no content of a package. */
const SHIPPED = new Set(['CC', 'CL', 'CP', 'BP', 'PS', 'CS', 'IS']);
const NOT_SHIPPED = new Set(['CU', 'BO', 'DI', 'NS', 'OS']);

/**
 * Warehouse shipping advice: the shipment of one release (W0602), a package for each LX with its SSCC and tracking number.
 * The advice comes once per shipment, so that its date orders it well enough.
 */
export const x12_945ToShipment = defineInboundMap<GuideLoop>({
  connector: 'x12',
  topic: '945',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const w06 = first(guide, 'W06');
    const fulfillmentNo = text(w06, 'depositorOrder');
    const document = text(w06, 'shipmentId');
    const date = text(w06, 'date');
    if (fulfillmentNo === undefined || document === undefined || date === undefined)
      throw new MapError('SHIPMENT_MISSING', 'W06 names no depositor order, shipment or date', 'W06');
    const w27 = first(guide, 'W27');
    const packages = all(guide, 'loads').flatMap((load, index) => packageOf(load, index + 1, terms));
    if (packages.length === 0) throw new MapError('LINES_MISSING', 'The advice ships nothing', 'loads');
    const value: ShipmentReport = present({
      source: context.source,
      document,
      sequence: 0,
      fulfillmentNo,
      // W0603 is a date; the time of day is not told.
      shippedAt: `${date}T00:00:00.000Z`,
      carrier: text(w27, 'scac'),
      service: text(w27, 'routing'),
      proNo: qualified(guide, 'N9', 'referenceQualifier', ['CN'], 'reference'),
      bol: qualified(guide, 'N9', 'referenceQualifier', ['BM'], 'reference'),
      packages,
    });
    return [{ kind: 'shipment', value }];
  },
});

function packageOf(load: GuideLoop, packageNo: number, terms: EdiTerms): ShipmentPackage[] {
  const contents = all(load, 'lines').flatMap((line) => contentOf(line, terms));
  if (contents.length === 0) return [];
  const marks = (code: string): string | undefined => qualified(load, 'MAN', 'marksQualifier', [code], 'marks');
  const [w12] = all(load, 'lines').map((line) => first(line, 'W12'));
  return [
    present({
      packageNo,
      sscc: ssccFrom(marks('GM')),
      tracking: marks('CP') ?? marks('SM'),
      weightGrams: gramsOf(
        text(w12, 'weight'),
        text(w12, 'weightUnit') === 'L' ? 'LB' : text(w12, 'weightUnit') === 'K' ? 'KG' : undefined,
      ),
      contents,
    }),
  ];
}

function contentOf(line: GuideLoop, terms: EdiTerms): Content[] {
  const w12 = first(line, 'W12');
  const status = text(w12, 'status') ?? '';
  if (NOT_SHIPPED.has(status)) return [];
  if (!SHIPPED.has(status)) throw new MapError('CODE_UNKNOWN', `W1201 ${status} has no meaning here`, 'loads');
  const value = text(w12, 'shippedQuantity');
  const unit = text(w12, 'unit');
  const lineNo = qualified(line, 'N9', 'referenceQualifier', ['LI'], 'reference');
  const sku = all(w12, 'ids').map((pair) => text(pair, 'id'))[0] ?? text(w12, 'upcCase');
  if (value === undefined || unit === undefined)
    throw new MapError('QUANTITY_MISSING', 'W12 has no shipped quantity with a unit', 'loads');
  if (lineNo === undefined || !/^\d{1,6}$/.test(lineNo) || sku === undefined)
    throw new MapError('LINE_UNKNOWN', 'W12 names no item or, by N9*LI, no line of the 940', 'loads');
  if (value.startsWith('-')) throw new MapError('QUANTITY_INVALID', `W1203 ${value} is less than zero`, 'loads');
  if (!/[1-9]/.test(value)) return [];
  const serials = all(line, 'N9').flatMap((n9) =>
    text(n9, 'referenceQualifier') === 'SE' ? (text(n9, 'reference') ?? []) : [],
  );
  return [
    present({
      lineNo: Number(lineNo),
      sku,
      quantity: value,
      uom: unitFromPartner(terms, unit),
      lot: text(w12, 'lot') ?? qualified(line, 'N9', 'referenceQualifier', ['LT'], 'reference'),
      serials: serials.length === 0 ? undefined : serials,
    }),
  ];
}
