import type { AdvanceShipNotice } from '../model/index.ts';
import {
  all,
  composite,
  counted,
  dated,
  documentNumber,
  first,
  type GuideLoop,
  part,
  referenced,
  referenceSegments,
  text,
} from './edifact-guide.ts';
import { descriptionOf, idsOf, partiesOf, quantityOf } from './edifact-reading.ts';
import { type EdiTerms, ediTermsOf } from './edi-terms.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { gramsOf, ssccFrom } from './shipped-goods.ts';
import { listed } from './x12-reading.ts';

type Package = AdvanceShipNotice['packages'][number];
type Content = Package['contents'][number];

/** DESADV: the packages of its CPS tree with what is in them, as an 856 of the same shipment gives them. */
export const edifactDesadvToShipNotice = defineInboundMap<GuideLoop>({
  connector: 'edifact',
  topic: 'DESADV',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const shipmentNo = documentNumber(guide);
    const date = dated(guide, '137');
    if (shipmentNo === undefined || date === undefined)
      throw new MapError('SHIPMENT_MISSING', 'The advice has no number (BGM 1004) or no date (DTM 137)', 'BGM');
    const orderNo = referenced(guide, 'ON');
    const packages = packagesOf(guide, orderNo, terms);
    const tdt = first(all(guide, 'transports')[0], 'TDT');
    const weight = composite(all(guide, 'MEA')[0], 'value');
    const value: AdvanceShipNotice = present({
      partner: terms.partner,
      shipmentNo,
      date,
      shippedOn: dated(guide, '11'),
      expectedOn: dated(guide, '17', '2', '132'),
      scac: part(tdt, 'carrier', 'agency') === '182' ? part(tdt, 'carrier', 'carrier') : undefined,
      carrierName: part(tdt, 'carrier', 'carrierName'),
      bol: referenced(guide, 'BM'),
      proNo: referenced(guide, 'CN'),
      packageCount: countOf(guide),
      weightGrams: gramsOf(text(weight, 'value'), text(weight, 'unit')),
      poNumbers: [...new Set(packages.flatMap((pack) => pack.contents.flatMap((content) => content.poNumber ?? [])))],
      parties: listed(partiesOf(guide)),
      packages,
    });
    return [{ kind: 'document', schema: 'advance-ship-notice', value }];
  },
});

/** PAC of the whole (CPS without a parent). */
function countOf(guide: GuideLoop): number | undefined {
  const root = all(guide, 'packing').find((loop) => text(first(loop, 'CPS'), 'parentId') === undefined);
  const counts = all(root, 'packages').flatMap((pack) => text(first(pack, 'PAC'), 'packages') ?? []);
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + Number(count), 0);
}

function packagesOf(guide: GuideLoop, orderNo: string | undefined, terms: EdiTerms): Package[] {
  const groups = all(guide, 'packing');
  const byId = new Map(groups.map((group) => [text(first(group, 'CPS'), 'id') ?? '', group]));
  return groups.flatMap((group, index): Package[] => {
    const contents = all(group, 'lines').map((line) => contentOf(line, orderNo, terms, `packing/${index}`));
    if (contents.length === 0) return [];
    const parent = byId.get(text(first(group, 'CPS'), 'parentId') ?? '');
    return [
      present({ ...marksOf(group), parentSscc: parent === undefined ? undefined : marksOf(parent).sscc, contents }),
    ];
  });
}

/** GIN BJ (SSCC; AW is D.01B's serial shipping container code of older guides) and RFF CN of the markings. */
function marksOf(group: GuideLoop): { sscc?: string; tracking?: string } {
  const markings = all(group, 'packages').flatMap((pack) => all(pack, 'markings'));
  const numbers = markings.flatMap((marking) => all(marking, 'numbers').flatMap((loop) => all(loop, 'GIN')));
  const sscc = numbers.find((gin) => ['BJ', 'AW'].includes(text(gin, 'qualifier') ?? ''));
  const tracking = markings.flatMap((marking) => {
    const rff = first(marking, 'RFF');
    return part(rff, 'reference', 'qualifier') === 'CN' ? (part(rff, 'reference', 'number') ?? []) : [];
  })[0];
  return present({ sscc: ssccFrom(part(sscc, 'range', 'number')), tracking });
}

function contentOf(line: GuideLoop, orderNo: string | undefined, terms: EdiTerms, path: string): Content {
  const quantity = quantityOf(line, terms, path, '12', '46');
  if (quantity === undefined) {
    throw new MapError(
      'QUANTITY_MISSING',
      `A line has no despatched quantity (QTY 12)${counted(line, '21') ? ', only what was ordered' : ''}`,
      path,
    );
  }
  const order = referenceSegments(line).find(({ rff }) => part(rff, 'reference', 'qualifier') === 'ON')?.rff;
  const numbersOf = (qualifier: string): string[] =>
    all(line, 'GIN').flatMap((gin) =>
      text(gin, 'qualifier') === qualifier
        ? ['range', 'range2', 'range3', 'range4', 'range5'].flatMap((name) => part(gin, name, 'number') ?? [])
        : [],
    );
  return present({
    poNumber: part(order, 'reference', 'number') ?? orderNo,
    lineNo: part(order, 'reference', 'line') ?? text(first(line, 'LIN'), 'lineNumber'),
    ...idsOf(line),
    description: descriptionOf(line),
    quantity,
    lot: numbersOf('BX')[0],
    expiry: dated(line, '361', '36'),
    serials: listed(numbersOf('BN')),
  });
}
