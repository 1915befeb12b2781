import { at, defineFormMaps, each, fixed, one, record, required, type Draft, type Lens } from './lens.ts';
import { all } from './x12-guide.ts';

/** The set must name a party. */
const senderParty: Lens<never> = {
  read: () => undefined,
  write: () => undefined,
  prepare(node, { terms }) {
    node.parties = [{ N1: { entity: 'SF', name: terms.seller.name ?? 'SHIPPER' } }];
  },
};

/** The answer to a routing request: carrier and pick-up by shipment. */
export const x12_754RoutingInstruction = defineFormMaps({
  standard: 'x12',
  type: '754',
  schema: 'routing-instruction',
  fields: {
    purpose: fixed('BGN.purpose', '11'),
    requestNo: required(at('BGN.reference'), 'REQUEST_NUMBER_MISSING', 'number (BGN02)'),
    date: required(at('BGN.date'), 'DATE_MISSING', 'date (BGN03)'),
    buyer: senderParty,
    shipments: each(
      'shipments',
      record({
        scac: at('BLR.scac'),
        pickupOn: one('G62', {}, 'date', { dateQualifier: '10' }),
        orders: each('OID', at('poNumber')),
      }),
    ),
  },
  finish(body) {
    for (const [index, shipment] of (all(body, 'shipments') as Draft[]).entries())
      shipment.LX = { number: String(index + 1) };
  },
});
