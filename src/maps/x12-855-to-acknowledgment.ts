import type { PoAcknowledgment } from '../model/index.ts';
import { type EdiTerms, ediTermsOf, unitFromPartner } from './edi-terms.ts';
import { outcomeOf } from './line-outcomes.ts';
import { defineInboundMap, MapError } from './map.ts';
import { present } from './native-payload.ts';
import { all, first, type GuideLoop, text } from './x12-guide.ts';
import { descriptionOf, idsOf, listed, partyOf, priceOf, referencesOf } from './x12-reading.ts';

type Line = PoAcknowledgment['lines'][number];

/** BAK02. AD, AK and AT accept, with or without a word on the lines; RD and RJ refuse. */
const ACKNOWLEDGMENT_TYPES: Readonly<Record<string, PoAcknowledgment['type']>> = {
  AD: 'accept',
  AK: 'accept',
  AT: 'accept',
  AC: 'change',
  RD: 'reject',
  RJ: 'reject',
};

/** A supplier's answer to our purchase order, or ours as the buyer reads it. */
export const x12_855ToAcknowledgment = defineInboundMap<GuideLoop>({
  connector: 'x12',
  topic: '855',
  map(guide, context) {
    const terms = ediTermsOf(context.settings);
    const bak = first(guide, 'BAK');
    const poNumber = text(bak, 'poNumber');
    const type = ACKNOWLEDGMENT_TYPES[text(bak, 'acknowledgmentType') ?? ''];
    if (poNumber === undefined)
      throw new MapError('PO_NUMBER_MISSING', 'BAK03 names no purchase order', 'BAK/poNumber');
    if (type === undefined) {
      throw new MapError('PURPOSE_UNSUPPORTED', `BAK02 ${text(bak, 'acknowledgmentType')} has no meaning here`, 'BAK');
    }
    const currency = text(first(guide, 'CUR'), 'currency') ?? terms.currency;
    const value: PoAcknowledgment = present({
      partner: terms.partner,
      poNumber,
      release: text(bak, 'release'),
      type,
      date: text(bak, 'acknowledgmentDate') ?? text(bak, 'date'),
      orderDate: text(bak, 'date'),
      references: referencesOf(guide),
      parties: listed(all(guide, 'parties').slice(0, 20).map(partyOf)),
      lines: all(guide, 'lines').map((line, index) => lineOf(line, terms, currency, `lines/${index}`)),
    });
    return [{ kind: 'document', schema: 'po-acknowledgment', value }];
  },
});

function lineOf(line: GuideLoop, terms: EdiTerms, currency: string, path: string): Line {
  const po1 = first(line, 'PO1');
  const quantity = text(po1, 'quantity');
  const unit = text(po1, 'unit');
  const uom = unit === undefined ? undefined : unitFromPartner(terms, unit);
  return present({
    lineNo: text(po1, 'lineNumber'),
    ...idsOf(po1),
    description: descriptionOf(line),
    ordered: quantity === undefined || uom === undefined ? undefined : { value: quantity, uom },
    price: uom === undefined ? undefined : priceOf(po1, uom, currency, path),
    outcomes: all(line, 'acknowledgments').flatMap((loop) => {
      const ack = first(loop, 'ACK');
      const value = text(ack, 'quantity') ?? quantity;
      if (value === undefined || !/[1-9]/.test(value)) return [];
      const status = outcomeOf(text(ack, 'status'), terms, 'x12', `${path}/acknowledgments`);
      const ackUnit = text(ack, 'unit');
      const ackUom = ackUnit === undefined ? uom : unitFromPartner(terms, ackUnit);
      if (ackUom === undefined) throw new MapError('QUANTITY_MISSING', `${path} has a quantity without a unit`, path);
      return [
        present({
          status,
          quantity: { value, uom: ackUom },
          date: text(ack, 'date'),
          substitute: status === 'substituted' ? idsOf(ack).vendorItem : undefined,
        }),
      ];
    }),
  });
}
