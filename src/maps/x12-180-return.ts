import type { ItemReference } from '../model/index.ts';
import { at, coded, defineFormMaps, each, one, record, required, setPath, type Draft, type Lens } from './lens.ts';
import { quantity, x12Item, x12Price } from './lens-values.ts';
import { all, text } from './x12-guide.ts';

/** BLI01 and BLI02 name the item, further numbers follow from BLI08 on. */
const returnedItem: Lens<ItemReference> = {
  read: (node, context) =>
    x12Item('ids').read({ ids: [all(node, 'BLI')[0], ...all(all(node, 'BLI')[0], 'moreIds')] }, context),
  write(item, node, context) {
    const written: Draft = {};
    x12Item('ids').write(item, written, context);
    const [main, ...more] = all(written, 'ids');
    setPath(node, 'BLI.qualifier', text(main, 'qualifier'));
    setPath(node, 'BLI.id', text(main, 'id'));
    if (more.length > 0) setPath(node, 'BLI.moreIds', more);
  },
};

/** BGN01. */
const PURPOSES = { '13': 'request', '11': 'authorisation', '00': 'notification' } as const;

/** Return of goods: asked for, allowed, or announced. */
export const x12_180Return = defineFormMaps({
  standard: 'x12',
  type: '180',
  schema: 'return-request',
  fields: {
    purpose: required(coded(at('BGN.purpose'), PURPOSES, 'BGN01'), 'PURPOSE_UNSUPPORTED', 'purpose (BGN01)'),
    returnNo: required(at('BGN.reference'), 'RETURN_NUMBER_MISSING', 'number (BGN02)'),
    date: required(at('BGN.date'), 'DATE_MISSING', 'date (BGN03)'),
    poNumber: at('PRF.poNumber'),
    rmaNo: one('N9', { referenceQualifier: 'RZ' }, 'reference'),
    lines: each(
      'lines',
      record({
        item: returnedItem,
        quantity: required(quantity(at('BLI.quantity'), at('BLI.unit')), 'QUANTITY_MISSING', 'quantity (BLI03)'),
        price: x12Price(at('BLI.unitPrice'), at('BLI.unit'), at('BLI.priceBasis')),
        reason: at('RDR.returnReason'),
      }),
    ),
  },
});
