import { type GuideLoop, part, referenceSegments } from './edifact-guide.ts';
import { at, coded, defineFormMaps, fixed, required, setPath, within, type Draft, type Lens } from './lens.ts';
import { bgmNumber, dtm, edifactParty } from './lens-values.ts';
import { MapError } from './map.ts';
import { all } from './x12-guide.ts';

interface Stop {
  stopNo?: string;
  kind: 'pickup' | 'delivery';
  place?: { name?: string; code?: string; qualifier?: string };
  on?: string;
  orders?: string[];
}

/** CZ consignor and CN consignee with DTM 200 (pick-up) and 2 (delivery); RFF ON names the orders of the delivery. */
const stopsLens: Lens<Stop[]> = {
  read(node, context) {
    const stops: Stop[] = [];
    for (const [kind, role, date] of ENDS) {
      const place = edifactParty(role).read(node, context);
      const on = dtm(date).read(node, context);
      if (place === undefined && on === undefined) continue;
      const stop: Stop = { stopNo: String(stops.length + 1), kind };
      if (place !== undefined) stop.place = place;
      if (on !== undefined) stop.on = on;
      const orders = kind === 'delivery' ? ordersOf(node) : [];
      if (orders.length > 0) stop.orders = orders;
      stops.push(stop);
    }
    return stops.length === 0 ? undefined : stops;
  },
  write(stops, node, context) {
    if (stops.length > 2) throw new MapError('STOPS_TOO_MANY', 'An IFTMIN has one place to pick up and one to deliver');
    for (const [kind, role, date] of ENDS) {
      const stop = stops.find((each) => each.kind === kind);
      if (stop?.place !== undefined) edifactParty(role).write(stop.place, node, context);
      if (stop?.on !== undefined) dtm(date).write(stop.on, node, context);
      for (const order of stop?.orders ?? []) {
        node.references ??= [];
        (node.references as Draft[]).push({ RFF: { reference: { qualifier: 'ON', number: order } } });
      }
    }
  },
};

const ENDS = [
  ['pickup', 'CZ', '200'],
  ['delivery', 'CN', '2'],
] as const;

function ordersOf(node: GuideLoop): string[] {
  return referenceSegments(node).flatMap(({ rff: found }) =>
    part(found, 'reference', 'qualifier') === 'ON' ? (part(found, 'reference', 'number') ?? []) : [],
  );
}

/** BGM 1225. */
const PURPOSES = { '9': 'original', '1': 'cancel', '4': 'change', '5': 'change' } as const;

/** TDT 20: main carriage; 182: the carrier by its alpha code. */
const stage: Lens<never> = {
  read: () => undefined,
  write: () => undefined,
  prepare(node) {
    for (const transport of all(node, 'transports') as Draft[]) {
      setPath(transport, 'TDT.stage', '20');
      setPath(transport, 'TDT.carrier.agency', '182');
    }
  },
};

/** Transport instruction: the load of a 204, its first place to pick up and its last to deliver. */
export const edifactIftminTender = defineFormMaps({
  standard: 'edifact',
  type: 'IFTMIN',
  schema: 'load-tender',
  fields: {
    kind: fixed('BGM.document.documentCode', '340'),
    shipmentNo: required(bgmNumber, 'SHIPMENT_MISSING', 'number (BGM 1004)'),
    purpose: required(coded(at('BGM.function'), PURPOSES, 'BGM 1225'), 'PURPOSE_UNSUPPORTED', 'purpose (BGM 1225)'),
    scac: within('transports', at('TDT.carrier.carrier')),
    stage: stage,
    payer: within('deliveryTerms', at('TOD.payment')),
    stops: stopsLens,
  },
});
