import { at, coded, defineFormMaps, each, fixed, one, orElse, record, required, within, type Lens } from './lens.ts';

/** B2A01. */
const PURPOSES = { '00': 'original', '01': 'cancel', '04': 'change', '05': 'change' } as const;
/** S502. */
const STOPS = { LD: 'pickup', CL: 'pickup', PL: 'pickup', UL: 'delivery', CU: 'delivery', PU: 'delivery' } as const;

/** N1 of a stop: ST, whatever happens there. */
const stopParty: Lens<{ name?: string; code?: string; qualifier?: string }> = within(
  'party',
  record({ kind: fixed('N1.entity', 'ST'), name: at('N1.name'), code: at('N1.id'), qualifier: at('N1.idQualifier') }),
);

/** Load tender: a load with its stops, offered to a carrier. */
export const x12_204Tender = defineFormMaps({
  standard: 'x12',
  type: '204',
  schema: 'load-tender',
  fields: {
    scac: at('B2.scac'),
    shipmentNo: required(at('B2.shipmentId'), 'SHIPMENT_MISSING', 'shipment (B204)'),
    payer: orElse(at('B2.paymentMethod'), 'PP'),
    purpose: required(coded(at('B2A.purpose'), PURPOSES, 'B2A01'), 'PURPOSE_UNSUPPORTED', 'purpose (B2A01)'),
    stops: each(
      'stops',
      record({
        stopNo: at('S5.stopNumber'),
        kind: required(coded(at('S5.stopReason'), STOPS, 'S502'), 'CODE_UNKNOWN', 'reason of a stop (S502)'),
        on: one('G62', {}, 'date', { dateQualifier: '10' }),
        place: stopParty,
        orders: each('orders', at('OID.poNumber')),
      }),
    ),
  },
});
