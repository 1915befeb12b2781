import { at, coded, defineFormMaps, required } from './lens.ts';

/** B104. */
const ANSWERS = { A: 'accepted', D: 'declined' } as const;

/** The carrier's answer to a load tender. */
export const x12_990TenderResponse = defineFormMaps({
  standard: 'x12',
  type: '990',
  schema: 'tender-response',
  fields: {
    scac: required(at('B1.scac'), 'CARRIER_MISSING', 'carrier (B101)'),
    shipmentNo: required(at('B1.shipmentId'), 'SHIPMENT_MISSING', 'shipment (B102)'),
    date: at('B1.date'),
    answer: required(coded(at('B1.reservation'), ANSWERS, 'B104'), 'CODE_UNKNOWN', 'answer (B104)'),
  },
});
