import { at, defineFormMaps, each, fixed, record, required } from './lens.ts';
import { x12Party } from './lens-values.ts';

/** Goods that are ready, by destination and order. */
export const x12_753RoutingRequest = defineFormMaps({
  standard: 'x12',
  type: '753',
  schema: 'routing-request',
  fields: {
    purpose: fixed('BGN.purpose', '00'),
    requestNo: required(at('BGN.reference'), 'REQUEST_NUMBER_MISSING', 'number (BGN02)'),
    date: required(at('BGN.date'), 'DATE_MISSING', 'date (BGN03)'),
    shipFrom: x12Party('SF'),
    loads: fixed('LX.number', '1'),
    destinations: each(
      'destinations',
      record({
        kind: fixed('N1.entity', 'ST'),
        place: record({ name: at('N1.name'), code: at('N1.id'), qualifier: at('N1.idQualifier') }),
        orders: each('orders', at('OID.poNumber')),
      }),
    ),
  },
});
